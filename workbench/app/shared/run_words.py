"""What the screen says of a run: its state, its verdict, its gain, in words people understand."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from workbench import comparison, registry
from workbench.comparison.reading import task_title
from workbench.plots.words import PASSED
from workbench.store import hidden_test
from workbench.store.store import Heartbeat, RunRow

SPLIT_NAMES = {"train": "training", "validation": "validation", "test": "test"}
_PHASES = {
    "starting": "Starting",
    "preparing": "Preparing the data",
    "warming up": "Warming up",
    "training": "Training",
    "evaluating": "Scoring",
    "done": "Writing the results",
}
_ICONS = {
    "complete collapse": ":material/error:",
    "dimensional collapse": ":material/error:",
    "low rank": ":material/info:",
    "not learning": ":material/warning:",
    "too early to say": ":material/hourglass_empty:",
    "no sign of collapse": ":material/check:",
}


def title(row: RunRow) -> str:
    """A run's name, or its task and seed."""
    return comparison.title({"name": row.name, "config": row.config})


def facts(row: RunRow, *, demo: bool) -> str:
    """What a run is, in one line: task, data, encoder, budget, seed, owner and id."""
    config = row.config
    return (
        f"{task_title({'config': config})} on {data_name(config)}, {encoder(config)}, "
        f"{budget(config)}, seed {config['seed']}"
        + (f", by {row.owner}" if row.owner else "")
        + f" · {row.id}"
        + (" · a stored demo run" if demo else "")
    )


def data_name(config: Mapping[str, Any]) -> str:
    """The data of a run, short."""
    source = str(config["data"]["source"])
    return source.removeprefix("sample:").rstrip("/").rsplit("/", 1)[-1]


def encoder(config: Mapping[str, Any]) -> str:
    """The encoder of a run by the name that people know; its plain name if its plugin is gone."""
    name = str(config.get("encoder") or "")
    known = registry.encoders().get(name)
    return name if known is None else known.title


def budget(config: Mapping[str, Any]) -> str:
    """The training time that was asked for."""
    ((unit, amount),) = config["budget"].items()
    return f"{amount:g} {'s' if unit == 'seconds' else unit}"


def verdict(summary: Mapping[str, Any]) -> str:
    """The collapse check in words; passing it is never praise."""
    label = (summary.get("verdict") or {}).get("label")
    return PASSED if label == "no sign of collapse" else str(label or "")


def verdict_icon(summary: Mapping[str, Any]) -> str:
    label = (summary.get("verdict") or {}).get("label", "")
    return _ICONS.get(label, "")


def gain(summary: Mapping[str, Any], *, closed: bool = False) -> str:
    """The first number shown: the gain over the untrained encoder, with its interval.

    closed: the run's test is kept closed; the gain is of validation samples then.
    """
    row = comparison.main_gain(hidden_test.shown(summary, closed))
    if row is None:
        return ""
    points, low, high = (100 * float(row[name]) for name in ("value", "low", "high"))
    return f"{points:+.1f} [{low:+.1f}, {high:+.1f}]"


def state(row: RunRow, beat: Heartbeat | None, position: int | None) -> str:
    """What a run is doing, in one sentence."""
    if row.state == "queued":
        return f"Queued, number {position} in line." if position else "Queued."
    if row.state in ("running", "stopping"):
        doing = _PHASES.get(beat.phase, "Starting") if beat else "Starting"
        asked = " It was asked to stop." if row.state == "stopping" else ""
        left = ""
        if beat is not None and beat.phase == "training" and beat.eta_seconds is not None:
            left = f", about {max(0.0, beat.eta_seconds):.0f} s of training left"
        return f"{doing}{left}.{asked}"
    said = f" {row.reason}" if row.reason else ""
    took = f" after {duration(row.ended - row.started)}" if row.ended and row.started else ""
    return f"{row.state.capitalize()}{took}.{said}"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def ago(moment: float) -> str:
    """How long ago."""
    return f"{duration(max(0.0, time.time() - moment))} ago"
