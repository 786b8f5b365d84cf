"""Splits and classes or groups from the folder names of a tree of image files.

Folders and zips use it. ``levels`` decides which folders name splits, ``masks`` which images mark
others; every file that is no sample is counted with its reason.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from workbench.config import DataConfig
from workbench.data.account import Account
from workbench.data.columns import MOST_CLASSES
from workbench.data.dataset import SplitName
from workbench.data.listing import Hints, LabelColumn, Listing, printable
from workbench.data.sources import file_kinds, levels, masks
from workbench.data.sources.naming import index_of

OUTSIDE = "outside the folders of splits"
Counts = Mapping[str, int]


@dataclass(frozen=True)
class Tree:
    """The images of a tree that are samples.

    names: paths with slashes within the source, in order. ids: the same as text that can be stored.
    split: of each. folders: of each, the names of the folders below source and split. masks: the
    mask of each image that has one, by name. others: names of the files that are no images.
    """

    names: tuple[str, ...]
    ids: tuple[str, ...]
    split: tuple[SplitName | None, ...]
    folders: tuple[tuple[str, ...], ...]
    account: Account
    notes: tuple[str, ...] = ()
    masks: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    def without(self, rows: Collection[int], reason: str) -> Tree:
        """This tree without the samples at ``rows``, which are left out for ``reason``."""
        kept = [at for at in range(len(self.names)) if at not in rows]
        return replace(
            self,
            names=tuple(self.names[at] for at in kept),
            ids=tuple(self.ids[at] for at in kept),
            split=tuple(self.split[at] for at in kept),
            folders=tuple(self.folders[at] for at in kept),
            account=self.account.without(reason, len(self.names) - len(kept)),
        )


def read(names: Sequence[str], config: DataConfig, open_file: masks.Open) -> Tree:
    """The tree of the images among ``names``, paths with slashes of all files within the source.

    open_file: gives an encoded image by its name. Raises RequestError if ``config`` says that
    folders are splits which are none.
    """
    reasons = [file_kinds.reason_of(name) for name in names]
    images = sorted(name for name, reason in zip(names, reasons, strict=True) if reason is None)
    left_out = Counter(reason for reason in reasons if reason is not None)
    others = tuple(
        sorted(n for n, r in zip(names, reasons, strict=True) if r not in (None, file_kinds.HIDDEN))
    )
    marks = masks.find(images, open_file)
    left_out[masks.LEFT_OUT] += len(marks.names)
    images = [name for name in images if name not in marks.names]
    above = [name.rpartition("/")[0] for name in images]
    folders = {place: _folders_of(place) for place in dict.fromkeys(above)}
    read_levels = levels.read(folders.values(), config)
    places = [read_levels.places[folders[place]] for place in above]
    kept = [at for at, place in enumerate(places) if place.taken]
    left_out[OUTSIDE] += len(images) - len(kept)
    images = [images[at] for at in kept]
    account = Account(len(names), {why: n for why, n in left_out.items() if n}, "files")
    return Tree(
        names=tuple(images),
        ids=tuple(_distinct([printable(name) for name in images])),
        split=tuple(places[at].split for at in kept),
        folders=tuple(places[at].below for at in kept),
        account=account,
        notes=(*read_levels.notes, *marks.notes(), *file_kinds.format_notes(list(left_out))),
        masks={name: marks.of[name] for name in images if name in marks.of},
        others=others,
    )


def _folders_of(folders: str) -> tuple[str, ...]:
    """The folders in a path: names that can be stored, equal for spellings that look equal."""
    if not folders:
        return ()
    if not folders.isascii():
        folders = unicodedata.normalize("NFC", printable(folders))
    return tuple(folders.split("/"))


def _distinct(ids: list[str]) -> list[str]:
    """``ids``, with a number at those that an earlier one equals."""
    if len(set(ids)) == len(ids):
        return ids
    seen: Counter[str] = Counter()
    out = []
    for name in ids:
        seen[name] += 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


def listing(tree: Tree, config: DataConfig) -> Listing:
    """The listing of ``tree``, without its images."""
    depth = max((len(folders) for folders in tree.folders), default=0)
    if config.folders == "none" or depth == 0:
        columns: dict[str, LabelColumn] = {}
    else:
        whole = ["/".join(folders) or None for folders in tree.folders]
        name = "folder" if config.folders == "group" else "label"
        columns = {name: _column(name, whole)}
        for level in range(depth if depth > 1 else 0):
            values = [f[level] if len(f) > level else None for f in tree.folders]
            columns[f"folder{level + 1}"] = _column(f"folder{level + 1}", values)
    hints, notes = _meaning(columns, config, len(tree.names))
    return Listing(
        modality="image",
        ids=tree.ids,
        split=np.array([index_of(split) for split in tree.split], np.int8),
        columns=columns,
        hints=hints,
        shown=dict.fromkeys(columns, "names of folders"),
        notes=(*tree.notes, *notes),
        account=tree.account,
    )


def _meaning(
    columns: dict[str, LabelColumn], config: DataConfig, count: int
) -> tuple[Hints, tuple[str, ...]]:
    """Whether folder names are the label or the group, with a note."""
    if not columns:
        return Hints(factors=()), ()
    names = tuple(name for name in columns if name not in ("label", "folder"))
    nested = ""
    if names:
        nested = f" Folders are nested; their levels are the columns {', '.join(names)}."
    if config.folders == "group":
        return Hints(group="folder", factors=()), (f"Folder names are the group.{nested}",)
    classes = len(columns["label"].values.unique().drop_null())
    if classes > min(MOST_CLASSES, max(20, count // 2)) and config.label is None:
        note = (
            f"{classes:,} folders of {count:,} images are too many for classes: no labels. "
            "(--label label takes them, --folders group makes them groups.)"
        )
        return Hints(factors=()), (note + nested,)
    return Hints(label="label", factors=()), (f"Folder names are the label.{nested}",)


def _column(name: str, values: Sequence[str | None]) -> LabelColumn:
    return LabelColumn(name, pa.chunked_array([pa.array(values, pa.string())]))
