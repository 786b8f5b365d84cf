"""The configuration fields in which runs differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.records import RunRecord

# Fields that no comparison depends on: where plugins lie, and the requested device (the guard reads
# on which one the run trained).
_NOISE = ("plugins", "device")


@dataclass(frozen=True)
class Difference:
    """A configuration field whose values differ between runs; values in the order of the runs."""

    field: str
    values: tuple[Any, ...]


def differences(runs: Sequence[RunRecord]) -> list[Difference]:
    """The configuration fields in which the runs differ, flattened to dotted names."""
    flat = [flatten(run["config"]) for run in runs]
    names = sorted({name for config in flat for name in config})
    rows = [Difference(n, tuple(config.get(n) for config in flat)) for n in names]
    return [
        row
        for row in rows
        if row.field.split(".")[0] not in _NOISE and any(v != row.values[0] for v in row.values[1:])
    ]


def flatten(value: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, with dotted names."""
    if isinstance(value, Mapping):
        out: dict[str, Any] = {}
        for name, inner in value.items():
            out |= flatten(inner, f"{prefix}{name}.")
        return out
    return {prefix.rstrip("."): value}
