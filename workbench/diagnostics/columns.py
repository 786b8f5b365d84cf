"""Which columns of numbers in a table are the dimensions of an embedding.

Tables hold more numbers than that: row numbers, labels, a constant. Counted as dimensions they
change every metric. Names and values tell them apart; what is left out is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

INDEX, LABEL, CONSTANT = "like an index", "like a label", "constant"
WHOLE, ALONE = "whole numbers beside fractions", "not of the numbered columns"

# Names that pandas gives to an index that was saved with the table.
_SAVED_INDEX = re.compile(r"^(|unnamed: ?\d.*|level_\d+|__index_level_\d+__)$")
_INDEX_NAME = re.compile(
    r"^(ids?|idx|index|key|uuid|rows?|no|nr|number|(row|sample|image|item|point)[_ -]?"
    r"(ids?|idx|index|no|nr|number)|.*[_ -](id|idx|index))$"
)
_LABEL_NAME = re.compile(
    r"^(y|y[_ -](true|pred)|(.*[_ -])?(labels?|targets?|class(es)?|clusters?|categor(y|ies)|fold|"
    r"folds|splits?|groups?|batch(es)?|plates?|gt|ground[_ -]?truth)([_ -]?(ids?|idx|index|code|"
    r"codes|no|nr|number))?)$"
)
# A common beginning and a number: e0, e1, ... are the dimensions of one embedding.
_NUMBERED = re.compile(r"^(.*?)[_ .-]?(\d+)$", re.DOTALL)
_FEWEST_NUMBERED = 4
# A column with at most so many different whole numbers is like a label.
_MOST_CLASSES = 50
# What fewer rows look like is chance.
_FEWEST_ROWS = 5
# A column of whole numbers is a dimension if this share of its numbered series is whole, too.
_WHOLE_SERIES = 0.25


@dataclass(frozen=True)
class Chosen:
    """taken: names of the columns that are dimensions. left_out: why others are none, by name."""

    taken: tuple[str, ...]
    left_out: Mapping[str, str]


def dimensions(names: Sequence[str], values_of: Callable[[str], npt.NDArray[Any]]) -> Chosen:
    """The columns among ``names`` that are dimensions. values_of: the numbers (n,) of a column.

    If nothing would be left, all are taken. Constant columns are left out only while they are the
    minority: embeddings of which most columns do not vary have collapsed.
    """
    facts = {name: _Facts.of(values_of(name)) for name in names}
    series = _numbered(names)
    numbered = {name for members in series for name in members}
    # Dimensions may be whole numbers if their whole series is.
    stray = numbered - {name for members in series if _whole(members, facts) for name in members}
    fractions = any(not one.whole for one in facts.values())
    left_out: dict[str, str] = {}
    for name, one in facts.items():
        reason = _reason_by_name(name, one, name in numbered, fractions)
        if reason is None and fractions and (name in stray or name not in numbered):
            reason = _reason_by_values(one)
        if reason is None and one.index:
            reason = INDEX
        if reason is not None:
            left_out[name] = reason
    rest = [name for name in names if name not in left_out]
    together = [name for name in rest if name in numbered]
    if len(together) >= max(_FEWEST_NUMBERED, len(rest) / 2):
        left_out |= {name: ALONE for name in rest if name not in numbered}
    rest = [name for name in names if name not in left_out]
    constant = [name for name in rest if facts[name].constant]
    if 2 * len(constant) < len(rest):
        left_out |= dict.fromkeys(constant, CONSTANT)
    taken = tuple(name for name in names if name not in left_out)
    return Chosen(taken, left_out) if taken else Chosen(tuple(names), {})


@dataclass(frozen=True)
class _Facts:
    """What the values of a column show. whole: all are whole numbers. index: they number the rows.
    distinct: how many different ones there are."""

    rows: int
    whole: bool
    index: bool
    constant: bool
    distinct: int

    @classmethod
    def of(cls, values: npt.NDArray[Any]) -> _Facts:
        numbers: Floats = np.asarray(values, np.float64)
        numbers = numbers[np.isfinite(numbers)]
        n = len(numbers)
        constant = bool(n and numbers.min() == numbers.max())
        if not n or not (numbers == np.floor(numbers)).all():
            return cls(n, False, False, constant, n)
        different = np.unique(numbers)
        in_a_row = different[-1] - different[0] == n - 1
        steps = np.diff(numbers)
        in_order = (steps > 0).all() or (steps < 0).all()
        index = n >= _FEWEST_ROWS and len(different) == n and bool(in_a_row or in_order)
        return cls(n, True, index, constant, len(different))


def _reason_by_name(name: str, facts: _Facts, numbered: bool, fractions: bool) -> str | None:
    """Why the name of a column is that of no dimension, or None."""
    low = name.strip().lower()
    if _SAVED_INDEX.match(low):
        return INDEX
    if _LABEL_NAME.match(low) and (facts.whole or not numbered):
        # x and y may be a map.
        return LABEL if low != "y" or (facts.whole and fractions) else None
    return INDEX if _INDEX_NAME.match(low) and not numbered else None


def _reason_by_values(facts: _Facts) -> str | None:
    """Why a column is no dimension of a table that holds fractions, or None."""
    if not facts.whole or facts.constant or facts.rows < _FEWEST_ROWS:
        return None
    if facts.index:
        return INDEX
    return LABEL if facts.distinct <= _MOST_CLASSES else WHOLE


def _whole(members: Sequence[str], facts: Mapping[str, _Facts]) -> bool:
    """Whether a good part of a numbered series are whole numbers that vary."""
    whole = sum(facts[name].whole and not facts[name].constant for name in members)
    return whole >= _WHOLE_SERIES * len(members)


def _numbered(names: Sequence[str]) -> list[list[str]]:
    """Names that share their beginning and end with a number, two or more together."""
    series: dict[str, list[str]] = {}
    for name in names:
        match = _NUMBERED.match(name.strip())
        if match and not _SAVED_INDEX.match(name.strip().lower()):
            series.setdefault(match.group(1), []).append(name)
    return [members for members in series.values() if len(members) > 1]
