"""Names of splits in the names of folders and files, and in columns.

``exact_split`` reads cells, ``split_of`` a single name, ``splits_of`` the names of folders or files
that lie beside each other: "imdb_train" is a split beside "imdb_test", and no split beside
"freight_train".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from workbench.data.dataset import SPLITS, SplitName
from workbench.data.listing import printable

_WORDS: dict[SplitName, tuple[str, ...]] = {
    "train": ("train", "training", "trn", "trainval", "unlabeled", "unlabelled", "unsupervised"),
    "validation": ("validation", "valid", "val", "dev", "development"),
    "test": ("test", "testing", "tst", "eval", "evaluation", "holdout", "heldout"),
}
_NAMES: dict[str, SplitName] = {word: split for split, words in _WORDS.items() for word in words}
# Samples of these splits have no label, and are trained on.
UNLABELED = frozenset(("unlabeled", "unlabelled", "unsupervised"))
# Words that say nothing about the samples.
FILLERS = frozenset(
    (
        "set", "sets", "data", "dataset", "datasets", "split", "splits", "subset", "image",
        "images", "img", "imgs", "picture", "pictures", "pic", "pics", "photo", "photos", "jpg",
        "jpeg", "jpegs", "jpegimages", "png", "folder", "dir", "file", "files", "sample",
        "samples", "part", "shard", "chunk", "of", "all", "full", "raw", "original", "originals",
        "final", "csv", "jsonl", "parquet", "input", "inputs", "new", "resized",
    )
)  # fmt: skip
# "train-00000-of-00003-a09b74b3ef9c3b56": files that `datasets` writes.
_SHARD = re.compile(r"[-_.]\d+[-_]of[-_]\d+(?:[-_.][0-9a-f]+)?$", re.IGNORECASE)
_VERSION = re.compile(r"(?<![a-zA-Z])[vV]\d+")
# "trainingSet2" gives training, Set; a number is no word.
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[^\W\d_A-Z]+|[A-Z][^\W\d_A-Z]*")


def tokens_of(name: str) -> tuple[str, ...]:
    """The words of a name in lower case; numbers, shards and versions are left out."""
    words = _TOKEN.findall(_VERSION.sub(" ", _SHARD.sub("", name)))
    return tuple(part for word in words for part in _parts(word.lower()))


def _parts(word: str) -> tuple[str, ...]:
    """``word``, or the name of a split and the filler of which it consists ("trainset")."""
    if word in _NAMES:
        return (word,)
    for size in range(len(word) - 1, 1, -1):
        if word[:size] in _NAMES and word[size:] in FILLERS:
            return word[:size], word[size:]
    return (word,)


def _read(name: str) -> tuple[SplitName | None, tuple[str, ...]]:
    """The split in a name, None if there is none or several, and the words that are left."""
    words = tokens_of(name)
    if {("held", "out"), ("hold", "out")} & set(pairwise(words)):
        words = ("holdout", *(word for word in words if word not in ("held", "hold", "out")))
    splits = {_NAMES[word] for word in words if word in _NAMES}
    rest = tuple(word for word in words if word not in _NAMES and word not in FILLERS)
    if splits == {"train", "validation"}:
        return "train", rest
    return (splits.pop() if len(splits) == 1 else None), rest


def split_of(name: str) -> SplitName | None:
    """The split in the name of a folder or in the stem of a file; None if the name says more."""
    split, rest = _read(name)
    return None if rest else split


def split_within(name: str) -> SplitName | None:
    """The split that a name mentions, whatever else it says."""
    return _read(name)[0]


def splits_of(names: Iterable[str]) -> dict[str, SplitName]:
    """The names among ``names`` that are splits, with the split of each.

    Names that say more than a split ("cats_train", "cats_test") are splits if several splits come
    with the same other words.
    """
    read = {name: _read(name) for name in names}
    strict = {name: split for name, (split, rest) in read.items() if split and not rest}
    others: dict[SplitName, set[tuple[str, ...]]] = {}
    for split, rest in read.values():
        if split and rest:
            others.setdefault(split, set()).add(rest)
    sets = list(others.values())
    if len(sets) < 2 or any(one != sets[0] for one in sets):
        return strict
    return strict | {name: split for name, (split, rest) in read.items() if split and rest}


def rest_of(name: str) -> str:
    """The words of a name besides its split: "cats" of "cats_train"."""
    return " ".join(_read(name)[1])


def is_unlabeled(name: str) -> bool:
    """Whether the name of a split says that its samples have no labels."""
    return any(word in UNLABELED for word in tokens_of(name))


def is_filler(name: str) -> bool:
    """Whether a name says nothing about the samples ("images", "data_2")."""
    words = tokens_of(name)
    return bool(words) and all(word in FILLERS for word in words)


def exact_split(name: str) -> SplitName | None:
    """The split whose name is exactly ``name``, such as "Dev" or "hold-out", or None."""
    word = re.sub(r"[\s_-]+", "", name.lower())
    for ending in ("", "set", "split", "data"):
        if word.endswith(ending) and word.removesuffix(ending) in _NAMES:
            return _NAMES[word.removesuffix(ending)]
    return None


def file_splits(paths: Sequence[Path]) -> dict[Path, SplitName | None]:
    """The splits of files that are one data set: by their names, else by those of their folders.

    If some are splits and none is for training, the others are ("part-0" beside "test-0").
    """
    stems = splits_of([path.stem for path in paths])
    splits: dict[Path, SplitName | None] = {path: stems.get(path.stem) for path in paths}
    if not stems and len({path.parent for path in paths}) > 1:
        folders = splits_of({path.parent.name for path in paths})
        splits = {path: folders.get(path.parent.name) for path in paths}
    given = set(splits.values()) - {None}
    if given and "train" not in given:
        splits = {path: split or "train" for path, split in splits.items()}
    return splits


def file_names(paths: Sequence[Path]) -> dict[Path, str]:
    """A name for each file: its stem, with its folder before it where stems are equal."""
    if len({path.stem for path in paths}) == len(paths):
        return {path: printable(path.stem) for path in paths}
    return {path: printable(f"{path.parent.name}/{path.stem}") for path in paths}


def known_names() -> str:
    """The names of splits, for people."""
    return ", ".join(word for words in _WORDS.values() for word in words[:2])


def in_order(path: Path) -> tuple[int, str]:
    """Sorting key: training, validation, test, which is the order of the cache."""
    return index_of(split_of(path.stem)), path.name


def index_of(split: SplitName | None) -> int:
    """Position in SPLITS, -1 for None."""
    return -1 if split is None else SPLITS.index(split)
