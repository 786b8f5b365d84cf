"""Data sets that were prepared in this home before: to choose again, or to remove."""

from __future__ import annotations

import time
from pathlib import Path

import streamlit as st

from workbench.app.shared import (
    current_data,
    data_choice,
    messages,
    own_uploads,
    session,
    source_access,
)
from workbench.config import DataConfig
from workbench.data import estimate, library
from workbench.data.library import PreparedData
from workbench.errors import RequestError
from workbench.stored_runs.removal import data_removal
from workbench.stored_runs.removal.data_removal import RunsOnData

_MOST = 100


def choose(current: DataConfig) -> str | None:
    """Draw the list; returns the source in the address. A choice is written into the address.

    current: the current data.
    """
    data_sets = [one for one in library.prepared_data(session.home()) if _may_open(one)][:_MOST]
    if not data_sets:
        st.info("Nothing has been prepared here yet. Choose a sample set, or bring your own.")
        return None
    users = data_removal.runs_on_data(session.store())
    for prepared in data_sets:
        _row(prepared, users.get(prepared.info.fingerprint, RunsOnData((), ())), current)
    return current.source


def _row(prepared: PreparedData, users: RunsOnData, current: DataConfig) -> None:
    info = prepared.info
    what = "images" if info.modality == "image" else "texts"
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(prepared.made))
    runs = len(users.live) + len(users.ended)
    used = f"{runs} {'run' if runs == 1 else 'runs'}" if runs else "no run yet"
    with st.container(border=True):
        left, right = st.columns([3, 2], vertical_alignment="center")
        left.markdown(f"**{messages.words(info.title)}**, {info.total:,} {what}")
        left.caption(
            f"{_reading(prepared)} · {estimate.in_words(prepared.bytes)} · prepared {made} · {used}"
        )
        with right.container(horizontal=True, horizontal_alignment="right"):
            _open_button(prepared, current)
            _remove_button(prepared, users)


def _may_open(prepared: PreparedData) -> bool:
    """Whether the viewer may use these data, and see their name."""
    if session.viewer().trusted:
        return True
    sources = {prepared.info.source}
    if prepared.config is not None:
        sources.add(prepared.config.source)
    return all(source_access.may_open(source) for source in sources)


def _open_button(prepared: PreparedData, current: DataConfig) -> None:
    unknown = prepared.config is None
    here = not unknown and current == prepared.config
    why = (
        "How it was asked for was not kept: it was prepared for new samples of a run, or by an "
        "older workbench."
    )
    pressed = st.button(
        "Shown below" if here else "Look at it",
        key=f"open-{prepared.key}",
        disabled=unknown or here,
        help=why if unknown else None,
    )
    if pressed and prepared.config is not None:
        data_choice.write_query(st.query_params, prepared.config)
        st.rerun()


def _reading(prepared: PreparedData) -> str:
    """How the source was read: two readings of one source differ in this."""
    info, config = prepared.info, prepared.config
    if info.size is not None:
        parts = [f"{info.size[1]} x {info.size[0]} pixels"]
    else:
        parts = [f"at most {info.length} tokens"]
    label = info.label
    parts.append(
        "no labels" if label is None else f"{len(label.classes)} classes of '{label.name}'"
    )
    if config is not None and config.samples is not None:
        parts.append(f"at most {config.samples:,} samples")
    return messages.words(", ".join(parts))


def _remove_button(prepared: PreparedData, users: RunsOnData) -> None:
    viewer = session.viewer()
    folder = source_access.upload_folder(prepared.info.source)
    may = viewer.trusted or folder is not None
    key = prepared.key
    blocked = bool(users.live) or not may
    why = None
    if users.live:
        why = "A run that is queued or running needs it."
    elif not may:
        why = "Only whoever started the app may remove data that all use."
    with st.popover("Remove", key=f"ask-{key}", disabled=blocked, help=why):
        if not may:
            return
        st.write(f"Remove '{messages.words(prepared.info.title)}' from this home?")
        if len(prepared.names) > 1 and viewer.trusted:
            names = messages.words(", ".join(f"'{name}'" for name in prepared.names))
            st.write(f"These have the same content and are removed together: {names}.")
        if users.ended:
            ended = len(users.ended)
            st.write(
                f"{ended} ended {'run keeps its' if ended == 1 else 'runs keep their'} scores and "
                "maps, and can no longer show texts, labels or neighbours until it is prepared "
                "again."
            )
        files = (
            folder is not None
            and viewer.trusted
            and st.checkbox("Remove the uploaded files, too", True, key=f"files-{key}")
        )
        if st.button("Remove it", key=f"remove-{key}", type="primary"):
            try:
                if viewer.trusted:
                    _remove(prepared, folder if files else None)
                else:
                    _give_up(prepared, folder)
            except RequestError as error:
                messages.show_error(error)
            else:
                current_data.forget(prepared.info.source)
                st.rerun()


def _remove(prepared: PreparedData, folder: Path | None) -> None:
    """Remove prepared data, and with a ``folder`` their upload unless others come from it."""
    data_removal.remove_data(session.home(), prepared.info.fingerprint, files=folder is not None)
    if folder is not None and not folder.exists():
        own_uploads.remove_files(folder.name)


def _give_up(prepared: PreparedData, folder: Path | None) -> None:
    """Remove the viewer's own upload. Where somebody else brought equal files, theirs stay."""
    if folder is None or not source_access.may_open(prepared.info.source):
        raise RequestError("these are not your data.", field="Remove", remedy="Reload the page.")
    if own_uploads.give_up(folder.name):
        _remove(prepared, folder)
