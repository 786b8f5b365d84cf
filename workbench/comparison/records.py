"""The JSON records of a comparison: what ``workbench compare --json`` gives beside its runs.

Keys are relied on from outside: one may be added, none may change. Values, gains and intervals are
shares (0.031 is 3.1 points); every interval is of 95 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from workbench.records import BudgetRecord, ConfigRecord, Gain, Interval, Score


class NamedRun(TypedDict):
    """The fields of a run that its title is made of."""

    name: str
    config: ConfigRecord


class IdentifiedRun(NamedRun):
    """As ``NamedRun``, with the run's id to tell equal titles apart."""

    id: str


class ScoredRun(TypedDict):
    """The fields of a run that hold its numbers, of the split that it shows."""

    scores: list[Score]
    gains: list[Gain]


class SeededRun(ScoredRun):
    """As ``ScoredRun``, with the configuration, which holds the seed."""

    config: ConfigRecord


class DifferenceRecord(TypedDict):
    """A configuration field whose values differ between runs. field: a dotted name. values: one a
    run, in the order of the runs."""

    field: str
    values: Sequence[Any]


class RunGain(Gain):
    """The first number of a run. run: its id. task: its pretext task."""

    run: str
    task: str


class SeedSummary(Interval):
    """The runs of one configuration that have a gain, and the mean of their gains.

    name: what the configuration is called here. runs, seeds, gains: one entry a run. interval:
    ``samples``, the one run's own; ``both seeds``, from the lower end of one to the upper end of
    the other; or ``samples and seeds``, of the mean.
    """

    name: str
    task: str
    budget: str
    encoder: str | None
    protocol: str
    metric: str
    runs: list[str]
    seeds: list[int]
    gains: list[float]
    interval: Literal["samples", "both seeds", "samples and seeds"]


class DifferenceEstimate(TypedDict):
    """How far one of two lies above the other, with its interval."""

    difference: float
    low: float
    high: float


class PairTest(DifferenceEstimate):
    """How two runs differ by one protocol, on n samples.

    basis: ``same samples``, their answers on the same samples are compared, or ``gains``, the
    difference of trained minus untrained. only_a, only_b: samples that one run alone gets right.
    p: of McNemar's test; p_holm: adjusted over all tests of a protocol. None without a test.
    """

    n: int
    basis: Literal["same samples", "gains"]
    only_a: int | None
    only_b: int | None
    p: float | None
    p_holm: float | None


class Pair(PairTest):
    """Two comparable runs of different configurations. a, b: their ids; difference: a minus b.
    split: of the samples that were compared."""

    a: str
    b: str
    protocol: str
    split: str


class ProtocolTest(DifferenceEstimate):
    """How two configurations differ by one protocol over the seeds that both have.

    differences: one a seed. low, high: Student's t over the seeds. p: of the sign-flip test.
    """

    seeds: list[int]
    differences: list[float]
    p: float


class SeedTest(TypedDict):
    """Two configurations with two seeds or more in common.

    a, b: their names. by: by protocol, a minus b. agree: all protocols have the difference on one
    side. p: the greatest of the protocols. p_holm: p adjusted over all entries. least: the smallest
    p_holm that these seeds could have given.
    """

    a: str
    b: str
    budget: str
    seeds: list[int]
    by: Mapping[str, ProtocolTest]
    agree: bool
    p: float
    p_holm: float
    least: float


class Relation(TypedDict):
    """How configuration a compares with b, by the one rule (``relations.py``).

    a, b: their names. relation: of a to b. by: by protocol, a minus b. seeds: that both have.
    basis: what was compared: trained models on the ``same samples``, ``gains``, or ``paired
    seeds``. split: of the samples.
    """

    a: str
    b: str
    budget: str
    relation: Literal["higher", "lower", "alike", "open"]
    by: Mapping[str, DifferenceEstimate]
    seeds: list[int]
    basis: Literal["same samples", "gains", "paired seeds"]
    split: str


class SwappedPair(TypedDict):
    """Two tasks whose order changed. clear: their intervals lie apart at both times."""

    pair: list[str]
    clear: bool


