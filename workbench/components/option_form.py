"""A form made from declared options: one widget an option, its help from the declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from workbench.errors import RequestError
from workbench.options import OptionSpec, options_of


def option_form(kind: type, given: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """Widgets for the options of ``kind``; returns the values that differ from the defaults.

    given: values to start from. Options marked advanced lie in an expander of their own.
    """
    specs = options_of(kind)
    values: dict[str, Any] = {}
    plain = [spec for spec in specs if not spec.advanced]
    advanced = [spec for spec in specs if spec.advanced]
    _widgets(plain, given, values, key)
    if advanced:
        with st.expander("More options"):
            _widgets(advanced, given, values, key)
    if not specs:
        st.caption("It has no options.")
    return values


def _widgets(
    specs: Sequence[OptionSpec], given: Mapping[str, Any], values: dict[str, Any], key: str
) -> None:
    columns = st.columns(2)
    for i, spec in enumerate(specs):
        with columns[i % 2]:
            value = _widget(spec, given.get(spec.name, spec.default), f"{key}-{spec.name}")
        if value != _plain(spec.default):
            values[spec.name] = value


def _widget(spec: OptionSpec, value: Any, key: str) -> Any:
    value = _plain(value)
    if spec.type == "bool" and not spec.optional:
        return st.toggle(spec.label, bool(value), help=spec.help, key=key)
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
        )
    text = st.text_input(
        spec.label,
        _show(value),
        help=f"{spec.help} ({spec.allowed()}{', or auto' if spec.optional else ''})",
        key=key,
    )
    try:
        return _plain(spec.parse(text, field=spec.label))
    except RequestError as error:
        st.error(str(error))
        st.stop()


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _show(value: Any) -> str:
    if value is None:
        return "auto"
    if isinstance(value, list):
        return ", ".join(f"{part:g}" for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
