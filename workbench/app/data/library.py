"""Data that were prepared in this home before: chosen again, or removed."""

from __future__ import annotations

import time

import streamlit as st

from workbench import paths
from workbench.app.shared import data_choice, messages, session
from workbench.config import DataConfig
from workbench.data import estimate, library, uploads
from workbench.data.library import PreparedData
from workbench.errors import RequestError
from workbench.stored_runs import data_removal
from workbench.stored_runs.data_removal import Users

_MOST = 100


def choose(asked: DataConfig | None) -> str | None:
    """Draw the list; returns the source that the address names. A choice writes the address."""
    found = library.prepared_data(session.home())[:_MOST]
    if not found:
        st.info("Nothing has been prepared here yet. Choose a sample set, or bring your own.")
        return None
    using = data_removal.users(session.store())
    for one in found:
        _row(one, using.get(one.info.fingerprint, Users((), ())), asked)
    return asked.source if asked is not None else None


def _row(one: Kept, using: Users, asked: DataConfig | None) -> None:
    info = one.info
    what = "images" if info.modality == "image" else "texts"
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.made))
    runs = len(using.live) + len(using.ended)
    used = f"{runs} {'run' if runs == 1 else 'runs'}" if runs else "no run yet"
    with st.container(border=True):
        left, right = st.columns([3, 2], vertical_alignment="center")
        left.markdown(f"**{messages.words(info.title)}**, {info.total:,} {what}")
        left.caption(f"{_reading(one)} · {estimate.in_words(one.bytes)} · prepared {made} · {used}")
        with right.container(horizontal=True, horizontal_alignment="right"):
            _open(one, asked)
            _remove(one, using)


def _open(one: Kept, asked: DataConfig | None) -> None:
    unknown = one.config is None
    here = not unknown and asked == one.config
    why = (
        "How it was asked for was not kept: it was prepared for new samples of a run, or by an "
        "older workbench."
    )
    pressed = st.button(
        "Shown below" if here else "Look at it",
        key=f"open-{one.info.fingerprint}",
        disabled=unknown or here,
        help=why if unknown else None,
    )
    if pressed and one.config is not None:
        data_choice.into_query(st.query_params, one.config)
        st.rerun()


def _reading(one: Kept) -> str:
    """What tells two readings of one source apart."""
    info, config = one.info, one.config
    if info.size is not None:
        told = [f"{info.size[1]} x {info.size[0]} pixels"]
    else:
        told = [f"at most {info.length} tokens"]
    label = info.label
    told.append("no labels" if label is None else f"{len(label.classes)} classes of '{label.name}'")
    if config is not None and config.samples is not None:
        told.append(f"at most {config.samples:,} samples")
    return messages.words(", ".join(told))


def _remove(one: Kept, using: Users) -> None:
    viewer = session.viewer()
    may = viewer.local or viewer.admin
    fingerprint = one.info.fingerprint
    uploaded = uploads.folder_of(paths.uploads_dir(session.home()), one.info.source) is not None
    blocked = bool(using.live) or not may
    why = None
    if using.live:
        why = "A run that is queued or running needs it."
    elif not may:
        why = "Only whoever started the app may remove data."
    with st.popover("Remove", key=f"ask-{fingerprint}", disabled=blocked, help=why):
        if not may:
            return
        st.write(f"Remove '{messages.words(one.info.title)}' from this home?")
        if using.ended:
            ended = len(using.ended)
            st.write(
                f"{ended} ended {'run keeps its' if ended == 1 else 'runs keep their'} scores and "
                "maps, and can no longer show texts, labels or neighbours until it is prepared "
                "again."
            )
        files = uploaded and st.checkbox(
            "Remove the uploaded files, too", True, key=f"files-{fingerprint}"
        )
        if st.button("Remove it", key=f"remove-{fingerprint}", type="primary"):
            try:
                data_removal.remove_data(session.home(), fingerprint, files=bool(files))
            except RequestError as error:
                messages.tell(error)
            else:
                st.rerun()
