"""The JSON records that commands print and rooms pass on: a run, its scores, gains and verdict.

``workbench show --json`` gives a ``RunRecord``; ``workbench compare --json`` a ``ComparisonRecord``
(``comparison/records.py``) beside its runs. Keys are the ones in DESIGN's "Commands": they are
relied on from outside, so a key may be added and none may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

Split = Literal["train", "validation", "test"]
# seconds, steps or epochs: exactly one of them, with its amount.
BudgetRecord = Mapping[str, float]


class StepRecord(TypedDict):
    """One augmentation of a list. options: those that differ from their defaults."""

    name: str
    options: Mapping[str, Any]


class DataConfigRecord(TypedDict, total=False):
    """How the data of a run are found and read: the fields of ``config.DataConfig``."""

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

    views: augmented views made. started_after: from the worker's start to the first step.
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
    """The collapse check over a run. metrics: of the last check, ``h.`` and ``z.`` before their
    names. since_step: when it was first so, None before any check. advice: may be empty."""

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


class Score(Interval):
    """One score of one kind of features on one split.

    protocol: ``knn``, ``linear probe``, ... metric: ``accuracy``, ``macro_f1``, ``auroc``, ...
    features: ``trained``, ``random init``, ``raw input``, ``tf-idf``, ... target: a label column.
    n: samples scored. labels_per_class: of label efficiency and fine-tuning. neighbours: the k
    that was asked for, of kNN; absent in runs of before it could be chosen (then 20).
    """

    protocol: str
    metric: str
    features: str
    representation: str
    target: str
    split: str
    n: int
    labels_per_class: NotRequired[int]
    neighbours: NotRequired[int]


class Gain(Interval):
    """What the trained features score more than ``over`` on the same samples, paired interval."""

    protocol: str
    metric: str
    over: str
    target: str
    n: int
    # Runs from before validation gains have none; they are of the test split.
    split: NotRequired[str]
    labels_per_class: NotRequired[int]
    neighbours: NotRequired[int]


class RunRecord(TypedDict):
    """A run, as ``workbench show RUN --json`` gives it.

    Times of day are seconds since the epoch. scores and gains are of one split: the test split, or
    validation while test scores of the data are hidden; ``test`` says which. chance: the level of
    guessing of the pretext task's loss. curves: [step, value] by metric, only where asked for.
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


class Summary(TypedDict, total=False):
    """What a run tells of itself, as the store keeps it. map_rows: samples on its map. map_tries:
    how often a map was begun. slot: the device slot it trained in."""

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
    map_tries: int
    slot: str
