"""Splits and classes from the names of folders: which level of folders names splits.

Names of splits never become classes. A class that is called "train" is one if the folders beside it
are no splits. Each reading is put into a note, with what changes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from workbench.config import DataConfig
from workbench.data.dataset import SPLITS, SplitName
from workbench.data.sources.masks import is_mask_folder
from workbench.data.sources.naming import (
    is_filler,
    is_unlabeled,
    known_names,
    rest_of,
    split_of,
    split_within,
    splits_of,
)
from workbench.data.wording import quoted
from workbench.errors import RequestError, unknown_name

Folders = tuple[str, ...]
# Levels that may name splits: SPLIT/CLASS, CLASS/SPLIT, SITE/CLASS/SPLIT.
_DEEPEST = 3


@dataclass(frozen=True)
class Place:
    """The meaning of one folder. split: None if not given. below: the names that may be classes.
    taken: whether its images are samples; the others lie outside the folders of splits."""

    split: SplitName | None
    below: Folders
    taken: bool = True


@dataclass(frozen=True)
class Levels:
    """places: of each folder. notes: the reading in words."""

    places: dict[Folders, Place]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Reading:
    """A level whose names are splits. level: its position. splits: by name. rest: what becomes of
    the other folders: "out", or "train". others: their names, "." for the folder that holds the
    splits. above: the folders that hold splits; None: all at that level."""

    level: int
    splits: dict[str, SplitName]
    rest: str
    others: tuple[str, ...] = ()
    above: frozenset[Folders] | None = None

    def name_of(self, folders: Folders) -> str | None:
        """The name of a split among ``folders``, None if there is none."""
        name = folders[self.level] if len(folders) > self.level else None
        inside = self.above is None or folders[: self.level] in self.above
        return name if name in self.splits and inside else None


def read(folders: Iterable[Folders], config: DataConfig) -> Levels:
    """The meaning of each of ``folders``: names from the source down, () for the source itself.

    Raises RequestError if ``config`` says that names are splits which are none.
    """
    whole = list(dict.fromkeys(folders))
    names_are_splits = config.split != "none"
    below = dict(zip(whole, _without_top(whole, names_are_splits), strict=True))
    reading, notes = _chosen(list(below.values()), config)
    if reading is None:
        dropped = None if names_are_splits else _without_splits(below)
        return dropped or Levels(_places(below, None), notes)
    return Levels(_places(below, reading), (*notes, *_split_notes(reading)))


def _without_splits(below: dict[Folders, Folders]) -> Levels | None:
    """With ``--split none``: "train/cat" and "test/cat" are one class. None if no class lies in
    several folders that are called like splits."""
    reading, _ = _first_reading(list(below.values()))
    if reading is None:
        return None
    places = _places(below, reading)
    splits: dict[Folders, set[SplitName | None]] = {}
    for place in places.values():
        if place.taken and place.below:
            splits.setdefault(place.below, set()).add(place.split)
    if all(len(one) < 2 for one in splits.values()):
        return None
    note = (
        f"The folders {quoted(sorted(reading.splits))} are neither splits nor classes, as --split "
        "none says."
    )
    return Levels({whole: Place(None, place.below) for whole, place in places.items()}, (note,))


def _without_top(folders: list[Folders], stop_at_splits: bool) -> list[Folders]:
    """``folders`` without the leading ones that all share; a split among them is kept, unless
    splits lie in it."""
    while folders and all(f and f[0] == folders[0][0] for f in folders):
        inside = [f[1:] for f in folders]
        if stop_at_splits and split_of(folders[0][0]):
            reading, _ = _guessed(inside, 0)
            if reading is None or len(set(reading.splits.values())) < 2:
                break
        folders = inside
    return folders


def _chosen(folders: list[Folders], config: DataConfig) -> tuple[_Reading | None, tuple[str, ...]]:
    """The level that names splits, None if none does, and notes on names that are read as classes.

    Raises RequestError."""
    if config.split == "none":
        if config.folders == "split":
            raise RequestError(
                "--folders split and --split none contradict each other.",
                field="--folders",
                remedy="Give one of them.",
            )
        return None, ()
    if config.split is not None:
        return _of_column(folders, config.split), ()
    if config.folders == "split":
        return _uppermost(folders), ()
    return _first_reading(folders)


def _first_reading(folders: list[Folders]) -> tuple[_Reading | None, tuple[str, ...]]:
    """The uppermost level that names splits, as ``_chosen`` gives it."""
    notes: tuple[str, ...] = ()
    alone = None
    for level in range(_DEEPEST):
        reading, remark = _guessed(folders, level)
        notes += remark
        if reading is not None and (len(set(reading.splits.values())) > 1 or reading.others):
            return reading, ()
        # A single folder "test_data" above train and test is no split.
        alone = alone or reading
    return alone, notes


def _of_column(folders: list[Folders], name: str) -> _Reading:
    """The level that ``--split folder2`` names. Raises RequestError."""
    depth = max(map(len, folders), default=0)
    levels = [f"folder{level + 1}" for level in range(depth)]
    if name not in levels:
        raise unknown_name("level of folders", name, [*levels, "none"], field="--split")
    level = levels.index(name)
    return _all_splits(folders, level, "--split")


def _uppermost(folders: list[Folders]) -> _Reading:
    """The uppermost folders as splits. Raises RequestError."""
    if not any(folders):
        remedy = "Put the images into folders that are called train and test."
        raise RequestError("there are no folders.", field="--folders", remedy=remedy)
    return _all_splits(folders, 0, "--folders")


def _all_splits(folders: list[Folders], level: int, field: str) -> _Reading:
    names = sorted({f[level] for f in folders if len(f) > level})
    masks = [name for name in names if is_mask_folder(name) and not split_within(name)]
    splits = {name: split_within(name) for name in names if name not in masks}
    unknown = [name for name, split in splits.items() if split is None]
    if unknown:
        raise RequestError(
            f"{quoted(unknown)} {'is no split' if len(unknown) == 1 else 'are no splits'}.",
            field=field,
            remedy=f"Known names of splits: {known_names()}.",
        )
    return _Reading(level, {n: s for n, s in splits.items() if s}, "out", tuple(masks))


def _guessed(folders: list[Folders], level: int) -> tuple[_Reading | None, tuple[str, ...]]:
    """The reading of a level as splits, or None and a note on a class that is called like one."""
    children: dict[str, set[str]] = {}
    for f in folders:
        if len(f) > level:
            children.setdefault(f[level], set()).update(f[level + 1 : level + 2])
    splits = splits_of(children)
    named = {name: split for name, split in splits.items() if not is_unlabeled(name)}
    if level:
        return _below(folders, level, named, splits), ()
    others = [n for n in children if n not in splits and not is_mask_folder(n)]
    if not named:
        return None, ()
    if not _are_splits(named, others, children):
        return None, (_class_note(named, others),)
    rest = "out" if "train" in named.values() else "train"
    names = sorted(set(children) - set(splits)) + (["."] if () in folders else [])
    return _Reading(level, splits, rest, tuple(names)), ()


def _below(
    folders: list[Folders], level: int, named: dict[str, SplitName], splits: dict[str, SplitName]
) -> _Reading | None:
    """The reading of a level below the uppermost as splits: of each class, or of one folder that
    holds the whole data beside others. named: the splits with labels."""
    inside: dict[Folders, set[str]] = {}
    for f in folders:
        if len(f) > level and not is_mask_folder(f[level]):
            inside.setdefault(f[:level], set()).add(f[level])
    above = frozenset(place for place, names in inside.items() if names <= set(splits))
    held = {name for place in above for name in inside[place]}
    if len({named[name] for name in held if name in named}) < 2:
        return None
    others = sorted({f[0] if f else "." for f in folders if f[:level] not in above})
    deep = any(len(f) > level + 1 for f in folders if f[:level] in above)
    # One folder that holds the whole data, or else one class of several that has splits.
    whole = len(above) == 1 and (deep or others == ["."] or is_filler(next(iter(above))[-1]))
    rest = "out" if whole else "train"
    return _Reading(level, {n: splits[n] for n in held}, rest, tuple(others), above)


def _are_splits(
    splits: dict[str, SplitName], others: Sequence[str], children: dict[str, set[str]]
) -> bool:
    """Whether names of splits beside other folders are splits: if they hold the same classes as
    each other or as the other folders, or are not the minority."""
    if all(map(is_filler, others)):
        return True
    inside = [children[name] for name in splits if children[name]]
    if any(one & set(others) for one in inside):
        return True
    if len(set(splits.values())) >= 2:
        shared = len(inside) >= 2 and any(a & b for a in inside for b in inside if a is not b)
        return shared or len(splits) >= len(others)
    return len(others) == 1 and bool(inside) and not children[others[0]]


def _class_note(splits: dict[str, SplitName], others: Sequence[str]) -> str:
    names = quoted(sorted(splits))
    one = len(splits) == 1
    return (
        f"{names} {'is' if one else 'are'} read as {'a class' if one else 'classes'}, because "
        f"{len(others)} of the {len(others) + len(splits)} folders there are no splits. If "
        f"{'it is a split' if one else 'they are splits'}, put the other folders into one that is "
        "called 'train'."
    )


def _split_notes(reading: _Reading) -> tuple[str, ...]:
    by_split = [
        f"{quoted(names)} ({'training' if split == 'train' else split})"
        for split in SPLITS
        if (names := sorted(n for n, s in reading.splits.items() if s == split))
    ]
    what = "Splits are those of the folders"
    if len(reading.splits) == 1 and not reading.others:
        what = "All images lie in the folder of one split:"
    notes = [f"{what} {', '.join(by_split)}; --split none makes others."]
    kept = [name for name in reading.others if _is_training(name, reading)]
    left = [name for name in reading.others if name not in kept]
    if left:
        notes.append(f"Images outside the folders of splits are left out: {quoted(left)}.")
    if kept and "train" in reading.splits.values():
        notes.append(f"Folders without a split are used for training: {quoted(kept)}.")
    elif kept:
        which = quoted([name for name in kept if name != "."])
        what = " and ".join(
            part for part in (which, "the images beside them" * ("." in kept)) if part
        )
        notes.append(f"There is no training folder; used for training: {what}.")
    return tuple(notes)


def _is_training(name: str, reading: _Reading) -> bool:
    """Whether a folder that is no split is for training. name: "." for the folder itself."""
    return reading.rest == "train" and not is_mask_folder(name)


def _places(below: dict[Folders, Folders], reading: _Reading | None) -> dict[Folders, Place]:
    places = {whole: _place(f, reading) for whole, f in below.items()}
    for split in SPLITS if reading else ():
        ours = [whole for whole, place in places.items() if place.split == split and place.taken]
        theirs = {p.below[:1] for p in places.values() if p.split not in (split, None) and p.taken}
        _strip(places, ours, theirs)
    _strip_same(places)
    return places


def _place(folders: Folders, reading: _Reading | None) -> Place:
    if reading is None:
        return Place(None, folders)
    level, name = reading.level, reading.name_of(folders)
    if name is None:
        top = folders[0] if folders else "."
        if not _is_training(top, reading):
            return Place(None, folders, taken=False)
        alone = not level and len([other for other in reading.others if other != "."]) == 1
        return Place("train", folders[1:] if alone else folders)
    below = folders[:level] + folders[level + 1 :]
    rest = rest_of(name)
    if is_unlabeled(name):
        below = ()
    elif rest and _names_hold_classes(reading.splits):
        below = (rest, *below)
    return Place(reading.splits[name], below)


def _names_hold_classes(splits: dict[str, SplitName]) -> bool:
    """Whether folders are called after a class and a split: cats_train, cats_test, dogs_train."""
    rests: dict[SplitName, set[str]] = {}
    for name, split in splits.items():
        rests.setdefault(split, set()).add(rest_of(name))
    first, *others = rests.values()
    return len(first) > 1 and all(other == first for other in others)


def _says_nothing(name: str, theirs: Collection[Folders]) -> bool:
    """Whether the only folder of a split is no class. theirs: the first ones of other splits."""
    return is_filler(name) or (split_within(name) is not None and (name,) not in theirs)


def _strip(
    places: dict[Folders, Place], ours: Sequence[Folders], theirs: Collection[Folders]
) -> None:
    """Remove the leading folder that all of ``ours`` share, while it says nothing."""
    while ours and all(places[whole].below for whole in ours):
        (first, *more) = {places[whole].below[0] for whole in ours}
        if more or not _says_nothing(first, theirs):
            return
        for whole in ours:
            places[whole] = Place(places[whole].split, places[whole].below[1:])


def _strip_same(places: dict[Folders, Place]) -> None:
    """Remove levels whose name is the same everywhere."""
    taken = [whole for whole, place in places.items() if place.taken]
    level = 0
    while any(len(places[w].below) > level for w in taken):
        names = [places[w].below[level : level + 1] for w in taken]
        different = set(names) - {()}
        (name, *more) = different
        if not more and (() not in names or is_filler(name[0])):
            for w in taken:
                f = places[w].below
                places[w] = Place(places[w].split, f[:level] + f[level + 1 :])
        else:
            level += 1
