"""Masks beside photographs: images that mark objects or defects, and are no samples.

Names give candidates: one stem with two suffixes in a folder (.jpg and .png), a stem with "_mask"
at its end, or parallel folders ("images" and "masks"). They are masks if nearly all of a folder's
candidates belong to an image, and nearly all of those that are looked at have few values.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, product

import numpy as np
from PIL import Image

from workbench.data.decoding.opening import opened, pillow_image
from workbench.data.listing import Blob
from workbench.data.sources.file_kinds import suffix_of
from workbench.data.sources.naming import FILLERS, split_within, tokens_of

LEFT_OUT = "used as masks"
_WORDS = frozenset(
    (
        "mask", "masks", "gt", "gts", "ground", "truth", "groundtruth", "label", "labels",
        "annotation", "annotations", "annotated", "annot", "segmentation", "segmentations", "seg",
        "semantic", "instance",
    )
)  # fmt: skip
# Words that may stand beside them: "train_masks", "SegmentationClass".
_BESIDE = frozenset(
    ("train", "training", "val", "valid", "validation", "test", "testing", "class", "object")
)
# "scan_mask", "scan-gt", "scan_mask_2": the stem of the image, and that it is a mask.
_ENDING = re.compile(
    r"[ ._-](?:mask|masks|gt|label|labels|seg|segmentation|annotation|groundtruth|ground_truth)"
    r"(?:[ ._-]?\d+)?$",
    re.IGNORECASE,
)
_ENDINGS = ("mask", "masks", "gt", "label", "labels", "seg", "segmentation", "annotation", "truth")
_PHOTOS = frozenset((".jpg", ".jpeg", ".jfif", ".webp"))
_DRAWN = frozenset((".png", ".bmp", ".gif", ".tif", ".tiff", ".pgm", ".pbm"))
# So much of a folder's candidates must belong to an image; so many of them are looked at, of which
# so many must look like masks.
_NEARLY_ALL, _LOOKED_AT, _ALIKE = 0.9, 8, 0.85
# A mask has at most so many values, and each of them for many pixels.
_MOST_VALUES, _PIXELS_A_VALUE, _SIDE = 64, 16, 1024

Open = Callable[[str], Blob]
Key = tuple[str, ...]


@dataclass(frozen=True)
class Masks:
    """of: the mask of each image that has one, by the image's name. names: all masks."""

    of: dict[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()

    def notes(self) -> tuple[str, ...]:
        """A note on what was taken for masks."""
        if not self.names:
            return ()
        example, mask = next(iter(sorted(self.of.items())))
        more = len(self.names) - len(set(self.of.values()))
        others = f" Further masks, of no image or of one that has a mask: {more:,}." if more else ""
        return (
            f"Masks are no samples. They are kept for {len(self.of):,} images, such as '{mask}' of "
            f"'{example}'.{others} To read them as images, move them to a folder of their own.",
        )


def is_mask_folder(name: str) -> bool:
    """Whether a folder is called like one of masks: "masks", "ground_truth", "train_masks"."""
    words = tokens_of(name)
    told = [word for word in words if word in _WORDS]
    rest = [word for word in words if word not in _WORDS and word not in FILLERS]
    if not told or any(word not in _BESIDE for word in rest):
        return False
    return not (rest and set(told) <= {"seg"})


def find(names: Sequence[str], open_file: Open) -> Masks:
    """The masks among ``names``, paths with slashes of images. open_file: gives the image."""
    pairs: dict[str, str] = {}
    left: set[str] = set()
    kinds = (_in_parallel_folders(names), _with_endings(names), _of_one_stem(names, open_file))
    for group, owners in chain.from_iterable(kinds):
        new = [name for name in group if name not in left]
        owned = {name: owners[name] for name in new if name in owners}
        few = len(owned) < max(1.0, _NEARLY_ALL * len(new))
        if few or not _look_alike(list(owned), open_file):
            continue
        left.update(new)
        for mask, image in owned.items():
            pairs.setdefault(image, mask)
    return Masks({i: m for i, m in pairs.items() if i not in left}, frozenset(left))


# Names that may be masks of one kind, and the image of each of them that has one.
_Candidates = Iterable[tuple[list[str], dict[str, str]]]


def _in_parallel_folders(names: Sequence[str]) -> _Candidates:
    """Files below folders that are called like masks, with the image of the same path below a
    folder beside it."""
    above: dict[str, Key | None] = {}
    groups: dict[Key, list[str]] = defaultdict(list)
    for name in names:
        place = name.rpartition("/")[0]
        if place not in above:
            above[place] = _mask_folder(place)
        folder = above[place]
        if folder is not None:
            groups[folder].append(name)
    if not groups:
        return
    masks = {name for group in groups.values() for name in group}
    images = _beside([name for name in names if name not in masks], {g[:-1] for g in groups})
    for folder, group in groups.items():
        level, split = len(folder) - 1, split_within(folder[-1])
        owners = {}
        for name in group:
            parts = name.split("/")
            for stem in (_stem(parts[-1]), _ENDING.sub("", _stem(parts[-1]))):
                found = images.get((folder[:-1], (*parts[level + 1 : -1], stem)))
                if found:
                    owners[name] = _closest(found, level, split)
                    break
        yield group, owners


def _mask_folder(place: str) -> Key | None:
    """The path down to the uppermost folder of ``place`` that is called like one of masks."""
    parts = place.split("/")
    at = next((at for at, part in enumerate(parts) if is_mask_folder(part)), None)
    return None if at is None else tuple(parts[: at + 1])


def _beside(names: Sequence[str], above: set[Key]) -> dict[tuple[Key, Key], list[str]]:
    """The images by a folder of ``above`` and by their path below it, with and without the first
    folder there; suffixes are left out."""
    images: dict[tuple[Key, Key], list[str]] = defaultdict(list)
    for name in names:
        parts = (*name.split("/")[:-1], _stem(name))
        for at in range(len(parts)):
            if parts[:at] in above:
                images[parts[:at], parts[at:]].append(name)
                images[parts[:at], parts[at + 1 :]].append(name)
    return images


def _closest(images: list[str], level: int, split: str | None) -> str:
    """The image whose folder at ``level`` is of the same split as the masks, else the first."""
    if len(images) > 1 and split is not None:
        for name in images:
            if split_within(name.split("/")[level]) == split:
                return name
    return images[0]


def _with_endings(names: Sequence[str]) -> _Candidates:
    """Files with "_mask" at the end of their stems, with the image of the stem in their folder."""
    masks = [name for name in names if _ends_like_mask(_without_suffix(name))]
    if not masks:
        return
    marked = set(masks)
    images = {_without_suffix(name): name for name in names if name not in marked}
    yield (
        masks,
        {
            name: images[stem]
            for name in masks
            if (stem := _ENDING.sub("", _without_suffix(name))) in images
        },
    )


def _ends_like_mask(path: str) -> bool:
    """Whether a path without its suffix ends like that of a mask."""
    words = path.rstrip("0123456789 ._-").lower()
    return words.endswith(_ENDINGS) and _ENDING.search(path) is not None


def _of_one_stem(names: Sequence[str], open_file: Open) -> _Candidates:
    """Drawn images (.png) whose folders hold photographs (.jpg) of the same stems."""
    suffixes = sorted(set(map(suffix_of, names)))
    if len(suffixes) < 2:
        return
    by_suffix: dict[str, dict[str, str]] = {suffix: {} for suffix in suffixes}
    for name in names:
        by_suffix[suffix_of(name)][_without_suffix(name)] = name
    for photo, drawn in product(suffixes, sorted(_DRAWN & set(suffixes))):
        photos = by_suffix[photo]
        common = {stem for stem in by_suffix[drawn] if stem in photos}
        if photo == drawn or not common:
            continue
        folders = {stem.rpartition("/")[0] for stem in common}
        group = {s: n for s, n in by_suffix[drawn].items() if s.rpartition("/")[0] in folders}
        owners = {group[stem]: photos[stem] for stem in group if stem in common}
        # A drawn image may be the photograph itself, with its mask in another drawn format.
        if photo in _PHOTOS or not _look_alike(list(owners.values()), open_file):
            yield list(group.values()), owners


def _look_alike(names: Sequence[str], open_file: Open) -> bool:
    """Whether nearly all of some of the images have few values."""
    spread = np.unique(np.linspace(0, len(names) - 1, min(_LOOKED_AT, len(names))).astype(int))
    hits = sum(_has_few_values(open_file(names[at])) for at in spread.tolist())
    return hits >= _ALIKE * len(spread)


def _has_few_values(blob: Blob) -> bool:
    if blob is None or isinstance(blob, np.ndarray):
        return False
    try:
        with opened(blob) as file, pillow_image(file) as unloaded:
            image: Image.Image = unloaded
            if max(image.size) > _SIDE:
                image.thumbnail((_SIDE, _SIDE), Image.Resampling.NEAREST)
            if image.mode not in ("1", "L", "P", "I", "I;16", "F"):
                image = image.convert("RGB")
            pixels = np.asarray(image)
    except Exception:  # noqa: BLE001  Pillow raises whatever a broken file makes it raise
        return False
    flat = pixels.reshape(pixels.shape[0] * pixels.shape[1], -1)
    if flat.shape[1] == 3:
        flat = flat.astype(np.uint32) @ np.array([[1], [256], [65536]], np.uint32)
    return len(np.unique(flat)) <= min(_MOST_VALUES, max(2, len(flat) // _PIXELS_A_VALUE))


def _without_suffix(name: str) -> str:
    return name[: len(name) - len(suffix_of(name))]


def _stem(name: str) -> str:
    return _without_suffix(name.rpartition("/")[2])
