"""The samples of one run that are embedded, scored and mapped: measured costs meet the time that
``time_budget`` allows.

What is chosen for a data set, an encoder and a training time is kept on the shelf of baselines, so
that all runs of a pilot are scored on the same samples.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits
from torch import nn

from workbench.config import RunConfig
from workbench.data import sampling
from workbench.data.corpus.word_vectors import MOST_TOKENS
from workbench.data.dataset import SPLITS, Dataset
from workbench.evaluation import baselines
from workbench.evaluation.logistic import PATH_STEPS, fit_path
from workbench.evaluation.probe import DENSE
from workbench.scoring import time_budget
from workbench.scoring.time_budget import Costs
from workbench.scoring.trained_run import Rows
from workbench.training import instances
from workbench.training.batches import SplitData
from workbench.training.device import Placement
from workbench.training.encode import encode_rows, flops_a_sample
from workbench.training.trainer import Trained

_TIMED_IMAGES, _TIMED_TEXTS = 64, 256
# Texts of one batch are as long as the longest. The few that are timed go in small batches, so that
# they are padded as little as many texts in order of length.
_TIMED_BATCH = 32
_TIMED_ROWS, _REPEATS = 1_000, 3
# Goes up whenever a place on the ladder, or what decides it, means something else.
_VERSION = 3
# Operations a second of a plain processor. Runs of steps reckon with these and not with a clock, so
# that equal runs score equal samples.
_NOMINAL = 5e10
# Some encoders take next to no operations. A run of steps counts as one of at least this time.
_LEAST_SECONDS = 20.0
# Scoring the trained and the untrained representation under all protocols, as a multiple of the
# fits of one. What does not depend on the encoder (pixels; word counts, their strongest directions
# and word vectors) costs this multiple of the fits of features of a plain width. Measured with 6,
# 10 and 77 classes, 64 to 512 numbers a representation, 2,500 to 700 samples.
_REPRESENTATIONS = 1.8
_WITHOUT_ENCODER = {"image": 2.5, "text": 3.5}
_PLAIN_WIDTH = 256
# Seconds of word vectors for a token of the training texts.
_VECTOR_TOKEN = 3e-6


@dataclass(frozen=True)
class SamplePlan:
    """rows: positions in the cache of the samples that are embedded, by split. mapped: of those on
    the map. scored: False where the time allows no scores. note: what is left out, or None. spare:
    seconds that scoring leaves of its time. encoding: seconds of one sample.
    """

    rows: Mapping[str, Rows]
    mapped: Rows
    scored: bool
    note: str | None
    spare: float = float("inf")
    encoding: float = 0.0


def plan(
    config: RunConfig, data: Dataset, trained: Trained, placement: Placement, shelf: Path
) -> SamplePlan:
    """The samples that suit the run's training time; all of them with ``eval.full``."""
    if instances.eval_options(config).full:
        rows = sampling.choose(data, full=True)
        return SamplePlan(rows, sampling.map_rows(data, rows), True, None)
    seconds = config.budget.seconds
    if seconds is None:
        chosen = _choose(data, trained, _nominal_costs(data, trained, placement), None)
    else:
        file = shelf / _file_name(config, placement)
        stored = _read(file)
        if stored is None:
            stored = _choose(data, trained, _measured_costs(data, trained, placement), seconds)
            baselines.write_arrays(file, {}, dataclasses.asdict(stored))
        chosen = stored
    rung = time_budget.rung(chosen.place)
    rows = sampling.choose(data, limits=rung.limits)
    mapped = sampling.map_rows(data, rows, rung.mapped)
    note = _note(data, rows, chosen.place)
    return SamplePlan(rows, mapped, rung.scored, note, chosen.spare, chosen.encoding)


@dataclass(frozen=True)
class _Chosen:
    """place: on the ladder. spare, encoding: as those of the plan."""

    place: int
    spare: float
    encoding: float


def _choose(data: Dataset, trained: Trained, costs: Costs, seconds: float | None) -> _Chosen:
    counters = trained.counters
    nominal = max(_LEAST_SECONDS, counters.views * 3 * costs.encoding)
    spent = nominal if seconds is None else seconds
    allowed = time_budget.allowed(spent, counters.step, costs.encoding)
    place, left = time_budget.choose(data.info.counts, costs, allowed)
    return _Chosen(place, left, costs.encoding)


def _nominal_costs(data: Dataset, trained: Trained, placement: Placement) -> Costs:
    encoder: nn.Module = trained.module.encoder  # type: ignore[assignment]
    flops = flops_a_sample(encoder, SplitData(data, "train", placement.device), placement)
    classes, width = _classes(data), int(encoder.dim)  # type: ignore[arg-type]
    step = _step_of_all(data, lambda features: classes * (4 * features + 500) / _NOMINAL, width)
    return Costs(flops / _NOMINAL, step, classes, _characters(data), _vector_seconds(data))


