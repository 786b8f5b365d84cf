"""Splits and classes or groups from the folder names of a tree of image files.

Folders and zips use it. A folder that contains all files has no meaning and is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import pyarrow as pa

from workbench.config import DataConfig
from workbench.data.columns import MOST_CLASSES
from workbench.data.dataset import SplitName
from workbench.data.listing import Hints, LabelColumn, Listing
from workbench.data.sources.naming import exact_split, index_of
from workbench.data.sources.part import IMAGE_SUFFIXES

_SKIPPED_FOLDERS = frozenset(("__MACOSX", "__pycache__"))


@dataclass(frozen=True)
class Tree:
    """The images of a tree.

    names: paths with slashes within the source, in order. split: of each. folders: of each, the
    names of the folders below source and split.
    """

    names: tuple[str, ...]
    split: tuple[SplitName | None, ...]
    folders: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def is_image(name: str) -> bool:
    """Whether ``name`` is the path of an image file that is not hidden."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part in _SKIPPED_FOLDERS for part in path.parts)
    return path.suffix.lower() in IMAGE_SUFFIXES and not hidden


def read(names: Sequence[str]) -> Tree:
    """The tree of the images among ``names``, paths with slashes within the source."""
    images = sorted(name for name in names if is_image(name))
    other = len([name for name in names if not PurePosixPath(name).name.startswith(".")])
    notes = []
    if other > len(images):
        notes.append(f"{other - len(images):,} files that are no images were left out.")
    below = _without_common([PurePosixPath(name).parts[:-1] for name in images])
    tops = Counter(folders[0] if folders else "" for folders in below)
    splits: list[SplitName | None] = [None] * len(images)
    if "train" in {exact_split(top) for top in tops}:
        inside = [i for i, folders in enumerate(below) if folders and exact_split(folders[0])]
        if len(inside) < len(images):
            left = ", ".join(f"'{top or '.'}'" for top in sorted(tops) if not exact_split(top))
            notes.append(f"Images outside the folders of splits were left out: {left}.")
        images = [images[i] for i in inside]
        splits = [exact_split(below[i][0]) for i in inside]
        below = _without_common([below[i][1:] for i in inside])
    return Tree(tuple(images), tuple(splits), tuple(below), tuple(notes))


def listing(tree: Tree, config: DataConfig) -> Listing:
    """The listing of ``tree``, without its images."""
    depth = max((len(folders) for folders in tree.folders), default=0)
    if config.folders == "none" or depth == 0:
        columns: dict[str, LabelColumn] = {}
    else:
        whole = ["/".join(folders) or None for folders in tree.folders]
        name = "label" if config.folders == "label" else "folder"
        columns = {name: _column(name, whole)}
        for level in range(depth if depth > 1 else 0):
            values = [f[level] if len(f) > level else None for f in tree.folders]
            columns[f"folder{level + 1}"] = _column(f"folder{level + 1}", values)
    hints, notes = _meaning(columns, config, len(tree.names))
    return Listing(
        modality="image",
        ids=tree.names,
        split=np.array([index_of(split) for split in tree.split], np.int8),
        columns=columns,
        hints=hints,
        shown=dict.fromkeys(columns, "names of folders"),
        notes=(*tree.notes, *notes),
    )


def _meaning(
    columns: dict[str, LabelColumn], config: DataConfig, count: int
) -> tuple[Hints, tuple[str, ...]]:
    """Whether folder names are the label or the group, with a note."""
    if not columns:
        return Hints(factors=()), ()
    levels = tuple(name for name in columns if name not in ("label", "folder"))
    nested = ""
    if levels:
        nested = f" Folders are nested; their levels are the columns {', '.join(levels)}."
    if config.folders == "group":
        return Hints(group="folder", factors=()), (f"Folder names are the group.{nested}",)
    classes = len(columns["label"].values.unique().drop_null())
    if classes > min(MOST_CLASSES, max(20, count // 2)) and config.label is None:
        note = f"{classes:,} folders of {count:,} images are too many for classes: no labels."
        return Hints(factors=()), (note + nested,)
    return Hints(label="label", factors=()), (f"Folder names are the label.{nested}",)


def _without_common(folders: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """``folders`` without the leading ones that all share."""
    while folders and all(f and f[0] == folders[0][0] for f in folders):
        folders = [f[1:] for f in folders]
    return folders


def _column(name: str, values: Sequence[str | None]) -> LabelColumn:
    return LabelColumn(name, pa.chunked_array([pa.array(values, pa.string())]))
