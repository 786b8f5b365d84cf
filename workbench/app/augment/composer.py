"""The composer: a preset to start from, the steps in order, and the catalogue of operations."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

import streamlit as st

from workbench import options, registry
from workbench.app.augment import state
from workbench.app.augment.state import PolicyRow
from workbench.app.plain import plain
from workbench.app.shared import option_form
from workbench.app.shared.messages import show_error
from workbench.augment.base import Augmentation
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError

_OWN = "own"
_UP, _DOWN, _AWAY = ":material/arrow_upward:", ":material/arrow_downward:", ":material/close:"


def show(chosen: list[PolicyRow], info: DataInfo) -> None:
    """Draw the composer. Its widgets change ``chosen``."""
    _presets(chosen, info)
    if not chosen:
        st.info("There are no steps yet: every view is the sample as it is. Add an operation.")
    for at, row in enumerate(chosen):
        with st.container(border=True, gap="xsmall", key=f"augment-step-{at + 1}"):
            _card(chosen, at, row, info)
    _catalogue(chosen, info)


def _presets(chosen: list[PolicyRow], info: DataInfo) -> None:
    """The choice of a preset. It shows the preset that equals the steps, also after an edit."""
    presets = registry.presets()
    key = f"augment-preset-{info.modality}"
    matching = state.matching_preset(chosen, info)
    st.session_state[key] = matching or _OWN

    def start() -> None:
        if st.session_state[key] != _OWN:
            state.start_from(st.session_state[key], info)

    fitting = state.fitting_presets(info)
    st.selectbox(
        "Start from a preset",
        fitting if matching else [_OWN, *fitting],
        format_func=lambda name: "your own" if name == _OWN else presets[name].title,
        key=key,
        on_change=start,
        help="A preset replaces all steps, and is adapted to the size and colours of the data.",
    )
    if matching is not None:
        preset = presets[matching]
        first, _, rest = preset.summary.partition(". ")
        source = f"({preset.reference})" if preset.reference else ""
        st.caption(f"{first.removesuffix('.')}.", help=f"{rest} {source}".strip() or None)


def _card(chosen: list[PolicyRow], at: int, row: PolicyRow, info: DataInfo) -> None:
    cls = registry.augmentation(row.name)
    row.on = st.toggle(
        f"**{at + 1}. {cls.title}**",
        row.on,
        key=f"augment-{row.id}-on",
        on_change=state.touch,
        help="Switch it off for the moment; it keeps its place and its options.",
    )
    st.caption(cls.summary)
    with st.container(horizontal=True, gap="small"):
        _button("Up", _UP, row, at == 0, state.move, chosen, row, -1)
        _button("Down", _DOWN, row, at == len(chosen) - 1, state.move, chosen, row, 1)
        _button("Remove", _AWAY, row, False, state.remove, chosen, row)
    reason = _warning(cls, row, info) if row.on else None
    if reason is not None:
        st.warning(f"It does not suit these data: {plain(reason)}.", icon=":material/warning:")
    if not options.options_of(cls):
        return
    box = st.expander(
        "Options", row.fresh, key=f"augment-{row.id}-open", on_change=state.touch, type="compact"
    )
    if box.open:
        with box:
            _options(cls, row)


def _options(cls: type[Augmentation], row: PolicyRow) -> None:
    """Draw the form. Its values count if the operation can be made with them."""
    result = option_form.option_fields(
        cls, row.options, key=f"augment-{row.id}", columns=1, on_change=state.touch
    )
    try:
        options.build(cls, result.values)
    except RequestError as error:
        show_error(error)
    else:
        row.options = result.values


def _button(
    label: str,
    icon: str,
    row: PolicyRow,
    disabled: bool,
    change: Callable[..., None],
    *given: object,
) -> None:
    st.button(
        label,
        icon=icon,
        key=f"augment-{row.id}-{label}",
        disabled=disabled,
        type="tertiary",
        on_click=change,
        args=given,
    )


def _warning(cls: type[Augmentation], row: PolicyRow, info: DataInfo) -> str | None:
    try:
        return options.build(cls, row.options).warning(info)
    except RequestError:
        # A file is gone in the meantime; the error is shown in place of the pictures.
        return None


def _catalogue(chosen: list[PolicyRow], info: DataInfo) -> None:
    """Draw the operations for this kind of data, one family at a time."""
    box = st.popover(
        "Add an operation",
        icon=":material/add:",
        key="augment-catalogue",
        on_change=state.touch,
        width="stretch",
    )
    if not box.open:
        return
    fitting = [c for c in registry.augmentations().values() if info.modality in c.modalities]
    fitting.sort(key=lambda cls: cls.family)
    families = {name: list(group) for name, group in groupby(fitting, lambda cls: cls.family)}
    with box:
        family = next(iter(families))
        if len(families) > 1:
            family = st.pills(
                "Family",
                list(families),
                default="geometry" if "geometry" in families else family,
                format_func=str.capitalize,
                key="augment-family",
                required=True,
                on_change=state.touch,
            )
        for cls in families[family]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.button(
                    cls.title,
                    key=f"augment-add-{cls.name}",
                    on_click=state.add,
                    args=(chosen, cls.name),
                    width=170,
                )
                st.caption(f"{cls.summary} For: {cls.domains}." if cls.domains else cls.summary)