class TimesRecord(TypedDict):
    """Whether the order of the tasks held from the shortest time to the longest.

    order: by time, the names, the highest gain first. tau: Kendall's rank correlation of the two
    orders (1: the same, -1: reversed). open: how many of the pairs were too close at one of the
    times. pairs: how many there are.
    """

    short: str
    long: str
    order: Mapping[str, list[str]]
    tau: float
    swapped: list[SwappedPair]
    open: int
    pairs: int


class Decision(TypedDict):
    """What to do next with a task. decision: ``run next``, ``still rising``, ``alike``, ``not
    enough evidence``, ``not scored`` or ``ruled out`` (``decisions.py``). split: what the gains
    behind it are of."""

    name: str
    task: str
    decision: str
    reason: str
    split: str


Action = Literal[
    "run longer",
    "add seeds",
    "take the cheaper",
    "compare fairly",
    "look at neighbours",
    "change the setup",
]


class NextRun(TypedDict):
    """A run to launch: the configuration of the run ``like`` with another seed and budget."""

    like: str
    seed: int
    budget: BudgetRecord


class NextStep(TypedDict):
    """What to do next (``next_step.py``).

    task: what to run, names with commas between them; None if nothing is to be run. seeds: runs a
    task. seconds: of training for each run; None if unknown. command: starts these runs from a
    shell; None if nothing is to be run, or if the runs' records alone are at hand. runs: to launch.
    """

    action: Action
    task: str | None
    seeds: int
    seconds: float | None
    command: str | None
    reason: str
    runs: list[NextRun]


class StepsRecord(TypedDict):
    """Runs of equal time that made unequal steps (``step_counts.py``).

    ratio: of the most to the fewest. steps: of each run, by configuration. sentence: the same in
    words. seconds: of training of all ``runs`` together; None if unknown. command: starts ``runs``
    from a shell; None if the runs' records alone are at hand. runs: the same with equal steps.
    """

    ratio: float
    steps: Mapping[str, list[int]]
    sentence: str
    seconds: float | None
    command: str | None
    runs: list[NextRun]


class LooksRecord(TypedDict):
    """How many runs' test scores have been open for a data set. closed: they are hidden now."""

    fingerprint: str
    name: str
    runs: int
    closed: bool


class SeedAgreement(TypedDict):
    """The least and the most that two seeds of one configuration agree, over ``pairs`` pairs."""

    pairs: int
    overlap: list[float]
    cka: list[float] | None


class AgreementRecord(TypedDict):
    """How many nearest neighbours the runs share, each with each.

    keys, titles, kinds: of the feature spaces, one entry each. overlap, cka: square, in that
    order; a CKA is None where an embedding does not vary. n: samples. k: neighbours. chance: the
    overlap of unrelated embeddings. seeds: None without two seeds of one configuration.
    """

    keys: list[str]
    titles: list[str]
    kinds: list[str]
    overlap: list[list[float]]
    cka: list[list[float | None]]
    n: int
    k: int
    chance: float
    seeds: SeedAgreement | None
    sentences: list[str]
    notes: list[str]


class ComparisonRecord(TypedDict):
    """Several runs side by side.

    fair, problems, forced, notes: whether they may be ranked (``guard.py``). gains: each run's
    first number. seeds: runs by configuration. pairs, seed_tests: how two of them differ.
    relations: the same by one rule, which sentences and decisions use. times: None unless two tasks
    had the same two times. unequal_steps: None unless runs of equal time differ in their steps.
    decisions: one a task. decision: what to do next;
    None before a run has finished. headline: simple baselines and the order in words.
    sentences: all of it in words. agreement: added where the runs' embeddings are at hand; None if
    there is nothing to compare. pairs, seed_tests, relations and
    decisions are empty where an order would be unfair.
    """

    fair: bool
    problems: list[str]
    forced: list[str]
    notes: list[str]
    differences: list[DifferenceRecord]
    gains: list[RunGain]
    seeds: list[SeedSummary]
    pairs: list[Pair]
    seed_tests: list[SeedTest]
    relations: list[Relation]
    times: TimesRecord | None
    unequal_steps: StepsRecord | None
    decisions: list[Decision]
    decision: NextStep | None
    looks: list[LooksRecord]
    headline: list[str]
    sentences: list[str]
    agreement: NotRequired[AgreementRecord | None]
