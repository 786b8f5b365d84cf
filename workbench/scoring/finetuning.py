"""Fine-tuning in a run: the trained encoder and the untrained one on the same few labels.

The draws of labels are those of label efficiency, the first ``DRAWS`` of them. What becomes of the
untrained encoder lies on the shelf of baselines.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from torch import nn

from workbench.data.dataset import Dataset
from workbench.evaluation import baselines
from workbench.evaluation.f1 import interval
from workbench.evaluation.feature_scores import TRAINED, Scored, Setup, row
from workbench.evaluation.gains import gains_over
from workbench.evaluation.intervals import mean_over_draws
from workbench.evaluation.label_efficiency import draw, levels_for
from workbench.records import Gain, Score
from workbench.training import finetune
from workbench.training.device import Placement
from workbench.training.finetune import FineTuned, Labelled
from workbench.training.ports import Control, Events
from workbench.training.trainer import Trained

Rows = npt.NDArray[np.int64]

FINE_TUNING = "fine-tuning"
RANDOM = "random init"
LABELS, DRAWS = 10, 3


def fine_tuning(
    data: Dataset,
    rows: Mapping[str, Rows],
    trained: Trained,
    untrained: Mapping[str, str],
    placement: Placement,
    events: Events,
    control: Control,
    shelf: Path,
) -> tuple[list[Score], list[Gain]]:
    """(scores, gains) of test, as score objects; none, with a note, where there is nothing to say.

    rows: the evaluation samples by split. untrained: what decides the untrained encoder.
    """
    label = data.info.label
    labels = None if label is None else data.target(label.name)
    known = {
        split: Labelled(index[labels[index] >= 0], labels[index[labels[index] >= 0]])
        for split, index in rows.items()
        if labels is not None
    }
    why = _obstacle(data, known)
    if why is not None or label is None:
        events.note(f"No fine-tuning: {why}")
        return [], []
    train, test = known["train"], known["test"]
    validation = known.get("validation", Labelled(train.rows[:0], train.classes[:0]))
    level = max(found for found in levels_for(train.classes) if found <= LABELS)
    seed = zlib.crc32(data.info.fingerprint.encode())
    drawn = [draw(train.classes, level, number, seed) for number in range(DRAWS)]
    draws = [Labelled(train.rows[places], train.classes[places]) for places in drawn]

    def tuned(encoder: nn.Module, share: float) -> FineTuned | None:
        return finetune.fine_tune(
            encoder,
            data,
            draws,
            validation,
            test.rows,
            len(label.classes),
            placement,
            seed=seed,
            should_stop=control.should_stop,
            progress=lambda done: events.phase("evaluating", progress=share + done / 2),
        )

    counts = {split: len(found.rows) for split, found in known.items()}
    path = shelf / baselines.key(
        features=RANDOM,
        protocol=FINE_TUNING,
        recipe=finetune.VERSION,
        level=level,
        target=label.name,
        counts=counts,
        **untrained,
    )
    found = {TRAINED: tuned(trained.module.encoder, 0.0)}  # type: ignore[arg-type]
    if found[TRAINED] is not None:
        found[RANDOM] = _read(path) or tuned(trained.untrained, 0.5)
    if any(result is None for result in found.values()):
        events.note("Fine-tuning is left out: the run was asked to stop.")
        return [], []
    _write(path, found[RANDOM])
    said = {name: result.predicted for name, result in found.items() if result is not None}
    rates = ", ".join(f"{r.learning_rate:g} for {n}" for n, r in found.items() if r is not None)
    how = "chosen on validation" if len(validation.rows) else "a fixed middle one: no validation"
    events.note(
        f"Fine-tuning: {level} labels a class, {DRAWS} draws, {finetune.STEPS} steps each; the "
        f"encoder's learning rate is {how}, {rates}. Both sides have the same recipe and search."
    )
    return score(said, test.classes, level, label.name)


def score(
    said: Mapping[str, Rows], truth: Rows, level: int, target: str
) -> tuple[list[Score], list[Gain]]:
    """(scores, gains) of what each encoder, fine-tuned on ``level`` labels a class, says of test.

    said: by features, int64 (draws, n). truth: int64 (n,). The gain is paired: the same draws of
    labels and the same samples on both sides.
    """
    scores = [
        row(FINE_TUNING, metric, name, target, "test", value, len(truth), labels_per_class=level)
        for name, predicted in said.items()
        for metric, value in (
            ("accuracy", mean_over_draws(predicted == truth)),
            ("macro_f1", interval(truth, predicted)),
        )
    ]
    mine, theirs = (Scored(outcomes={f"{FINE_TUNING}/{level}": said[n]}) for n in (TRAINED, RANDOM))
    return scores, gains_over(mine, theirs, RANDOM, truth, Setup(target))


def _obstacle(data: Dataset, known: Mapping[str, Labelled]) -> str | None:
    """Why nothing can be fine-tuned, or None."""
    if data.info.normal is not None:
        return "training is normals only, so there are no classes to learn."
    for split in ("train", "test"):
        if split not in known or not len(known[split].rows):
            return f"there is no labelled sample in the {split} split."
    if len(np.unique(known["train"].classes)) < 2:
        return "the labelled training samples are all of one class."
    return None


def _read(path: Path) -> FineTuned | None:
    found = baselines.read_arrays(path)
    if found is None:
        return None
    arrays, more = found
    return FineTuned(arrays["predicted"], more["learning_rate"], tuple(more["hits"]))


def _write(path: Path, tuned: FineTuned | None) -> None:
    if tuned is not None:
        more = {"learning_rate": tuned.learning_rate, "hits": list(tuned.hits)}
        baselines.write_arrays(path, {"predicted": tuned.predicted}, more)
