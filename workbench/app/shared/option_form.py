"""A form made of declared options: one widget for each, with the help of the declaration.

A number with bounds has a slider and a field for the exact value. The field's value counts; moving
the slider writes into the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from workbench.app.shared import messages, slider_scale, source_access
from workbench.app.shared.slider_scale import Number
from workbench.errors import RequestError
from workbench.options import OptionSpec, options_of, word

_EXACT_WIDTH = 104

Changed = Callable[[], None]


@dataclass(frozen=True)
class OptionValues:
    """The values of a form that differ from the defaults.

    valid: whether every field could be parsed. One that could not shows why, and counts with the
    value that it began with.
    """

    values: dict[str, Any]
    valid: bool


def option_form(
    kind: type, given: Mapping[str, Any], *, key: str, columns: int = 2
) -> dict[str, Any]:
    """Draw widgets for the options of ``kind``; returns the values that differ from the defaults.

    given: values to begin with. Options marked advanced lie in an expander. The page stops here if
    a field cannot be parsed.
    """
    result = option_fields(kind, given, key=key, columns=columns)
    if not result.valid:
        st.stop()
    return result.values


def option_fields(
    kind: type,
    given: Mapping[str, Any],
    *,
    key: str,
    columns: int = 2,
    on_change: Changed | None = None,
) -> OptionValues:
    """As ``option_form``, for a page that continues if a field cannot be parsed.

    on_change: called before the page runs again because of one of the widgets.
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
    return OptionValues(form.values, form.valid)


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
                    messages.show_error(error)
                    self.valid, value = False, begin
            if value != _plain(spec.default):
                self.values[spec.name] = value

    def _widget(self, spec: OptionSpec, value: Any, key: str) -> Any:
        changed = self._on_change
        if spec.type == "bool" and not spec.optional:
            return st.toggle(spec.label, bool(value), help=spec.help, key=key, on_change=changed)
        if spec.type == "bool" or spec.choices is not None:
            choices: list[Any] = list(spec.choices or (True, False))
            choices = [None, *choices] if spec.optional else choices
            index = choices.index(value) if value in choices else 0
            return st.selectbox(
                spec.label,
                choices,
                index,
                format_func=_choice,
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
            source_access.check_path(parsed)
        return parsed

    def _text(self, spec: OptionSpec, value: Any, key: str) -> str:
        return st.text_input(
            spec.label, _show(value), help=_help(spec), key=key, on_change=self._on_change
        )

    def _number(self, spec: OptionSpec, value: Any, key: str, scale: Sequence[Number]) -> str:
        """Draw a slider and the field with the exact value; returns the text of the field."""
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


def _choice(value: str | bool | None) -> str:
    """A choice as its menu names it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return "auto" if value is None else value


def _on_scale(scale: Sequence[Number], value: Any) -> Any:
    """The position of the slider for ``value``, a number or the two of a range."""
    if isinstance(value, list):
        return tuple(slider_scale.nearest(scale, part) for part in value)
    return slider_scale.nearest(scale, value)


def _label(value: Number) -> str:
    """The label of a stop; the field beside the slider has all digits."""
    short = word(value)
    return short if isinstance(value, int) or len(short) <= 6 else f"{value:.4g}"


def _help(spec: OptionSpec) -> str:
    return f"{spec.help} ({spec.allowed()}{', or auto' if spec.optional else ''})"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _show(value: Any) -> str:
    return ", ".join(map(word, value)) if isinstance(value, list) else word(value)
