"""A column that names splits: found by its name and its values, or named with ``--split``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data.columns import coded, distinct, may_be_few
from workbench.data.dataset import SplitName
from workbench.data.listing import NOT_GIVEN, LabelColumn
from workbench.data.sources.naming import exact_split, index_of, split_of
from workbench.data.wording import quoted
from workbench.errors import RequestError, unknown_name

NAMES = (
    "split", "splits", "subset", "set", "fold", "partition", "phase", "usage", "data_split",
    "dataset_split", "split_name", "data_set", "dataset", "train_test", "train_test_split",
    "train_val_test", "tvt", "purpose",
)  # fmt: skip
# A column of numbers with such a name is neither label nor factor.
_NUMBERED = ("split", "splits", "fold", "folds", "partition", "kfold", "cv_fold", "split_id")
_MOST_VALUES = 100
_MOST_NAMES = 5
_MOST_FOLDS = 20
_NONE = "none"
TRAIN, VALIDATION, TEST = range(3)
_FOLD = re.compile(r"^\D*?(\d+)(?:\.0+)?$")
# Cells that say that there is no split.
_EMPTY = ("n/a", "na", "nan", "none", "null", "unknown", "-", "--", "?", ".")
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

Codes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Splits:
    """split: int8 (n,), position in SPLITS or NOT_GIVEN. columns: those that may describe samples;
    such as name splits have a problem. out: bool (n,), rows that are left out since their cell is
    empty. notes: on the choice and on empty cells. column: that names the splits, if one does."""

    split: Codes
    columns: dict[str, LabelColumn]
    out: npt.NDArray[np.bool_]
    notes: tuple[str, ...] = ()
    column: str | None = None


@dataclass(frozen=True)
class _Reading:
    """A column as splits. split: int8 (n,), NOT_GIVEN where the cell is empty. unknown: values that
    are no names of splits. meaning: how values that are no names were read, in words."""

    split: Codes
    unknown: tuple[str, ...] = ()
    meaning: str = ""

    @property
    def count(self) -> int:
        """How many different splits the column names."""
        return len(np.unique(self.split[self.split != NOT_GIVEN]))


def read(given: Codes, columns: Mapping[str, LabelColumn], config: DataConfig) -> Splits:
    """The splits of n rows. given: int8 (n,), by the names of files, NOT_GIVEN where they name
    none; they come before a column that nobody named.

    Raises RequestError for a column that names other things beside splits.
    """
    nobody = np.zeros(len(given), np.bool_)
    readings = _readings(columns, config)
    described = {
        name: _described(column, readings.get(name))
        if name not in (config.label, config.group)
        else column
        for name, column in columns.items()
    }
    if config.split == _NONE:
        return Splits(np.full(len(given), NOT_GIVEN, np.int8), described, nobody)
    chosen, reading = _chosen(columns, readings, config)
    if reading is None or chosen is None:
        return Splits(given, described, nobody, _left(columns, readings, config))
    described.pop(chosen)
    files = given != NOT_GIVEN
    if config.split is None and files.any():
        other = int((files & (reading.split != NOT_GIVEN) & (reading.split != given)).sum())
        differ = f"; {other:,} rows of the column say otherwise" if other else ""
        note = (
            f"Splits are those of the files' names, not of column '{chosen}'{differ} "
            f"(--split {chosen} takes the column)."
        )
        if files.all():
            return Splits(given, described, nobody, (note,))
        reading = replace(reading, split=np.where(files, given, reading.split).astype(np.int8))
    return _filled(chosen, reading, described, config)


def _filled(
    chosen: str, reading: _Reading, described: dict[str, LabelColumn], config: DataConfig
) -> Splits:
    """The splits of the column ``chosen``, with empty cells in training or left out."""
    empty = reading.split == NOT_GIVEN
    flag = "" if config.split is not None else " (--split none makes others)"
    notes = [f"Splits are those of column '{chosen}'{reading.meaning}{flag}."]
    if not empty.any():
        return Splits(reading.split, described, empty, tuple(notes), chosen)
    if config.unsplit == "out":
        return Splits(reading.split, described, empty, tuple(notes), chosen)
    count = int(empty.sum())
    notes.append(
        f"{count:,} of {len(empty):,} rows have no split in column '{chosen}'; they are in training"
        " (--unsplit out leaves them out)."
    )
    split = np.where(empty, TRAIN, reading.split).astype(np.int8)
    return Splits(split, described, np.zeros(len(empty), np.bool_), tuple(notes), chosen)


def _readings(columns: Mapping[str, LabelColumn], config: DataConfig) -> dict[str, _Reading]:
    """The columns whose values name splits, or some of whose values do."""
    readings: dict[str, _Reading] = {}
    for name, column in columns.items():
        if name == config.split:
            readings[name] = _named_by_user(column)
        elif name not in (config.label, config.group):
            reading = _read(column)
            if reading is not None:
                readings[name] = reading
    return readings


def _chosen(
    columns: Mapping[str, LabelColumn], readings: Mapping[str, _Reading], config: DataConfig
) -> tuple[str | None, _Reading | None]:
    """The column that gives the splits, and its reading."""
    if config.split is not None:
        if config.split not in columns:
            raise unknown_name("column", config.split, [*columns, _NONE], field="--split")
        return config.split, _checked(config.split, readings[config.split], "--split")
    rank = {name: at for at, name in enumerate(NAMES)}
    order = sorted(readings, key=lambda name: rank.get(_plain(name), len(NAMES)))
    for name in order:
        reading = readings[name]
        # With one split alone, or under another name, all values have to be splits.
        if not reading.unknown and (_plain(name) in rank or reading.count > 1):
            return name, reading
        if _plain(name) in rank and reading.count > 1:
            return name, _checked(name, reading, "--data")
    return None, None


def _checked(name: str, reading: _Reading, field: str) -> _Reading:
    """``reading``. Raises RequestError if it has values that are no splits."""
    if not reading.unknown:
        return reading
    shown = quoted(reading.unknown, _MOST_NAMES)
    raise RequestError(
        f"column '{name}' names splits, but also {shown}.",
        field=field,
        remedy="Call them train, validation or test, or remove these rows; --split none makes "
        "splits here.",
    )


def _read(column: LabelColumn) -> _Reading | None:
    """The column as splits, None if none of its values, or too few, are names of splits."""
    count = distinct(column) if may_be_few(column, _MOST_VALUES) else None
    if not count or count > _MOST_VALUES:
        return None
    codes, names = coded(column)
    named = _plain(column.name) in NAMES
    splits = [_split(name, loosely=named) for name in names]
    unknown = _unknown(names, splits)
    if not any(splits) or (unknown and not named):
        return None
    return _Reading(_positions(codes, splits), unknown)


def _named_by_user(column: LabelColumn) -> _Reading:
    """The column that ``--split`` names, which may also hold numbers of folds or truth values."""
    count = distinct(column)
    if count is None or count > _MOST_VALUES:
        what = "holds no names" if count is None else f"has {count:,} different values"
        raise RequestError(
            f"column '{column.name}' names no splits: it {what}.",
            field="--split",
            remedy="Give a column with train, validation or test in each row, or --split none.",
        )
    codes, names = coded(column)
    splits = [_split(name, loosely=True) for name in names]
    if not any(splits):
        other = _truth(column.name, names) or _folds(names)
        if other is not None:
            meaning = ", ".join(f"{n} is {s}" for n, s in zip(names, other, strict=True))
            return _Reading(_positions(codes, other), meaning=f": {meaning}")
    return _Reading(_positions(codes, splits), _unknown(names, splits))


def _unknown(names: Sequence[str], splits: Sequence[SplitName | None]) -> tuple[str, ...]:
    """The names that are neither splits nor words for an empty cell."""
    pairs = zip(names, splits, strict=True)
    return tuple(name for name, split in pairs if split is None and name.lower() not in _EMPTY)


def _truth(column: str, names: Sequence[str]) -> list[SplitName | None] | None:
    """The meaning of true and false in a column such as "is_test"; None for other columns."""
    split = next(
        (s for word in re.split(r"[^a-z]+", column.lower()) if (s := split_of(word))), None
    )
    truth = [_TRUTH.get(name.lower()) for name in names]
    if split is None or None in truth:
        return None
    other: SplitName = "test" if split == "train" else "train"
    return [split if value else other for value in truth]


def _folds(names: Sequence[str]) -> list[SplitName | None] | None:
    """The splits of numbered folds: the last is test, the one before it validation."""
    matches = [_FOLD.match(name) for name in names]
    numbers = [int(match.group(1)) for match in matches if match is not None]
    if len(set(numbers)) < len(names) or not 2 <= len(names) <= _MOST_FOLDS:
        return None
    ordered = sorted(numbers, reverse=True)
    roles: dict[int, SplitName] = dict.fromkeys(numbers, "train")
    roles[ordered[0]] = "test"
    if len(numbers) > 2:
        roles[ordered[1]] = "validation"
    return [roles[number] for number in numbers]


def _positions(codes: npt.NDArray[np.int64], splits: Sequence[SplitName | None]) -> Codes:
    table = np.array([index_of(split) for split in splits] + [NOT_GIVEN], np.int8)
    return table[codes]


def _split(name: str, *, loosely: bool) -> SplitName | None:
    """The split that a cell names; loosely: it may say more, such as "train_2"."""
    return exact_split(name) or (split_of(name) if loosely else None)


def _described(column: LabelColumn, reading: _Reading | None) -> LabelColumn:
    """``column``, with a problem if it names splits, so that it is no label."""
    if reading is None:
        numbered = _is_numbered(column)
        return (
            replace(column, problem=f"holds numbers of folds (--split {column.name} reads them)")
            if numbered
            else column
        )
    if reading.unknown or (reading.count < 2 and _plain(column.name) not in NAMES):
        return column
    return replace(column, problem="names splits")


def _is_numbered(column: LabelColumn) -> bool:
    """Whether a column numbers folds, by its name and its values."""
    if _plain(column.name) not in _NUMBERED or column.problem is not None:
        return False
    count = distinct(column)
    return bool(count) and (count or 0) <= _MOST_VALUES and _folds(coded(column)[1]) is not None


def _left(
    columns: Mapping[str, LabelColumn], readings: Mapping[str, _Reading], config: DataConfig
) -> tuple[str, ...]:
    """Notes on columns that seem to name splits and are not read so."""
    notes = []
    for name, column in columns.items():
        reading = readings.get(name)
        if reading is not None:
            other = quoted(reading.unknown, _MOST_NAMES)
            notes.append(f"Column '{name}' is not read as splits, because of its values {other}.")
        elif name not in (config.label, config.group) and _is_numbered(column):
            notes.append(
                f"Column '{name}' holds numbers of folds (--split {name} reads them as splits)."
            )
    return tuple(notes)


def _plain(name: str) -> str:
    return re.sub(r"[\s.-]+", "_", name.strip().lower())
