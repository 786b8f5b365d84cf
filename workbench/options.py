"""Options are declared once, as fields of a frozen dataclass; form, flag and list follow from them.

@dataclass(frozen=True)
class SimCLR(Task):
    temperature: float = option(0.2, label="Temperature", help="...", low=0.01, high=10.0)
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from workbench.errors import RequestError, unknown_name

T = TypeVar("T")
_KEY = "option"


@dataclass(frozen=True)
class OptionSpec:
    """One declared option.

    type: ``float``, ``int``, ``bool``, ``str`` or ``range`` (two floats, low then high). optional:
    None is allowed, written ``auto``, and is filled in when the data are known.
    advanced: drawn in an expander of the form. path: the value names a file of this machine,
    which not everyone may read.
    """

    name: str
    type: str
    default: Any
    label: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] | None = None
    optional: bool = False
    advanced: bool = False
    path: bool = False

    def to_json(self) -> dict[str, Any]:
        """The option as ``workbench list ... --json`` gives it."""
        out: dict[str, Any] = {"name": self.name, "type": self.type, "default": self.default}
        if self.choices is not None:
            out["choices"] = list(self.choices)
        else:
            out |= {k: v for k, v in (("low", self.low), ("high", self.high)) if v is not None}
        return out | {"label": self.label, "help": self.help, "optional": self.optional}

    def parse(self, value: Any, *, field: str) -> Any:
        """``value`` (a string from a shell or a value from JSON or a form) as this option's type.

        Raises RequestError that names ``field`` and the allowed values.
        """
        if isinstance(value, str) and value.strip().lower() == "auto" and self.optional:
            return None
        if value is None:
            if self.optional:
                return None
            raise self._error(value, field)
        try:
            parsed = _CONVERT[self.type](value)
        except (TypeError, ValueError) as exc:
            raise self._error(value, field) from exc
        numbers = parsed if isinstance(parsed, tuple) else (parsed,)
        if self.type in ("float", "int", "range"):
            for number in numbers:
                too_low = self.low is not None and number < self.low
                too_high = self.high is not None and number > self.high
                if too_low or too_high or number != number:
                    raise self._error(value, field)
        if self.choices is not None and parsed not in self.choices:
            raise self._error(value, field)
        return parsed

    def allowed(self) -> str:
        """The allowed values, in words."""
        if self.choices is not None:
            return f"one of {', '.join(self.choices)}"
        names = {"float": "a number", "int": "a whole number", "bool": "true or false"}
        what = names.get(self.type, "two numbers a,b" if self.type == "range" else "a text")
        if self.low is not None and self.high is not None:
            return f"{what} from {self.low:g} to {self.high:g}"
        if self.low is not None:
            return f"{what} of at least {self.low:g}"
        return what

    def _error(self, value: Any, field: str) -> RequestError:
        auto = " (or auto)" if self.optional else ""
        return RequestError(
            f"'{value}' is not allowed for {self.name}.",
            field=field,
            remedy=f"Give {self.allowed()}{auto}; the default is {_show(self.default)}.",
        )


def option(
    default: Any,
    *,
    label: str,
    help: str,  # noqa: A002  the usual word in a form
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[str] | None = None,
    advanced: bool = False,
    path: bool = False,
) -> Any:
    """Declare a dataclass field as an option. ``default=None`` means: chosen from the data."""
    spec = {
        "label": label,
        "help": help,
        "low": low,
        "high": high,
        "choices": tuple(choices) if choices is not None else None,
        "advanced": advanced,
        "path": path,
    }
    return dataclasses.field(default=default, metadata={_KEY: spec})


def options_of(cls: type) -> tuple[OptionSpec, ...]:
    """The declared options of a dataclass, in order."""
    return _declared(cls)


@cache
def _declared(cls: type) -> tuple[OptionSpec, ...]:
    hints = typing.get_type_hints(cls)
    specs = []
    for field in dataclasses.fields(cls):
        if _KEY not in field.metadata:
            continue
        kind, optional = _kind(hints[field.name])
        specs.append(
            OptionSpec(
                name=field.name,
                type=kind,
                default=field.default,
                optional=optional,
                **field.metadata[_KEY],
            )
        )
    return tuple(specs)


def build(cls: type[T], values: Mapping[str, Any], *, prefix: str = "") -> T:
    """An instance of ``cls`` with ``values`` parsed and checked.

    prefix goes before an option's name in errors (``--set ``, ``--set train.``).
    Raises RequestError for an unknown name (nearest ones offered) or a value out of range.
    """
    specs = {spec.name: spec for spec in options_of(cls)}
    parsed = {}
    for name, value in values.items():
        if name not in specs:
            raise unknown_name("option", name, specs, field=f"{prefix}{name}")
        parsed[name] = specs[name].parse(value, field=f"{prefix}{name}")
    return cls(**parsed)


def values_of(instance: Any) -> dict[str, Any]:
    """All option values of a declared instance, as JSON-able values."""
    return {
        spec.name: list(value) if isinstance(value, tuple) else value
        for spec in options_of(type(instance))
        for value in (getattr(instance, spec.name),)
    }


def word(value: Any) -> str:
    """The shortest text that ``parse`` reads back as this value: 60 for 60.0, ``0.3,1``."""
    if value is None:
        return "auto"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ",".join(word(part) for part in value)
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def _kind(hint: Any) -> tuple[str, bool]:
    optional = False
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        members = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        if len(members) != 1:
            raise TypeError(f"an option has one type, not {hint}")
        optional, hint = True, members[0]
    if hint in (float, int, bool, str):
        return hint.__name__, optional
    if typing.get_origin(hint) is tuple and typing.get_args(hint) == (float, float):
        return "range", optional
    raise TypeError(f"an option is float, int, bool, str or tuple[float, float], not {hint}")


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in ("true", "yes", "on", "1"):
        return True
    if text in ("false", "no", "off", "0"):
        return False
    raise ValueError(value)


def _to_int(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and value != int(value)):
        raise ValueError(value)
    return int(value)


def _to_float(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError(value)
    return float(value)


def _to_range(value: Any) -> tuple[float, float]:
    parts = value.split(",") if isinstance(value, str) else list(value)
    low, high = (_to_float(part) for part in parts)
    if low > high:
        raise ValueError(value)
    return low, high


def _to_str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


_CONVERT: dict[str, Any] = {
    "float": _to_float,
    "int": _to_int,
    "bool": _to_bool,
    "str": _to_str,
    "range": _to_range,
}


def _show(value: Any) -> str:
    if value is None:
        return "auto"
    if isinstance(value, tuple):
        return ",".join(f"{part:g}" for part in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
