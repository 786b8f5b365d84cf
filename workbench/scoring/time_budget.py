"""How many samples a run scores and maps, so that scoring stays in proportion to its training.

The workbench's rule: a run that was given S seconds of training has its scores after at most
1.5 S + 20 s, or 1.5 S + 60 s where it made fewer than 20 steps. Scoring has the part of that which
start, warm-up and checks leave. Pure: what things cost is measured in ``sample_plan``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.data.corpus.part_vectors import parts_are_counted
from workbench.data.sampling import LIMITS, MOST_MAPPED
from workbench.evaluation.label_efficiency import ALL_CHOOSE, DRAWS, FEW_CHOOSE, LEVELS
from workbench.evaluation.logistic import PATH_STEPS
from workbench.evaluation.probe import DENSE
from workbench.training.schedule import FEWEST_STEPS

# Seconds for a character of counted words, and of parts of words, with their directions; measured
# on texts of 70 and of 1,200 characters.
_WORD_CHARACTER, _PART_CHARACTER = 1.5e-6, 8e-6
# Seconds of spectra, a first map and files.
_FILES = 1.5
_SHARE, _SECONDS = 0.3, 5.0
# Runs of few steps get a minute besides. Start and warm-up leave 40 s of it. The two checks and the
# warm-up's steps take as long as 1,500 embeddings. Scoring gets the rest, at most 29 s.
_SECONDS_OF_FEW_STEPS, _LEFT_OF_MINUTE, _EMBEDDINGS = 29.0, 40.0, 1_500
_LEAST_SECONDS = 8.0
_SCALINGS = 2
# An accuracy over fewer test samples has an interval of more than nine points.
FEWEST_TESTED = 500


@dataclass(frozen=True)
class Rung:
    """Samples that are scored at most, by split, and that are mapped. scored: False where only the
    maps are made."""

    limits: Mapping[str, int]
    mapped: int
    scored: bool = True


def _rung(train: int, validation: int, test: int, mapped: int) -> Rung:
    return Rung({"train": train, "validation": validation, "test": test}, mapped)


FULL = Rung({str(split): limit for split, limit in LIMITS.items()}, MOST_MAPPED)
LADDER = (
    FULL,
    _rung(5_000, 1_000, 2_500, 2_000),
    _rung(2_500, 600, 1_500, 2_000),
    _rung(1_250, 400, 1_000, 1_000),
    _rung(700, 300, FEWEST_TESTED, 500),
    _rung(500, 200, FEWEST_TESTED, 400),
)
UNSCORED = (
    Rung({"train": 400, "validation": 100, "test": 0}, 500, scored=False),
    Rung({"train": 200, "validation": 50, "test": 0}, 250, scored=False),
)


@dataclass(frozen=True)
class Costs:
    """What evaluation costs, in seconds.

    encoding: one sample by one encoder. step: one training sample in one step of the linear probe's
    fit, summed over all kinds of features. classes: of the label; 0 without one. characters: of one
    text, 0 for images. once: what is made once, whatever the number of samples.
    """

    encoding: float
    step: float
    classes: int
    characters: float = 0.0
    once: float = 0.0

    def of(self, counts: Mapping[str, int], *, scored: bool = True) -> float:
        """Seconds for ``counts`` samples by split: the trained and the untrained encoder embed
        them, every kind of features is scored, and files are written."""
        samples = sum(counts.values())
        encoded = 2 * samples * self.encoding + _FILES
        if not scored:
            return encoded
        fits = self.step * _steps(counts.get("train", 0), self.classes)
        return encoded + fits + samples * self.counting(counts.get("train", 0)) + self.once

    def counting(self, train: int) -> float:
        """Seconds of counting the words of one text, and their strongest directions; and parts of
        words where the ``train`` texts are not too long for these."""
        parts = bool(self.classes) and parts_are_counted(train, train * self.characters)
        return self.characters * (_WORD_CHARACTER + (_PART_CHARACTER if parts else 0.0))


def _steps(train: int, classes: int) -> float:
    """Training samples times steps of all fits of one kind of features: the probe and the levels of
    label efficiency."""
    if not classes:
        return 0.0
    fits = train * _SCALINGS
    for level in LEVELS:
        if level * classes <= train:
            searches = DRAWS if level <= ALL_CHOOSE else FEW_CHOOSE
            fits += level * classes * (_SCALINGS * searches + DRAWS - searches)
    return float(fits * len(DENSE) * PATH_STEPS)


def allowed(seconds: float, steps: int, encoding: float) -> float:
    """Seconds that evaluation may take after ``seconds`` of training in ``steps`` steps, where one
    sample is encoded in ``encoding`` seconds."""
    if steps >= FEWEST_STEPS:
        return _SHARE * seconds + _SECONDS
    left = _LEFT_OF_MINUTE - _EMBEDDINGS * encoding
    return _SHARE * seconds + min(_SECONDS_OF_FEW_STEPS, max(_LEAST_SECONDS, left))


def choose(counts: Mapping[str, int], costs: Costs, seconds: float) -> tuple[int, float]:
    """Place of the rung with the most samples that fit into ``seconds``, the last one where none
    does; and the seconds that are left, at least 0. counts: samples of the data set, by split."""
    for place in range(places()):
        step = rung(place)
        taken = {split: min(n, step.limits[split]) for split, n in counts.items()}
        left = seconds - costs.of(taken, scored=step.scored)
        if left >= 0:
            return place, left
    return places() - 1, 0.0


def places() -> int:
    """Rungs in all."""
    return len(LADDER) + len(UNSCORED)


def rung(place: int) -> Rung:
    """The samples at a place that ``choose`` gives: first those that are scored."""
    return (*LADDER, *UNSCORED)[place]
