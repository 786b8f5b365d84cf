"""The roles of columns: the label, the factors (further labels), and the group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from workbench.config import DataConfig
from workbench.data.columns import MOST_CLASSES, distinct
from workbench.data.listing import LabelColumn, Listing
from workbench.errors import RequestError, unknown_name

LABEL_NAMES = (
    "label", "labels", "class", "classes", "category", "categories", "intent", "target", "y",
    "topic", "sentiment", "emotion", "coarse_label", "fine_label", "label_text", "species",
    "diagnosis", "genre", "tag",
)  # fmt: skip
# A column that the user did not name is a label or a factor if it has few values, each often.
_MOST_GUESSED, _SAMPLES_A_VALUE = 100, 4


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
        names = ", ".join(f"'{column.name}'" for column in factors)
        notes = (*notes, f"Further label columns (factors): {names}.")
    return Roles(label, tuple(factors), group, notes)


def _label(
    listing: Listing, config: DataConfig, group: LabelColumn | None
) -> tuple[LabelColumn | None, tuple[str, ...]]:
    columns = listing.columns
    if config.label is not None:
        column = _named(columns, config.label, "--label")
        count = distinct(column)
        if count is None or count > MOST_CLASSES:
            what = "no classes" if count is None else f"{count:,} different values"
            raise RequestError(
                f"column '{column.name}' holds {what}.",
                field="--label",
                remedy="Give a column with one class name or number a sample, or --label none.",
            )
        return column, ()
    if listing.hints.label in columns:
        return columns[str(listing.hints.label)], ()
    free = [column for column in columns.values() if column is not group]
    by_name = {column.name.lower(): column for column in free}
    limit = max(20, listing.count // 2)
    for name in LABEL_NAMES:
        if name in by_name:
            count = distinct(by_name[name])
            if count is not None and 1 < count <= min(limit, MOST_CLASSES):
                return by_name[name], (f"Column '{by_name[name].name}' is taken as the label.",)
    named = [column for column in free if column.classes is not None]
    likely = named if len(named) == 1 else [c for c in free if _classlike(c, listing.count)]
    if len(likely) == 1:
        return likely[0], (
            f"Column '{likely[0].name}' is taken as the label, for it has few values "
            "(--label COLUMN chooses, --label none takes none).",
        )
    if likely:
        names = ", ".join(f"'{column.name}'" for column in likely)
        return None, (f"No label was chosen; it may be one of {names} (--label COLUMN chooses).",)
    return None, ()


def _group(
    columns: Mapping[str, LabelColumn], config: DataConfig, listing: Listing
) -> LabelColumn | None:
    if config.group is None:
        return columns.get(listing.hints.group) if listing.hints.group else None
    column = _named(columns, config.group, "--group")
    if distinct(column) is None:
        raise RequestError(
            f"column '{column.name}' of type {column.values.type} holds no names of groups.",
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
    if column.classes is not None:
        return len(column.classes) > 1
    if pa.types.is_floating(column.values.type):
        return False
    count = distinct(column)
    return count is not None and 2 <= count <= min(_MOST_GUESSED, samples // _SAMPLES_A_VALUE)
