"""Groups of samples that people selected on a map and named. They belong to a data set in a home.

A group is a setting of the store, ``group/<fingerprint>/<key>``. Its samples are positions in the
cache of the data set with that fingerprint: training and validation samples only, as on maps.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import RequestError
from workbench.store.owners import Viewer, in_words
from workbench.store.store import Store

MOST_GROUPS = 40
_NAME = re.compile(r"^[^\W_][^\r\n\t\\/<>]{0,39}$")
_REST = "rest"

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class NamedGroup:
    """name: as it was typed; owner: who named it, empty for a person without a name; rows:
    positions in the cache, ascending; at: when it was named, in seconds since the epoch."""

    name: str
    owner: str
    rows: tuple[int, ...]
    at: float = 0.0


def keep(
    store: Store, fingerprint: str, name: str, rows: Sequence[int], *, viewer: Viewer
) -> NamedGroup:
    """Store the samples ``rows`` as a group with this name.

    An equal group of that name stays as it is. Another group of that name is replaced if it is the
    viewer's own. Raises RequestError for a name that is not allowed, for no sample, for the name of
    somebody else's group, and for more than 40 groups.
    """
    name = " ".join(name.split())
    if not _NAME.match(name) or name.casefold() == _REST:
        raise RequestError(
            "this name cannot be used for a group.",
            field="Name",
            remedy="Give 1 to 40 characters that begin with a letter or a digit, and not 'rest'.",
        )
    if not len(rows):
        raise RequestError(
            "no sample is selected.", field="Name", remedy="Draw a lasso around some first."
        )
    group = NamedGroup(name, viewer.owner, tuple(sorted({int(row) for row in rows})), time.time())
    groups = groups_of(store, fingerprint)
    same = next((one for one in groups if one.name.casefold() == name.casefold()), None)
    if same is not None and same.rows == group.rows:
        return same
    if same is not None and not may_change(viewer, same):
        raise RequestError(
            f"'{name}' is a group of {in_words(same.owner) or 'somebody else'}.",
            field="Name",
            remedy="Choose another name.",
        )
    if same is None and len(groups) >= MOST_GROUPS:
        raise RequestError(
            f"these data have {MOST_GROUPS} named groups.",
            field="Name",
            remedy="Delete one that is not needed.",
        )
    store.set_setting(_key(fingerprint, name), asdict(group))
    return group


def groups_of(store: Store, fingerprint: str) -> list[NamedGroup]:
    """All groups of the data set, oldest first."""
    groups = [_read(value) for value in store.settings_under(_prefix(fingerprint)).values()]
    return sorted(groups, key=lambda group: (group.at, group.name))


def delete(store: Store, fingerprint: str, name: str, *, viewer: Viewer) -> None:
    """Remove a group; does nothing if there is none. Raises RequestError for somebody else's."""
    group = next((one for one in groups_of(store, fingerprint) if one.name == name), None)
    if group is None:
        return
    if not may_change(viewer, group):
        raise RequestError(
            f"'{name}' is a group of {in_words(group.owner) or 'somebody else'}.",
            field="Name",
            remedy="Ask them to delete it.",
        )
    store.drop_setting(_key(fingerprint, name))


def may_change(viewer: Viewer, group: NamedGroup) -> bool:
    """Whether this viewer may replace or delete the group."""
    return viewer.trusted or viewer.is_owner(group.owner)


def as_labels(groups: Sequence[NamedGroup], rows: Rows) -> Rows:
    """int64 (n,): for each of ``rows`` the position in ``groups`` of its group, -1 for none. A
    sample in several groups counts to the last of them."""
    labels = np.full(len(rows), -1, np.int64)
    for number, group in enumerate(groups):
        labels[np.isin(rows, group.rows)] = number
    return labels


def _read(value: Any) -> NamedGroup:
    rows = tuple(int(row) for row in value["rows"])
    return NamedGroup(str(value["name"]), str(value["owner"]), rows, float(value["at"]))


def _prefix(fingerprint: str) -> str:
    return f"group/{fingerprint}/"


def _key(fingerprint: str, name: str) -> str:
    return _prefix(fingerprint) + hashlib.sha256(name.casefold().encode()).hexdigest()[:16]
