"""What a run of some size comes to on this machine: steps, samples, epochs, and when it is done.

Speed is that of similar runs of this home, or is measured by the engine on request. It is never
guessed, and the sentences say which it is.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench import paths
from workbench.config import RunConfig
from workbench.data.dataset import DataInfo
from workbench.records import ConfigRecord
from workbench.store.rows import Heartbeat, RunRow
from workbench.store.store import Store
from workbench.training.schedule import too_few_steps

# What a run needs besides its training time (start, warm-up, checks, scores), before one was seen.
AROUND_SECONDS = 20.0
_ALIKE = 5
_LOOKED_AT = 40
_LONG_SECONDS = 1800.0
_FEW_STEPS = 100
_FEW_SAMPLES = 500


@dataclass(frozen=True)
class Speed:
    """How fast runs of one kind train here.

    runs: finished runs it is the median of; 0: measured by the engine. around: seconds that such a
    run needs besides its training time.
    """

    samples_per_second: float
    batch_size: int
    runs: int
    around: float = AROUND_SECONDS


@dataclass(frozen=True)
class Size:
    """What one run will have done; None for what depends on an unknown speed.

    seconds: of training; timed: whether the budget says so. around: what comes before and after it.
    """

    seconds: float | None
    samples: float | None
    steps: float | None
    epochs: float | None
    around: float
    timed: bool = False


def speed_before(home: Path, store: Store, config: RunConfig, info: DataInfo) -> Speed | None:
    """The speed of the newest finished runs of the same task, encoder, batch and size of image or
    text; None if there was none. config: validated."""
    rows = [
        row
        for row in store.finished_with(config.task, str(config.encoder), limit=_LOOKED_AT)
        if _alike(home, row.config, config, info) and _rate(row) > 0
    ][:_ALIKE]
    if not rows:
        return None
    return Speed(
        statistics.median(_rate(row) for row in rows),
        int(rows[0].summary["training"]["batch_size"]),
        len(rows),
        statistics.median(_around(row) for row in rows),
    )


def size(config: RunConfig, info: DataInfo, speed: Speed | None) -> Size:
    """What a run of ``config`` will have done when its budget is spent."""
    count = info.counts["train"]
    around = AROUND_SECONDS if speed is None else speed.around
    budget = config.budget
    samples: float | None = None
    if budget.epochs is not None:
        samples = budget.epochs * count
    elif speed is not None:
        if budget.steps is not None:
            samples = budget.steps * speed.batch_size
        elif budget.seconds is not None:
            samples = budget.seconds * speed.samples_per_second
    seconds, steps = budget.seconds, None if budget.steps is None else float(budget.steps)
    if samples is not None and speed is not None:
        seconds = samples / speed.samples_per_second if seconds is None else seconds
        steps = samples / speed.batch_size if steps is None else steps
    epochs = None if samples is None else samples / count
    return Size(seconds, samples, steps, epochs, around, timed=budget.seconds is not None)


def waiting(store: Store) -> tuple[int, float]:
    """How many runs come before a new one, and about how many seconds they take at least: what a
    budget in steps or epochs takes is not counted."""
    rows = store.runs(states=("queued", "running", "stopping"))
    beats = store.heartbeats([row.id for row in rows])
    return len(rows), sum(_left(row, beats.get(row.id)) for row in rows)


def total(sizes: Sequence[Size]) -> float | None:
    """Seconds of all runs one after another; None if one of them is unknown."""
    if any(one.seconds is None for one in sizes):
        return None
    return sum((one.seconds or 0.0) + one.around for one in sizes)


def warnings(sizes: Sequence[Size], info: DataInfo, *, tasks: int, seeds: int) -> list[str]:
    """What runs of this size cost, or cannot show: one sentence each."""
    out = []
    what = "images" if info.modality == "image" else "texts"
    seconds = total(sizes)
    if seconds is not None and seconds > _LONG_SECONDS:
        out.append(
            f"Together they keep this machine busy for about {seconds / 60:.0f} minutes; others "
            "get their turn between them."
        )
    epochs = [one.epochs for one in sizes if one.epochs is not None]
    if epochs and min(epochs) < 1:
        out.append(
            f"In this time the model sees only about {100 * min(epochs):.0f} % of the training "
            f"{what}, each once."
        )
    steps = [one.steps for one in sizes if one.steps is not None]
    too_few = few_steps(sizes)
    if too_few is not None:
        out.append(too_few)
    elif steps and min(steps) < _FEW_STEPS:
        out.append(
            f"About {min(steps):.0f} training steps are few. Expect 'too early to say' and small "
            "gains: too short to judge."
        )
    if info.counts["train"] < _FEW_SAMPLES:
        few = f"{info.counts['train']} training {what} are few"
        out.append(
            f"{few}: the model may see too little variety."
            if info.label is None
            else f"{few}: scores will have a wide interval."
        )
    if tasks > 1 and seeds == 1:
        out.append(
            "With one seed a task, differences of a few points may be luck; three seeds show how "
            "much."
        )
    return out


def few_steps(sizes: Sequence[Size]) -> str | None:
    """What to do if one of these runs has time for too few steps to learn from, or None."""
    timed = [(one.steps, one.seconds) for one in sizes if one.timed and one.steps and one.seconds]
    return too_few_steps(*min(timed)) if timed else None


def warnings_of_time(home: Path, configs: Sequence[RunConfig]) -> list[str]:
    """``few_steps`` of validated configurations of one data set, as far as their speed is known
    from runs before."""
    store, info = Store.open(home), _info(home, configs[0].data.fingerprint)
    if info is None:
        return []
    speeds = [speed_before(home, store, config, info) for config in configs]
    words = few_steps([size(c, info, speed) for c, speed in zip(configs, speeds, strict=True)])
    return [] if words is None else [words]


def _alike(home: Path, stored: ConfigRecord, config: RunConfig, info: DataInfo) -> bool:
    """Whether a stored run trains as fast as ``config`` will on the data ``info``."""
    same = (
        stored.get("encoder_options", {}) == config.to_json()["encoder_options"]
        and stored.get("train", {}).get("batch_size") == config.train.get("batch_size")
        and stored.get("device", "auto") == config.device
    )
    return same and _same_size(home, stored["data"].get("fingerprint"), info)


def _same_size(home: Path, fingerprint: str | None, info: DataInfo) -> bool:
    """Whether those data have images, or texts, of the same size as these."""
    if fingerprint == info.fingerprint:
        return True
    other = _info(home, fingerprint)
    if other is None:
        return False
    if info.modality == "image":
        return (other.size, other.channels) == (info.size, info.channels)
    return other.length == info.length


def _info(home: Path, fingerprint: str | None) -> DataInfo | None:
    path = paths.cache_dir(home) / str(fingerprint) / "info.json"
    return DataInfo.from_json(json.loads(path.read_text("utf-8"))) if path.exists() else None


def _rate(row: RunRow) -> float:
    return float((row.summary.get("training") or {}).get("samples_per_second") or 0.0)


def _around(row: RunRow) -> float:
    took = (row.ended or 0.0) - (row.started or 0.0)
    return max(0.0, took - float(row.summary["training"]["seconds"]))


def _left(row: RunRow, beat: Heartbeat | None) -> float:
    seconds = row.config["budget"].get("seconds") or 0.0
    if beat is None or row.state == "queued":
        return float(seconds) + AROUND_SECONDS
    if beat.phase == "training" and beat.eta_seconds is not None:
        return beat.eta_seconds + AROUND_SECONDS / 2
    return float(seconds) * (1 - beat.progress) + AROUND_SECONDS / 2
