"""The folded part of the form: options of task, encoder, training and scores, augmentations."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from workbench import registry
from workbench.app.plain import plain
from workbench.app.pretrain import form_state
from workbench.app.pretrain.form_state import Draft
from workbench.app.shared import current_data, data_choice, option_form, session, source_access
from workbench.augment import link
from workbench.config import DataConfig, EvalOptions, TrainOptions
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError

_OWN = "own"
_COMPOSED = "composed"
_LEFT = "pretrain-left"
_ASIDE = "pretrain-aside"
_AUGMENTATIONS = "augmentations"


def show(
    given: Draft, data: DataConfig, info: DataInfo, tasks: Sequence[str], lost: list[str]
) -> Draft:
    """Draw the fields, beginning with ``given``; returns the draft as the user left it.

    lost: the names of options that cannot be parsed are appended to it.
    """
    options: Mapping[str, Any] = {}
    broken: str | None = None
    if len(tasks) == 1:
        task = registry.task(tasks[0])
        st.markdown(f"**{task.title}**")
        options = _options(task, given.options, f"task-{tasks[0]}", lost)
        broken = _broken(tasks[0], given.broken)
    elif given.options:
        st.caption("Options of a task are set where one task is chosen.")
    preset, augment = _augmentations(given, data, info)
    suiting = encoders(tasks)
    encoder = st.selectbox(
        "Encoder",
        [None, *suiting],
        index=suiting.index(given.encoder) + 1 if given.encoder in suiting else 0,
        format_func=lambda name: "one that suits" if name is None else registry.encoder(name).title,
        key=f"encoder-{'-'.join(tasks)}",
    )
    encoder_options: Mapping[str, Any] = {}
    if encoder is not None:
        begin = given.encoder_options if encoder == given.encoder else {}
        kind = registry.encoder(encoder)
        encoder_options = _options(kind, begin, f"encoder-{encoder}", lost)
    st.markdown("**Training and scores**")
    return dataclasses.replace(
        given,
        options=options,
        broken=broken,
        preset=preset,
        augment=augment,
        encoder=encoder,
        encoder_options=encoder_options,
        train=_options(TrainOptions, given.train, "train", lost),
        eval=_options(EvalOptions, given.eval, "eval", lost),
        seed=int(st.number_input("First seed", 0, 2**31 - 1, given.seed, key="seed")),
    )


def _options(kind: type, given: Mapping[str, Any], key: str, lost: list[str]) -> dict[str, Any]:
    values, unparsed = form_state.parsed(kind, given)
    lost += unparsed
    return option_form.option_form(kind, values, key=key)


def _broken(task: str, given: str | None) -> str | None:
    """The chosen preset that breaks the task, None without one."""
    presets = {name: p for name, p in registry.broken().items() if p.task == task}
    if not presets:
        return None
    names = list(presets)
    chosen = st.selectbox(
        "Break it on purpose",
        [None, *names],
        index=names.index(given) + 1 if given in names else 0,
        format_func=lambda name: "no" if name is None else presets[name].title,
        help="See what a run looks like that goes wrong, and whether the collapse check says so.",
        key=f"broken-{task}",
    )
    if chosen is not None:
        st.caption(presets[chosen].summary)
    return chosen


def _augmentations(given: Draft, data: DataConfig, info: DataInfo) -> tuple[str | None, str | None]:
    """The name of a preset, and the text of a composed list; both None for the task's own list."""
    presets = {p.name: p for p in registry.presets().values() if info.modality in p.modalities}
    choices = [_OWN, *([_COMPOSED] if given.augment else []), *presets]
    begin = _COMPOSED if given.augment else given.preset if given.preset in presets else _OWN
    titles = {_OWN: "the task's own", _COMPOSED: "as composed"}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Augmentations",
            choices,
            index=choices.index(begin),
            format_func=lambda name: titles.get(name) or presets[name].title,
            key=_AUGMENTATIONS,
        )
        if st.button("Compose", icon=":material/tune:", help="Opens Augment with these."):
            text = given.augment if chosen == _COMPOSED else None if chosen == _OWN else chosen
            st.session_state[_LEFT] = st.query_params.to_dict()
            augment = {} if text is None else {"augment": text}
            session.go("augment", {**data_choice.to_query(data), **augment})
    if chosen == _COMPOSED:
        st.caption(plain(given.augment))
        return None, given.augment
    return (None if chosen == _OWN else str(chosen)), None


def leave_data(config: DataConfig) -> None:
    """Before other data are chosen: set aside the augmentations that were composed for these."""
    for name in ("clone", "cloned"):
        st.query_params.pop(name, None)
    augment = st.query_params.pop("augment", None)
    if augment:
        name = current_data.title(current_data.CurrentData(config))
        st.session_state[_ASIDE] = (name, augment)
    st.session_state[_AUGMENTATIONS] = _OWN


def offer_back(info: DataInfo) -> None:
    """Draw a button for the augmentations that were set aside, where they fit these data."""
    name, augment = st.session_state.get(_ASIDE, ("", ""))
    if not augment or st.query_params.get("augment") == augment:
        return
    try:
        link.read(augment, info, source_access.check_path)
    except RequestError:
        return

    def take() -> None:
        st.query_params["augment"] = augment
        st.session_state[_AUGMENTATIONS] = _COMPOSED

    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Augmentations composed for {plain(name)} are not used here.", width="content")
        st.button("Use them here, too", icon=":material/history:", type="tertiary", on_click=take)


def restored_query(query: Mapping[str, str]) -> dict[str, str]:
    """The address; after a detour to Augment, the one before it with the new augmentations."""
    before: dict[str, str] = st.session_state.pop(_LEFT, {})
    returns = (
        "augment" in query and "tasks" not in query and query.get("data") == before.get("data")
    )
    return {**before, **query} if returns else dict(query)


def encoders(tasks: Sequence[str]) -> list[str]:
    """The encoders that all ``tasks`` can train."""
    allowed = [set(registry.task(name).needs.encoders) for name in tasks]
    return [
        name
        for name, encoder in registry.encoders().items()
        if all(encoder.kind in kinds for kinds in allowed)
    ]
