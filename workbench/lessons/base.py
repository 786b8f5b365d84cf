"""What a lesson is: one idea, a question to answer before looking, and the runs that answer it.

A lesson holds no result. Its runs are ordinary configurations, budgeted in steps. Their numbers are
read when the lesson is shown, and a function of these numbers says which choice they confirm. So
the text follows the stored runs and not the other way round.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from workbench.config import Budget, DataConfig, RunConfig
from workbench.data.dataset import DataInfo
from workbench.records import RunRecord
from workbench.requests import build, validation
from workbench.stored_runs.map_files import MapFacts


class RepeatedMap(TypedDict):
    """How much two UMAPs of one run agree. overlap: the share of a sample's k nearest on the first
    that are among its k nearest on the second. chance: the same for unrelated maps."""

    overlap: float
    chance: float
    k: int


class LessonMaps(TypedDict, total=False):
    """What was measured of a run's maps. again: only where a second UMAP was stored."""

    pca: MapFacts
    umap: MapFacts
    again: RepeatedMap


class LessonRun(RunRecord):
    """A run's record, with its curves, under the name that it has in the lesson.

    classes: how many classes each label column has; the classes of sample data are equally large.
    """

    maps: LessonMaps
    classes: dict[str, int]


# Of the runs of a class.
_CHECK_EVERY = 0.1
_SCORES = {"label_efficiency": False, "nuisances": False, "factors": False}

# By the keys of the variants.
LessonRuns = Mapping[str, LessonRun]

BlockKind = Literal[
    "table", "maps", "curve", "checks", "factors", "labels", "baselines", "seeds", "again"
]


@dataclass(frozen=True)
class Variant:
    """One run of a lesson.

    key: its name within the lesson. name: its name on the screen. augment: edits as those of
    ``--augment``, on top of the task's own. The rest are fields of RunConfig.
    """

    key: str
    name: str
    data: str
    task: str
    steps: int
    options: Mapping[str, Any] = field(default_factory=dict)
    preset: str | None = None
    augment: tuple[str, ...] = ()
    train: Mapping[str, Any] = field(default_factory=dict)
    eval: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0

    def config(self, info: DataInfo, seed: int | None = None) -> RunConfig:
        """The complete configuration on the data ``info``; ``seed`` in place of its own."""
        request = RunConfig(
            DataConfig(self.data),
            self.task,
            options=self.options,
            budget=Budget(steps=self.steps),
            train=self.train,
            eval=self.eval,
            seed=self.seed if seed is None else seed,
            preset=self.preset,
        )
        return validation.validate(build.with_augmentations(request, self.augment, info), info)


@dataclass(frozen=True)
class Choice:
    """One answer that may be predicted."""

    key: str
    text: str


@dataclass(frozen=True)
class Answer:
    """What the runs say. right: key of the choice that they confirm. because: one sentence with the
    numbers for it. more: further sentences. limits: what was shown and what was not, one paragraph.
    """

    right: str
    because: str
    more: tuple[str, ...]
    limits: str


@dataclass(frozen=True)
class Block:
    """One picture or table of the answer. keys: the variants in it, all of them if empty. curve:
    the metric that a block of curves draws. colour: the label column that colours its maps, the
    label if empty."""

    kind: BlockKind
    title: str
    keys: tuple[str, ...] = ()
    note: str = ""
    curve: str = "loss"
    colour: str = ""


@dataclass(frozen=True)
class Dial:
    """A slider through the stored runs. values: its positions, and the variant at each. start: the
    position shown first. reference: the variant whose map is always shown as well."""

    label: str
    values: Mapping[str, str]
    start: str
    reference: str
    help: str = ""


@dataclass(frozen=True)
class Lesson:
    """A lesson. name: its id in addresses. place: its place in the list.

    idea: a few plain sentences; ``[[word]]`` and ``[[word|as written here]]`` are words of the
    glossary. brief: what one must know to predict, in two or three sentences, for students' pages
    and the projector. answer: from the runs by variant to what they say. pooled: two variants that
    the students of a class run, each with a seed of their own; pooled_steps: the steps of such a
    run, few enough that a class of thirty sees a result. repeatable: the answer can be read from
    newly made runs, too. pictures: the variants whose tasks are shown first; the first one if
    empty.
    """

    name: str
    place: int
    title: str
    teaser: str
    idea: tuple[str, ...]
    brief: str
    question: str
    choices: tuple[Choice, ...]
    variants: tuple[Variant, ...]
    answer: Callable[[LessonRuns], Answer]
    blocks: tuple[Block, ...]
    dial: Dial | None = None
    pooled: tuple[str, str] | None = None
    pooled_steps: int = 50
    repeatable: bool = True
    pictures: tuple[str, ...] = ()

    def variant(self, key: str) -> Variant:
        """The variant called ``key``. Raises KeyError."""
        return {one.key: one for one in self.variants}[key]

    @property
    def pictured(self) -> tuple[Variant, ...]:
        """The variants whose tasks the lesson's first picture shows, a row each."""
        return tuple(map(self.variant, self.pictures)) or self.variants[:1]

    def seeded_pair(self) -> tuple[Variant, ...]:
        """The two variants of the class's experiment, with its steps; empty without one.

        They are made for the gain by nearest neighbours and the collapse check, so that a run is
        short: ten checks, and no score that the class does not see.
        """
        return tuple(
            dataclasses.replace(
                variant,
                steps=self.pooled_steps,
                train={**variant.train, "check_every": _CHECK_EVERY},
                eval={**variant.eval, **_SCORES},
            )
            for variant in map(self.variant, self.pooled or ())
        )

    def choice(self, key: str) -> Choice | None:
        """The choice called ``key``, None if it is not one of this lesson's."""
        return next((one for one in self.choices if one.key == key), None)
