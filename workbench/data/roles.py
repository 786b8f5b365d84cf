"""The roles of columns: the label, the factors (further labels), and the group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from workbench.config import DataConfig
from workbench.data.columns import MOST_CLASSES, distinct, may_be_few, no_classes, remarks
from workbench.data.listing import LabelColumn, Listing
from workbench.data.wording import quoted
from workbench.errors import RequestError, unknown_name

LABEL_NAMES = (
    "label", "labels", "class", "classes", "category", "categories", "intent", "target", "y",
    "topic", "sentiment", "emotion", "coarse_label", "fine_label", "label_text", "species",
    "diagnosis", "genre", "tag",
)  # fmt: skip
# A column that the user did not name is a label or a factor if it has few values, each often.
_MOST_GUESSED, _SAMPLES_A_VALUE = 100, 4
# So few values are classes, however few the samples.
_FEW = 20


@dataclass(frozen=True)
class Roles:
    """The columns by role, and notes that give the reasons."""

    label: LabelColumn | None = None
    factors: tuple[LabelColumn, ...] = ()
    group: LabelColumn | None = None
    notes: tuple[str, ...] = ()


def assign(listing: Listing, config: DataConfig) -> Roles:
    """The roles from ``config``, else from the source's hints, else guessed ones.

    Raises RequestError if a column that ``config`` names is absent or holds no classes.
    """
    columns = listing.columns
    group = _group(columns, config, listing)
    if config.label == "none":
        return Roles(group=group, notes=("Labels are left out, as asked.",))
    label, notes = _label(listing, config, group)
    used = {column.name for column in (label, group) if column is not None}
    if listing.hints.factors is not None:
        factors = [columns[name] for name in listing.hints.factors if name in columns]
    else:
        factors = [c for c in columns.values() if _classlike(c, listing.count)]
    factors = [column for column in factors if column.name not in used]
    if factors and listing.hints.factors is None:
        names = quoted((column.name for column in factors), None)
        notes = (*notes, f"Further label columns (factors): {names}.")
    for column in (label, *factors, group):
        notes = notes if column is None else (*notes, *remarks(column))
    return Roles(label, tuple(factors), group, notes)


def _label(
    listing: Listing, config: DataConfig, group: LabelColumn | None
) -> tuple[LabelColumn | None, tuple[str, ...]]:
    columns = listing.columns
    if config.label is not None:
        return _chosen(_named(columns, config.label, "--label"))
    if listing.hints.label in columns:
        return _chosen(columns[str(listing.hints.label)], most=None)
    free = [column for column in columns.values() if column is not group]
    by_name = {column.name.lower(): column for column in free}
    passed: list[str] = []
    for name in LABEL_NAMES:
        if name in by_name:
            column = by_name[name]
            reason = _reason_against(column, listing.count)
            if reason is None:
                note = f"Column '{column.name}' is taken as the label."
                return column, (*passed, note)
            passed.append(f"Column '{column.name}' is not taken as the label: it {reason}.")
    named = [c for c in free if c.classes is not None and c.problem is None]
    likely = named if len(named) == 1 else [c for c in free if _classlike(c, listing.count)]
    if len(likely) == 1:
        return likely[0], (
            *passed,
            f"Column '{likely[0].name}' is taken as the label, because it has few values "
            "(--label COLUMN chooses, --label none takes none).",
        )
    if likely:
        names = quoted((column.name for column in likely), None)
        note = f"No label was chosen; it may be one of {names} (--label COLUMN chooses)."
        return None, (*passed, note)
    return None, tuple(passed)


def _chosen(
    column: LabelColumn, most: int | None = MOST_CLASSES
) -> tuple[LabelColumn | None, tuple[str, ...]]:
    """The column that ``--label`` or the source names. most: classes that are allowed, None: any.

    Raises RequestError if it holds no classes.
    """
    count = distinct(column)
    if count is None or (most is not None and count > most):
        what = (
            no_classes(column)
            if count is None
            else f"holds {count:,} different values, and {most:,} are the most"
        )
        raise RequestError(
            f"column '{column.name}' {what}.",
            field="--label",
            remedy="Give a column with one class name or number a sample, or --label none.",
        )
    if not count:
        return None, (f"Column '{column.name}' is empty: there are no labels.",)
    return column, ()


def _reason_against(column: LabelColumn, samples: int) -> str | None:
    """Why a column with the name of a label is not taken as the label, in words that follow "it";
    None if it is taken."""
    count = distinct(column)
    if count is None:
        return no_classes(column)
    if not count:
        return "is empty"
    if count == 1:
        return "has one value only"
    if count > MOST_CLASSES:
        return f"has {count:,} different values, and {MOST_CLASSES:,} are the most"
    if count > max(_FEW, samples // 2):
        flag = f"--label {column.name} takes it"
        return f"has {count:,} different values in {samples:,} samples ({flag})"
    return None


def _group(
    columns: Mapping[str, LabelColumn], config: DataConfig, listing: Listing
) -> LabelColumn | None:
    if config.group is None:
        return columns.get(listing.hints.group) if listing.hints.group else None
    column = _named(columns, config.group, "--group")
    if distinct(column) is None:
        raise RequestError(
            f"column '{column.name}' names no groups: it {no_classes(column)}.",
            field="--group",
            remedy="Give a column with one name or whole number a sample.",
        )
    return column


def _named(columns: Mapping[str, LabelColumn], name: str, field: str) -> LabelColumn:
    """The column ``name``. Raises RequestError with ``field`` if there is none."""
    if name in columns:
        return columns[name]
    if not columns:
        raise RequestError(
            f"there is no column '{name}'; the source has no columns besides its samples.",
            field=field,
            remedy=f"Leave {field} out.",
        )
    raise unknown_name("column", name, columns, field=field)


def _classlike(column: LabelColumn, samples: int) -> bool:
    """Whether a column that nobody named looks like a label or a factor."""
    kind = column.values.type
    if column.problem is not None or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return False
    if column.classes is not None:
        return len(column.classes) > 1
    most = min(_MOST_GUESSED, samples // _SAMPLES_A_VALUE)
    count = distinct(column) if may_be_few(column, most) else None
    return count is not None and 2 <= count <= most
