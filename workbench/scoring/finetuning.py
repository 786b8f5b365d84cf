"""Fine-tuning in a run: the trained encoder and the untrained one on the same few labels.

The draws of labels are the first ``DRAWS`` of label efficiency. The result of the untrained encoder
lies on the shelf of baselines.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from torch import nn

from workbench.data import quality
from workbench.data.dataset import Dataset, Target
from workbench.evaluation import baselines
from workbench.evaluation.f1 import interval
from workbench.evaluation.feature_scores import FEW, TRAINED, Bools, Scored, Setup, row
from workbench.evaluation.gains import gains_over
from workbench.evaluation.intervals import mean_over_draws
from workbench.evaluation.label_efficiency import draw, levels_for
from workbench.evaluation.protocols import add_without_copies
from workbench.records import Gain, Score
from workbench.scoring.trained_run import TrainedRun
from workbench.training import finetune, instances
from workbench.training.finetune import FineTuned, Labelled

Rows = npt.NDArray[np.int64]

FINE_TUNING = "fine-tuning"
RANDOM = "random init"
LABELS, DRAWS = 10, 3
# A sample in a step of training, as a multiple of its encoding: forward, backward (twice that), and
# the weights' update.
_OF_A_STEP = 4


@dataclass(frozen=True)
class FewLabels:
    """The labelled samples that both encoders are tuned and scored on.

    level: labels a class in each of ``draws``. validation: may be empty. target: the label column.
    """

    train: Labelled
    validation: Labelled
    test: Labelled
    target: str
    n_classes: int
    level: int
    seed: int

    @property
    def draws(self) -> list[Labelled]:
        places = [draw(self.train.classes, self.level, n, self.seed) for n in range(DRAWS)]
        return [Labelled(self.train.rows[at], self.train.classes[at]) for at in places]


def wanted(run: TrainedRun, spare: float, encoding: float) -> bool:
    """Whether the run's encoder is fine-tuned: where that is asked for, and else for tasks whose
    papers do, if it fits into ``spare`` seconds. A note says where it does not.

    encoding: seconds of one sample.
    """
    asked = run.options.fine_tuning
    if asked is not None:
        return asked
    if not instances.task_of(run.config).fine_tuned or _obstacle(run.data, _labelled(run)):
        return False
    takes = seconds({split: len(rows) for split, rows in run.rows.items()}, encoding)
    if takes > spare:
        run.events.note(
            f"Fine-tuning is left out: it would take about {takes:.0f} s, too long for this "
            "training time. --set eval.fine_tuning=true adds it."
        )
    return takes <= spare


def seconds(counts: Mapping[str, int], encoding: float) -> float:
    """About how long it takes to tune and score the trained and the untrained encoder.

    counts: of evaluation samples by split. encoding: seconds of one sample.
    """
    rates = len(finetune.LEARNING_RATES) if counts.get("validation") else 1
    steps = (rates + DRAWS - 1) * finetune.STEPS
    encoded = rates * counts.get("validation", 0) + DRAWS * counts.get("test", 0)
    return 2 * encoding * (steps * finetune.BATCH * _OF_A_STEP + encoded)


def fine_tuning(run: TrainedRun) -> tuple[list[Score], list[Gain]]:
    """(scores, gains) of test, as score objects; none, with a note, where nothing can be tuned."""
    labelled = _labelled(run)
    why = _obstacle(run.data, labelled)
    label = run.data.info.label
    if why is not None or label is None:
        run.events.note(f"No fine-tuning: {why}")
        return [], []
    few = _few_labels(run.data, label, labelled)
    shelved = run.shelf / baselines.key(
        features=RANDOM,
        protocol=FINE_TUNING,
        recipe=finetune.VERSION,
        level=few.level,
        target=few.target,
        counts={split: len(samples.rows) for split, samples in labelled.items()},
        **run.untrained_key,
    )
    trained = _tune(run, few, run.trained.module.encoder, 0.0)  # type: ignore[arg-type]
    untrained = None
    if trained is not None:
        untrained = _read(shelved) or _tune(run, few, run.trained.untrained, 0.5)
    if trained is None or untrained is None:
        run.events.note("Fine-tuning is left out: the run was asked to stop.")
        return [], []
    _write(shelved, untrained)
    run.events.note(_sentence(few, trained, untrained))
    predicted = {TRAINED: trained.predicted, RANDOM: untrained.predicted}
    copied = quality.copies_of_training(run.data, {"test": few.test.rows}).get("test")
    return score(predicted, few.test.classes, few.level, few.target, copied)


def _labelled(run: TrainedRun) -> dict[str, Labelled]:
    """The labelled evaluation samples by split."""
    label = run.data.info.label
    if label is None:
        return {}
    classes = run.data.target(label.name)
    labelled = {split: rows[classes[rows] >= 0] for split, rows in run.rows.items()}
    return {split: Labelled(rows, classes[rows]) for split, rows in labelled.items()}


def _few_labels(data: Dataset, label: Target, labelled: Mapping[str, Labelled]) -> FewLabels:
    train = labelled["train"]
    return FewLabels(
        train=train,
        validation=labelled.get("validation", Labelled(train.rows[:0], train.classes[:0])),
        test=labelled["test"],
        target=label.name,
        n_classes=len(label.classes),
        level=max(level for level in levels_for(train.classes) if level <= LABELS),
        seed=zlib.crc32(data.info.fingerprint.encode()),
    )


def _tune(run: TrainedRun, few: FewLabels, encoder: nn.Module, share: float) -> FineTuned | None:
    """One encoder, tuned on every draw; None if stopped. share: of the progress before it."""
    return finetune.fine_tune(
        encoder,
        run.data,
        few.draws,
        few.validation,
        few.test.rows,
        few.n_classes,
        run.placement,
        seed=few.seed,
        should_stop=run.control.should_stop,
        progress=lambda done: run.events.phase("evaluating", progress=share + done / 2),
    )


def _sentence(few: FewLabels, trained: FineTuned, untrained: FineTuned) -> str:
    by_validation = len(few.validation.rows) > 0
    how = "chosen on validation" if by_validation else "a fixed middle one: no validation"
    rates = {TRAINED: trained.learning_rate, RANDOM: untrained.learning_rate}
    words = ", ".join(f"{rate:g} for {name}" for name, rate in rates.items())
    return (
        f"Fine-tuning: {few.level} labels a class, {DRAWS} draws, {finetune.STEPS} steps each; the "
        f"encoder's learning rate is {how}, {words}. Both sides have the same recipe and search."
    )


def score(
    predicted: Mapping[str, Rows],
    truth: Rows,
    level: int,
    target: str,
    copied: Bools | None = None,
) -> tuple[list[Score], list[Gain]]:
    """(scores, gains) of encoders that were fine-tuned on ``level`` labels a class.

    predicted: by features, int64 (draws, n), of test. truth: int64 (n,). The gain is paired: the
    same draws of labels and the same samples on both sides. copied: bool (n,), which test samples
    equal a training sample; None if none does.
    """
    scores = [
        row(FINE_TUNING, metric, name, target, "test", value, len(truth), labels_per_class=level)
        for name, classes in predicted.items()
        for metric, value in (
            ("accuracy", mean_over_draws(classes == truth)),
            ("macro_f1", interval(truth, classes)),
        )
    ]
    if copied is not None:
        for name, classes in predicted.items():
            rows = [one for one in scores if one["features"] == name]
            add_without_copies(rows, FEW, classes, truth, ~copied, Setup(target))
    mine, theirs = (
        Scored(outcomes={f"{FINE_TUNING}/{level}": predicted[name]}) for name in (TRAINED, RANDOM)
    )
    return scores, gains_over(mine, theirs, RANDOM, truth, Setup(target))


def _obstacle(data: Dataset, labelled: Mapping[str, Labelled]) -> str | None:
    """Why nothing can be fine-tuned, or None."""
    if data.info.normal is not None:
        return "training is normals only, so there are no classes to learn."
    for split in ("train", "test"):
        if split not in labelled or not len(labelled[split].rows):
            return f"there is no labelled sample in the {split} split."
    if len(np.unique(labelled["train"].classes)) < 2:
        return "the labelled training samples are all of one class."
    return None


def _read(path: Path) -> FineTuned | None:
    stored = baselines.read_arrays(path)
    if stored is None:
        return None
    arrays, facts = stored
    return FineTuned(arrays["predicted"], facts["learning_rate"], tuple(facts["hits"]))


def _write(path: Path, tuned: FineTuned) -> None:
    facts = {"learning_rate": tuned.learning_rate, "hits": list(tuned.hits)}
    baselines.write_arrays(path, {"predicted": tuned.predicted}, facts)
