"""The JSON records that commands print and rooms pass on: a run, its scores, gains and verdict.

``workbench show --json`` gives a ``RunRecord``; ``workbench compare --json`` a ``ComparisonRecord``
(``comparison/records.py``) with its runs. Scripts of users rely on the keys: one may be added, none
may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

BudgetUnit = Literal["seconds", "steps", "epochs"]
# One entry: the unit of the budget and its amount.
BudgetRecord = Mapping[BudgetUnit, float]


class StepRecord(TypedDict):
    """One augmentation of a list. options: those that differ from their defaults."""

    name: str
    options: Mapping[str, Any]


class DataConfigRecord(TypedDict, total=False):
    """Where the data of a run come from and how they are read: ``config.DataConfig`` as JSON."""

    source: str
    label: str | None
    group: str | None
    text: list[str] | None
    image: str | None
    folders: str
    size: int | None
    samples: int | None
    channels: list[int] | None
    length: int | None
    fingerprint: str | None
    split: str | None
    unsplit: str
    fit: str | None
    dedupe: bool


class ConfigRecord(TypedDict):
    """A ``config.RunConfig`` as JSON. options, encoder_options, train, eval hold only what differs
    from the defaults; their names are declared by task, encoder, TrainOptions and EvalOptions."""

    data: DataConfigRecord
    task: str
    options: Mapping[str, Any]
    encoder: str | None
    encoder_options: Mapping[str, Any]
    augment: list[StepRecord] | None
    budget: BudgetRecord
    train: Mapping[str, Any]
    eval: Mapping[str, Any]
    seed: int
    device: str
    preset: str | None
    plugins: list[str]


class TrainingRecord(TypedDict, total=False):
    """What training did. Times in seconds, peak_memory in bytes of the whole process.

    views: number of augmented views. started_after: from the worker's start to the first step.
    """

    steps: int
    samples: int
    views: int
    epochs: float
    seconds: float
    samples_per_second: float
    device: str
    precision: str
    parameters: int
    peak_memory: int
    batch_size: int
    started_after: float
    warmup_seconds: float
    check_seconds: float
    evaluation_seconds: float
    threads: int


class VerdictRecord(TypedDict):
    """The verdict of the collapse checks of a run. metrics: of the last check, by names that begin
    with ``h.`` or ``z.``. since_step: the first check with this verdict, None before any check.
    advice: may be empty."""

    label: str
    reason: str
    since_step: int | None
    metrics: Mapping[str, float]
    advice: NotRequired[str]


class Interval(TypedDict):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


class ScoreWithoutCopies(TypedDict):
    """A score of the n samples that equal no training sample. value, low, high: not there where
    nothing is left to score."""

    n: int
    value: NotRequired[float]
    low: NotRequired[float]
    high: NotRequired[float]


class Score(Interval):
    """One score of one kind of features on one split.

    protocol: ``knn``, ``linear probe``, ... metric: ``accuracy``, ``macro_f1``, ``auroc``, ...
    features: ``trained``, ``random init``, ``raw input``, ``tf-idf``, ``lsa``,
    ``word vectors``, ``largest class`` (protocol ``guess``), ... target: a label column.
    n: number of samples scored. total: samples of the split; older runs do not have it.
    labels_per_class: of label efficiency and fine-tuning. neighbours: of kNN, the k of the request;
    older runs do not have it, their k is 20. without_copies: the same on the samples that equal no
    training sample; only where some of the n do.
    """

    protocol: str
    metric: str
    features: str
    representation: str
    target: str
    split: str
    n: int
    total: NotRequired[int]
    labels_per_class: NotRequired[int]
    neighbours: NotRequired[int]
    without_copies: NotRequired[ScoreWithoutCopies]


class Gain(Interval):
    """The score of the trained features less that of the features ``over``, on the same samples and
    with a paired interval."""

    protocol: str
    metric: str
    over: str
    target: str
    n: int
    # Older runs do not have it; their gains are of the test split.
    split: NotRequired[str]
    labels_per_class: NotRequired[int]
    neighbours: NotRequired[int]


class RunRecord(TypedDict):
    """A run, as ``workbench show RUN --json`` gives it.

    Times of day are seconds since the epoch. scores and gains are of one split: the test split, or
    validation while test scores of the data are hidden; ``test`` says which. unscored: True where
    the data have labels, but the training time allowed no scores. chance: the pretext task's loss
    when it guesses. damage: what of its row is damaged, None if nothing is. curves:
    [step, value] by metric, only on request.
    """

    id: str
    name: str
    status: str
    reason: str | None
    owner: str
    experiment: str | None
    created: float | None
    started: float | None
    ended: float | None
    map_state: str
    tags: list[str]
    note: str
    config: ConfigRecord
    training: TrainingRecord
    chance: float | None
    verdict: VerdictRecord | None
    test: Literal["open", "closed"]
    scores: list[Score]
    gains: list[Gain]
    validation_gains: list[Gain]
    notes: list[str]
    versions: Mapping[str, str]
    artifacts: Mapping[str, str]
    unscored: NotRequired[bool]
    damage: NotRequired[str | None]
    curves: NotRequired[Mapping[str, list[tuple[int, float | None]]]]


class RunLine(TypedDict):
    """A run in one line of ``workbench runs --json``: the first fields of a ``RunRecord``."""

    id: str
    name: str
    status: str
    reason: str | None
    owner: str
    experiment: str | None
    created: float
    started: float | None
    ended: float | None
    map_state: str
    tags: list[str]
    note: str
    damage: NotRequired[str | None]


class MovementRecord(TypedDict):
    """A ``diagnostics.invariance.Movement`` as JSON: how far an augmentation moves representations.
    value, low, high: None where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    changed: float
    apart: float


class InvarianceRecord(TypedDict):
    """How far one augmentation moves the representations of the trained and untrained encoder.

    samples: how many were augmented, of ``split``; views: of each.
    """

    trained: MovementRecord
    untrained: MovementRecord
    samples: int
    views: int
    split: str


class Summary(TypedDict, total=False):
    """What a worker reports of its run, as it is stored. map_rows: samples on its map. unscored:
    its time allowed no scores. map_tries: how often fitting a map was begun. slot: the device slot
    in which the run trained."""

    training: TrainingRecord
    chance: float | None
    verdict: VerdictRecord
    scores: list[Score]
    gains: list[Gain]
    validation_scores: list[Score]
    validation_gains: list[Gain]
    notes: list[str]
    versions: Mapping[str, str]
    map_rows: int
    unscored: bool
    map_tries: int
    slot: str
