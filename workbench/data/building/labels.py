"""The label columns of a listing as class indices."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from workbench.config import DataConfig
from workbench.data import roles
from workbench.data.columns import coded
from workbench.data.dataset import Dataset, Target
from workbench.data.listing import Listing


@dataclass(frozen=True)
class Labels:
    """The label columns of all n samples of a listing as class indices, int64 (n,), -1 if missing.

    targets, codes: the columns and their indices, the label first. group, groups: the same of the
    group column.
    """

    targets: tuple[Target, ...]
    codes: tuple[npt.NDArray[np.int64], ...]
    group: str | None
    groups: npt.NDArray[np.int64] | None
    notes: tuple[str, ...]

    @property
    def label(self) -> npt.NDArray[np.int64] | None:
        """The class indices of the label, None if there is no label."""
        has_label = self.targets and self.targets[0].role == "label"
        return self.codes[0] if has_label else None


def label_columns(listing: Listing, config: DataConfig) -> Labels:
    """The columns that have a role, as class indices."""
    columns = roles.assign(listing, config)
    targets, codes = [], []
    for column in (*([columns.label] if columns.label else ()), *columns.factors):
        values, classes = coded(column)
        name = f"{column.name}_" if column.name in ("_id", "_group") else column.name
        targets.append(Target(name, classes, "label" if column is columns.label else "factor"))
        codes.append(values)
    notes = columns.notes
    if columns.label is not None:
        missing = int((codes[0] < 0).sum())
        if missing:
            notes = (*notes, f"Samples without a label: {missing:,}.")
    groups = None if columns.group is None else coded(columns.group)[0]
    group = None if columns.group is None else columns.group.name
    return Labels(tuple(targets), tuple(codes), group, groups, notes)


def numbered_alike(labels: Labels, like: Dataset) -> Labels:
    """``labels`` with the class numbers of the reference, in columns whose classes it all has."""
    by_name = {target.name: target for target in like.info.targets}
    own = like.info.label
    targets, codes = list(labels.targets), list(labels.codes)
    for index, target in enumerate(targets):
        other = by_name.get(target.name) or (own if target.role == "label" else None)
        if other is not None and set(target.classes) <= set(other.classes):
            table = np.array([other.classes.index(name) for name in target.classes] + [-1])
            codes[index] = table[codes[index]]
            targets[index] = replace(target, classes=other.classes)
    return replace(labels, targets=tuple(targets), codes=tuple(codes))
