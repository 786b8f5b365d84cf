"""A form made from declared options: one widget an option, its help from the declaration.

A number with bounds has a slider and, beside it, a field for the exact value. The field holds what
counts; moving the slider writes into it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from workbench.app import settings
from workbench.app.shared import messages, slider_scale
from workbench.app.shared.slider_scale import Number
from workbench.errors import RequestError
from workbench.options import OptionSpec, options_of, word

_EXACT_WIDTH = 104

Changed = Callable[[], None]


@dataclass(frozen=True)
class Filled:
    """What a form holds: values unlike the defaults, and whether all fields could be read (one
    that could not says why, and its value is the one it began with)."""

    values: dict[str, Any]
    valid: bool


def option_form(
    kind: type, given: Mapping[str, Any], *, key: str, columns: int = 2
) -> dict[str, Any]:
    """Widgets for the options of ``kind``; returns the values that differ from the defaults.

    given: values to start from. Options marked advanced lie in an expander of their own. The page
    ends where a field cannot be read.
    """
    filled = fields(kind, given, key=key, columns=columns)
    if not filled.valid:
        st.stop()
    return filled.values


def fields(
    kind: type,
    given: Mapping[str, Any],
    *,
    key: str,
    columns: int = 2,
    on_change: Changed | None = None,
) -> Filled:
    """As ``option_form``, for a page that goes on where a field cannot be read.

    on_change is called before the page runs anew because of one of the widgets.
    """
    form = _Form(given, key, columns, on_change)
    specs = options_of(kind)
    form.draw([spec for spec in specs if not spec.advanced])
    advanced = [spec for spec in specs if spec.advanced]
    if advanced:
        with st.expander("More options"):
            form.draw(advanced)
    if not specs:
        st.caption("It has no options.")
    return Filled(form.values, form.valid)


class _Form:
    def __init__(
        self, given: Mapping[str, Any], key: str, columns: int, on_change: Changed | None
    ) -> None:
        self.values: dict[str, Any] = {}
        self.valid = True
        self._given, self._key, self._columns = given, key, columns
        self._on_change = on_change

    def draw(self, specs: Sequence[OptionSpec]) -> None:
        columns = st.columns(self._columns)
        for i, spec in enumerate(specs):
            begin = _plain(self._given.get(spec.name, spec.default))
            with columns[i % self._columns]:
                try:
                    value = self._widget(spec, begin, f"{self._key}-{spec.name}")
                except RequestError as error:
                    messages.tell(error)
                    self.valid, value = False, begin
            if value != _plain(spec.default):
                self.values[spec.name] = value

    def _widget(self, spec: OptionSpec, value: Any, key: str) -> Any:
        changed = self._on_change
        if spec.type == "bool" and not spec.optional:
            return st.toggle(spec.label, bool(value), help=spec.help, key=key, on_change=changed)
        if spec.choices is not None:
            choices: list[Any] = [None, *spec.choices] if spec.optional else list(spec.choices)
            index = choices.index(value) if value in choices else 0
            return st.selectbox(
                spec.label,
                choices,
                index,
                format_func=lambda choice: "auto" if choice is None else str(choice),
                help=spec.help,
                key=key,
                on_change=changed,
            )
        scale = slider_scale.stops(spec)
        if scale is None:
            text = self._text(spec, value, key)
        else:
            text = self._number(spec, value, key, scale)
        parsed = _plain(spec.parse(text, field=spec.label))
        if spec.path and parsed:
            settings.current().check_path(parsed)
        return parsed

    def _text(self, spec: OptionSpec, value: Any, key: str) -> str:
        return st.text_input(
            spec.label, _show(value), help=_help(spec), key=key, on_change=self._on_change
        )

    def _number(self, spec: OptionSpec, value: Any, key: str, scale: Sequence[Number]) -> str:
        """A slider and the exact value beside it."""
        slider = f"{key}-slider"

        def moved() -> None:
            st.session_state[key] = _show(_plain(st.session_state[slider]))
            if self._on_change is not None:
                self._on_change()

        def typed() -> None:
            try:
                exact = _plain(spec.parse(st.session_state[key], field=spec.label))
            except RequestError:
                exact = None
            if exact is not None:
                st.session_state[slider] = _on_scale(scale, exact)
            if self._on_change is not None:
                self._on_change()

        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.select_slider(
                spec.label,
                scale,
                _on_scale(scale, value),
                format_func=_label,
                help=_help(spec),
                key=slider,
                on_change=moved,
            )
            return st.text_input(
                f"{spec.label}, exact",
                _show(value),
                label_visibility="collapsed",
                key=key,
                width=_EXACT_WIDTH,
                on_change=typed,
            )


def _on_scale(scale: Sequence[Number], value: Any) -> Any:
    """Where the slider stands for ``value``, a number or the two of a range."""
    if isinstance(value, list):
        return tuple(slider_scale.nearest(scale, part) for part in value)
    return slider_scale.nearest(scale, value)


def _label(value: Number) -> str:
    """A stop on a slider; the field beside it has all its figures."""
    short = word(value)
    return short if isinstance(value, int) or len(short) <= 6 else f"{value:.4g}"


def _help(spec: OptionSpec) -> str:
    return f"{spec.help} ({spec.allowed()}{', or auto' if spec.optional else ''})"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _show(value: Any) -> str:
    return ", ".join(map(word, value)) if isinstance(value, list) else word(value)