def _measured_costs(data: Dataset, trained: Trained, placement: Placement) -> Costs:
    encoder: nn.Module = trained.module.encoder  # type: ignore[assignment]
    most = _TIMED_IMAGES if data.info.modality == "image" else _TIMED_TEXTS
    rows = sampling.choose(data, limits={str(split): 0 for split in SPLITS} | {"train": most})
    clock = _Clock(placement)
    encode_rows(encoder, data, rows["train"], placement, _TIMED_BATCH)
    encoding = clock.seconds() / len(rows["train"])
    classes, width = _classes(data), int(encoder.dim)  # type: ignore[arg-type]
    step = _step_of_all(data, lambda features: _step_seconds(features, classes), width)
    return Costs(encoding, step, classes, _characters(data), _vector_seconds(data))


def _step_of_all(data: Dataset, seconds: Callable[[int], float], width: int) -> float:
    """Seconds of one training sample in one step of the fits of all kinds of features, from those
    of one kind of a given width; 0 without a label."""
    if data.info.label is None:
        return 0.0
    others = _WITHOUT_ENCODER[data.info.modality] * seconds(_PLAIN_WIDTH)
    return _REPRESENTATIONS * seconds(width) + others


def _characters(data: Dataset) -> float:
    """Characters of a text, on average over some; 0 for images."""
    if data.info.modality == "image":
        return 0.0
    train = data.rows("train")
    some = range(train.start, min(train.stop, train.start + _TIMED_TEXTS))
    return sum(len(data.texts[row]) for row in some) / max(1, len(some))


def _vector_seconds(data: Dataset) -> float:
    """Seconds that word vectors take, whether they are kept from before or not: so that the first
    run on a data set is scored on the same samples as the next."""
    if data.info.modality == "image" or data.info.label is None:
        return 0.0
    train = data.rows("train")
    tokens = int(data.offsets[train.stop] - data.offsets[train.start])
    return min(tokens, MOST_TOKENS) * _VECTOR_TOKEN


def _step_seconds(width: int, classes: int) -> float:
    """Seconds of one training sample in one step of a probe's fit, on numbers of no meaning."""
    rng = np.random.default_rng(0)
    features = rng.standard_normal((_TIMED_ROWS, width), dtype=np.float32)
    labels = np.arange(_TIMED_ROWS) % max(2, classes)
    times = []
    with threadpool_limits(1):
        for _ in range(_REPEATS):
            began = time.process_time()
            list(fit_path(features, labels, DENSE[-1:], exact=False))
            times.append(time.process_time() - began)
    return min(times) / (_TIMED_ROWS * PATH_STEPS)


def _classes(data: Dataset) -> int:
    label = data.info.label
    return 0 if label is None else len(label.classes)


class _Clock:
    """Seconds since it was made. On the processor what this process has computed counts, shared by
    its threads: other programs do not make a run score fewer samples."""

    def __init__(self, placement: Placement):
        self._placement = placement
        self._on_processor = placement.device.type == "cpu"
        self._began = self._now()

    def seconds(self) -> float:
        return self._now() - self._began

    def _now(self) -> float:
        self._placement.synchronize()
        if self._on_processor:
            return time.process_time() / self._placement.threads
        return time.perf_counter()


def _note(data: Dataset, rows: Mapping[str, Rows], place: int) -> str | None:
    if not place:
        return None
    if not time_budget.rung(place).scored:
        return (
            "Not scored in this budget: with this encoder and these data, scores would take too "
            "long for the training time. Train longer, take a smaller encoder, or evaluate on "
            "everything (--full)."
        )
    counts = data.info.counts
    names = {"train": "training"}
    parts = [
        f"{len(index):,} of {counts[split]:,} {names.get(split, split)}"
        for split, index in rows.items()
    ]
    listed = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    return (
        f"Scored on {listed} samples: more would take too long for this training time. Intervals "
        "are wider for it. --full scores all."
    )


def _file_name(config: RunConfig, placement: Placement) -> str:
    return baselines.key(
        features="samples",
        plan=_VERSION,
        encoder=[config.encoder, dict(config.encoder_options)],
        seconds=config.budget.seconds,
        device=[placement.device.type, placement.threads, placement.precision],
        label=config.data.label,
    )


def _read(file: Path) -> _Chosen | None:
    """What was chosen before; None if nothing was, or the file is damaged."""
    stored = baselines.read_arrays(file)
    facts = {} if stored is None else stored[1]
    place, spare, encoding = (facts.get(name) for name in ("place", "spare", "encoding"))
    if not isinstance(place, int) or not 0 <= place < time_budget.places():
        return None
    if not isinstance(spare, float) or not isinstance(encoding, float):
        return None
    return _Chosen(place, spare, encoding)
