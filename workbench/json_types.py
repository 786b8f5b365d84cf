"""Check values from JSON against the fields of a dataclass: their names and their types."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

from workbench.errors import RequestError, unknown_name

_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def fields(cls: type, raw: Any, prefix: str) -> dict[str, Any]:
    """``raw`` as arguments for the dataclass ``cls``: lists as tuples, 60 as 60.0 for a float.

    Fields that are dataclasses are not changed; the caller converts them. prefix goes before a
    field's name in errors. Raises RequestError for an unknown or a missing field, or a value of
    another type.
    """
    declared = {field.name: field for field in dataclasses.fields(cls)}
    if not isinstance(raw, Mapping):
        raise RequestError(
            f"'{_short(raw)}' is not an object.",
            field=prefix.rstrip(".") or "config",
            remedy=f"Give an object with {', '.join(declared)}.",
        )
    for name in raw:
        if name not in declared:
            raise unknown_name("field", name, declared, field=f"{prefix}{name}")
    for name, field in declared.items():
        required = field.default is field.default_factory is dataclasses.MISSING
        if required and name not in raw:
            raise RequestError(
                "is missing.", field=f"{prefix}{name}", remedy=f"Give '{prefix}{name}'."
            )
    hints = _hints(cls)
    return {name: _typed(hints[name], value, f"{prefix}{name}") for name, value in raw.items()}


@cache
def _hints(cls: type) -> dict[str, Any]:
    """The types of the fields of ``cls``, by name."""
    return typing.get_type_hints(cls)


def _typed(hint: Any, value: Any, field: str) -> Any:
    """``value`` as the type ``hint`` wants it. Raises RequestError if it cannot be."""
    optional = False
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        optional = True
        (hint,) = [arg for arg in typing.get_args(hint) if arg is not type(None)]
    if value is None and optional:
        return None
    if hint is float and type(value) is int:
        return float(value)
    if hint in _WORDS:
        if type(value) is not hint:
            raise _misfit(value, field, _WORDS[hint], optional)
        return value
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)[0]
        if not isinstance(value, (list, tuple)):
            raise _misfit(value, field, "a list", optional)
        return tuple(_typed(inner, part, field) for part in value)
    if typing.get_origin(hint) is Mapping and not isinstance(value, Mapping):
        raise _misfit(value, field, "an object", optional)
    return value


def _misfit(value: Any, field: str, wanted: str, optional: bool) -> RequestError:
    return RequestError(
        f"'{_short(value)}' is not {wanted}.",
        field=field,
        remedy=f"Give {wanted}{' or null' if optional else ''}.",
    )


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
