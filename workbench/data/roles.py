"""Which column is the label, which are factors, which one is the group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from workbench.config import DataConfig
from workbench.data.columns import MOST_CLASSES, distinct
from workbench.data.listing import Column, Listing
from workbench.errors import RequestError, unknown_name

LABEL_NAMES = (
    "label", "labels", "class", "classes", "category", "categories", "intent", "target", "y",
    "topic", "sentiment", "emotion", "coarse_label", "fine_label", "label_text", "species",
    "diagnosis", "genre", "tag",
)  # fmt: skip
# A column that nobody named is a label or a factor if it has few values, each of them often.
_MOST_GUESSED, _SAMPLES_A_VALUE = 100, 4


@dataclass(frozen=True)
class Roles:
    """The columns chosen, and in words why."""

    label: Column | None = None
    factors: tuple[Column, ...] = ()
    group: Column | None = None
    notes: tuple[str, ...] = ()


def assign(listing: Listing, config: DataConfig) -> Roles:
    """The roles that ``config`` asks for, else those that the source says, else guessed ones.

    Raises RequestError if a column that was asked for is absent or holds no classes.
    """
    columns = listing.columns
    group = _group(columns, config, listing)
    if config.label == "none":
        return Roles(group=group, notes=("Labels are left out, as asked.",))
    label, notes = _label(listing, config, group)
    taken = {column.name for column in (label, group) if column is not None}
    if listing.hints.factors is not None:
        factors = [columns[name] for name in listing.hints.factors if name in columns]
    else:
        factors = [c for c in columns.values() if _classlike(c, listing.count)]
    factors = [column for column in factors if column.name not in taken]
    if factors and listing.hints.factors is None:
        names = ", ".join(f"'{column.name}'" for column in factors)
        notes = (*notes, f"Further label columns (factors): {names}.")
    return Roles(label, tuple(factors), group, notes)


def _label(
    listing: Listing, config: DataConfig, group: Column | None
) -> tuple[Column | None, tuple[str, ...]]:
    columns = listing.columns
    if config.label is not None:
        column = _asked(columns, config.label, "--label")
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


def _group(columns: Mapping[str, Column], config: DataConfig, listing: Listing) -> Column | None:
    if config.group is None:
        return columns.get(listing.hints.group) if listing.hints.group else None
    column = _asked(columns, config.group, "--group")
    if distinct(column) is None:
        raise RequestError(
            f"column '{column.name}' of type {column.values.type} holds no names of groups.",
            field="--group",
            remedy="Give a column with one name or whole number a sample.",
        )
    return column


def _asked(columns: Mapping[str, Column], name: str, field: str) -> Column:
    if name in columns:
        return columns[name]
    if not columns:
        raise RequestError(
            f"there is no column '{name}'; the source has no columns besides its samples.",
            field=field,
            remedy=f"Leave {field} out.",
        )
    raise unknown_name("column", name, columns, field=field)


def _classlike(column: Column, samples: int) -> bool:
    if column.classes is not None:
        return len(column.classes) > 1
    if pa.types.is_floating(column.values.type):
        return False
    count = distinct(column)
    return count is not None and 2 <= count <= min(_MOST_GUESSED, samples // _SAMPLES_A_VALUE)
