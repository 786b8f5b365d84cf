"""Reading rows of runs that were damaged: one of them must not keep the others from being read.

A column that is no JSON, or a field of another type, is replaced by its default, and the row says
what is damaged (``RunRow.damage``). Nothing is written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from workbench.config import DataConfig, RunConfig

State = Literal["queued", "running", "stopping", "stopped", "finished", "failed"]
MapState = Literal["none", "queued", "running", "ready", "failed"]
Check = Callable[[Any], bool]


class Unreadable(dict[str, Any]):
    """The empty object in place of a document that is no JSON object."""


class Document(sa.TypeDecorator[dict[str, Any]]):
    """A JSON object. What is stored and is none becomes ``Unreadable`` instead of an error."""

    impl = sa.JSON
    cache_ok = True

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self.impl_instance.coerce_compared_value(op, value)

    def result_processor(self, dialect: sa.Dialect, coltype: Any) -> Callable[[Any], Any]:
        read = super().result_processor(dialect, coltype)

        def convert(value: Any) -> Any:
            try:
                document = value if read is None else read(value)
            except (ValueError, TypeError, RecursionError):
                return Unreadable()
            return document if isinstance(document, dict) else Unreadable()

        return convert


class _Readable(sa.sql.functions.GenericFunction[bool]):
    """Whether a JSON column can be searched. SQLite stores any text in it."""

    type = sa.Boolean()
    name = "workbench_readable"
    inherit_cache = True


@compiles(_Readable)
def _always(element: Any, compiler: Any, **kw: Any) -> str:
    return "(1 = 1)"


@compiles(_Readable, "sqlite")
def _by_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_valid({compiler.process(element.clauses, **kw)})"


def text_in(column: sa.Column[Any], *path: str | int) -> sa.ColumnElement[str]:
    """The text at ``path`` in a JSON column; null where the column is no JSON."""
    place: Any = path if len(path) > 1 else path[0]
    return sa.case((_Readable(column), column[place].as_string()))


def repair_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a run with defaults for what is damaged, and ``damage``: the reason or None.

    Values that are not damaged stay as they are.
    """
    values = dict(row)
    reasons = []
    for name, (fits, default) in _COLUMNS.items():
        if name in values and not fits(values[name]):
            reasons.append(f"'{name}' of its row is damaged")
            values[name] = default
    for name, what, check in (
        ("config", "configuration", config_fault),
        ("summary", "result", summary_fault),
    ):
        reason = check(values[name])
        if reason:
            reasons.append(f"its {what} is damaged: {reason}")
            values[name] = _CLEAN[name](values[name])
    return values | {"damage": "; ".join(reasons) or None}


def config_fault(config: Mapping[str, Any]) -> str | None:
    """Why a stored configuration cannot be used; None if it can."""
    if isinstance(config, Unreadable):
        return "it is no JSON object"
    for name, (fits, _) in _CONFIG.items():
        if name in _NEEDED and name not in config:
            return f"'{name}' is missing"
        if name in config and not fits(config[name]):
            return f"'{name}' is of another type"
    unknown = sorted(set(config) - _FIELDS) + sorted(set(config["data"]) - _DATA_FIELDS)
    return f"'{str(unknown[0])[:40]}' is no field of it" if unknown else None


def summary_fault(summary: Mapping[str, Any]) -> str | None:
    """Why a stored summary cannot be used; None if it can."""
    if isinstance(summary, Unreadable):
        return "it is no JSON object"
    for name, fits in _SUMMARY.items():
        if name in summary and not fits(summary[name]):
            return f"'{name}' is of another type"
    return None


def _clean_config(config: Mapping[str, Any]) -> dict[str, Any]:
    clean = {name: value for name, value in config.items() if name in _FIELDS}
    for name, (fits, default) in _CONFIG.items():
        if name not in clean or not fits(clean[name]):
            clean[name] = default
    data = clean["data"]
    fields = {name: data[name] for name in data if name in _DATA_FIELDS}
    return clean | {"data": {"fingerprint": None, **fields}}


def _clean_summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in summary.items() if k not in _SUMMARY or _SUMMARY[k](v)}


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _or_none(fits: Check) -> Check:
    return lambda value: value is None or fits(value)


def _list_of(fits: Check) -> Check:
    return lambda value: isinstance(value, (list, tuple)) and all(map(fits, value))


def _data(value: Any) -> bool:
    return (
        _object(value)
        and _text(value.get("source", ""))
        and _or_none(_text)(value.get("fingerprint"))
    )


def _budget(value: Any) -> bool:
    return (
        _object(value)
        and len(value) == 1
        and next(iter(value)) in ("seconds", "steps", "epochs")
        and _number(next(iter(value.values())))
    )


def _step(value: Any) -> bool:
    return _object(value) and _text(value.get("name")) and _object(value.get("options", {}))


def _score(value: Any) -> bool:
    return (
        _object(value)
        and all(_number(value.get(name)) for name in ("value", "low", "high", "n"))
        and all(_text(value.get(name)) for name in ("protocol", "metric", "target"))
    )


def _verdict(value: Any) -> bool:
    return value is None or (
        _object(value)
        and _text(value.get("label"))
        and _text(value.get("reason", ""))
        and _object(value.get("metrics", {}))
    )


def _time(value: Any) -> bool:
    return value is None or _number(value)


_FIELDS = frozenset(field.name for field in dataclasses.fields(RunConfig))
_DATA_FIELDS = frozenset(field.name for field in dataclasses.fields(DataConfig))
_CONFIG: dict[str, tuple[Check, Any]] = {
    "data": (_data, {"source": ""}),
    "task": (_text, "damaged"),
    "options": (_object, {}),
    "encoder": (_or_none(_text), None),
    "encoder_options": (_object, {}),
    "augment": (_or_none(_list_of(_step)), None),
    "budget": (_budget, {"steps": 0}),
    "train": (_object, {}),
    "eval": (_object, {}),
    "seed": (lambda value: type(value) is int, 0),
    "device": (_text, "auto"),
    "preset": (_or_none(_text), None),
    "plugins": (_list_of(_text), []),
}
# Without these a run cannot be shown; the other fields have a default in every reader.
_NEEDED = ("data", "task")
_CLEAN: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "config": _clean_config,
    "summary": _clean_summary,
}
_SUMMARY: dict[str, Check] = {
    "training": _object,
    "chance": _or_none(_number),
    "verdict": _verdict,
    "scores": _list_of(_score),
    "gains": _list_of(_score),
    "validation_scores": _list_of(_score),
    "validation_gains": _list_of(_score),
    "notes": _list_of(_text),
    "versions": _object,
    "map_rows": _number,
    "unscored": lambda value: isinstance(value, bool),
    "map_tries": _number,
    "slot": _text,
}
_COLUMNS: dict[str, tuple[Check, Any]] = {
    "name": (_text, ""),
    "owner": (_text, ""),
    "state": (lambda value: value in get_args(State), "failed"),
    "digest": (_text, ""),
    "experiment": (_or_none(_text), None),
    "created": (_number, 0.0),
    "started": (_time, None),
    "ended": (_time, None),
    "reason": (_or_none(_text), None),
    "note": (_text, ""),
    "map_state": (lambda value: value in get_args(MapState), "none"),
    "pid": (_time, None),
    "pid_created": (_time, None),
    "turn": (_number, 0.0),
}
