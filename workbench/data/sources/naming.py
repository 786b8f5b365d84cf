"""Names of splits in the names of folders and files, and in columns."""

from __future__ import annotations

import re
from pathlib import Path

from workbench.data.dataset import SPLITS, SplitName

_NAMES: dict[str, SplitName] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
# "train-00000-of-00003", "test_1", "dev.v2": the name of the split, a separator, anything.
_STEM = re.compile(r"^([a-z]+)(?:[-_. ].*)?$")


def split_of(name: str) -> SplitName | None:
    """The split in the name of a folder or in the stem of a file, or None."""
    match = _STEM.match(name.lower())
    return _NAMES.get(match.group(1)) if match else None


def exact_split(name: str) -> SplitName | None:
    """The split whose name is exactly ``name``, or None."""
    return _NAMES.get(name.strip().lower())


def in_order(path: Path) -> tuple[int, str]:
    """Sorting key: training, validation, test, which is the order of the cache."""
    return index_of(split_of(path.stem)), path.name


def index_of(split: SplitName | None) -> int:
    """Position in SPLITS, -1 for None."""
    return -1 if split is None else SPLITS.index(split)
