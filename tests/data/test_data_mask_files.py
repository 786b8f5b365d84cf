"""Masks beside photographs are no samples; what only looks like it by its name is one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from data_making import class_counts, encoded, listed, noise, put, split_counts
from PIL import Image

from workbench.data.sources.masks import is_mask_folder

COUNT = 5


def mask(seed: int, form: str = "PNG") -> bytes:
    return encoded(Image.fromarray(((noise(seed, 24, 24) > 128) * 255).astype(np.uint8)), form)


def photo(seed: int, form: str = "JPEG") -> bytes:
    return encoded(noise(seed, 24, 24, 3), form)


def one_stem(root: Path) -> None:
    for kind in ("MT_Free", "MT_Crack"):
        for index in range(COUNT):
            put(root / kind / "Imgs" / f"{index}.jpg", photo(index))
            put(root / kind / "Imgs" / f"{index}.png", mask(index))


def parallel_in_splits(root: Path) -> None:
    for split in ("train", "val"):
        for index in range(COUNT):
            put(root / "images" / split / f"{index}.png", photo(index, "PNG"))
            put(root / "masks" / split / f"{index}_mask.png", mask(index))


def ground_truth(root: Path) -> None:
    for index in range(COUNT):
        put(root / "train" / "good" / f"{index}.png", photo(index, "PNG"))
        put(root / "test" / "torn" / f"{index}.png", photo(index + 50, "PNG"))
        put(root / "ground_truth" / "torn" / f"{index}_mask.png", mask(index))


def endings(root: Path) -> None:
    for kind in ("benign", "normal"):
        for index in range(COUNT):
            put(root / kind / f"{kind} ({index}).png", photo(index, "PNG"))
            put(root / kind / f"{kind} ({index})_mask.png", mask(index))


def split_masks(root: Path) -> None:
    for index in range(COUNT):
        put(root / "train" / f"{index}.jpg", photo(index))
        put(root / "test" / f"{index}.jpg", photo(index + 50))
        put(root / "train_masks" / f"{index}_mask.gif", mask(index, "GIF"))
        put(root / "test_masks" / f"{index}_mask.gif", mask(index, "GIF"))


def below_classes(root: Path) -> None:
    for kind in ("cat", "dog"):
        for index in range(COUNT):
            put(root / kind / "images" / f"{index}.jpg", photo(index))
            put(root / kind / "annotations" / f"{index}.png", mask(index))


@pytest.mark.parametrize(
    ("make", "masks", "classes"),
    [
        (one_stem, 10, ["MT_Crack", "MT_Free"]),
        (parallel_in_splits, 10, []),
        (ground_truth, 5, ["good", "torn"]),
        (endings, 10, ["benign", "normal"]),
        (split_masks, 10, []),
        (below_classes, 10, ["cat", "dog"]),
    ],
)
@pytest.mark.parametrize("form", ["folder", "zip"])
def test_masks_are_left_out_and_kept_beside_their_images(
    source: Path,
    tmp_path: Path,
    make: Callable[[Path], None],
    masks: int,
    classes: list[str],
    form: str,
) -> None:
    import zipfile

    make(source)
    path = source
    if form == "zip":
        path = tmp_path / "data.zip"
        with zipfile.ZipFile(path, "w") as out:
            for file in sorted(source.rglob("*.*")):
                out.write(file, file.relative_to(source).as_posix())
    found = listed(path)
    assert found.count == 10
    assert found.accounted.left_out == {"used as masks": masks}
    assert sorted(map(str, class_counts(found))) == classes
    assert "" not in split_counts(found) or make in (one_stem, endings, below_classes)
    assert any("Masks are no samples" in note for note in found.notes)
    assert found.masks is not None
    blobs = list(found.masks(np.arange(found.count)))
    assert sum(blob is not None for blob in blobs) == masks
    for name, blob in zip(found.ids, blobs, strict=True):
        if blob is not None:
            data = blob.read_bytes() if isinstance(blob, Path) else blob
            index = int(name.rpartition("/")[2].partition(".")[0].split("(")[-1].rstrip(")"))
            assert data == mask(index, "GIF" if make is split_masks else "PNG")


def classes_called_like_masks(root: Path) -> None:
    for kind in ("mask", "no_mask"):
        for index in range(COUNT):
            put(root / kind / f"{index}.png", photo(index + 50 * (kind == "mask"), "PNG"))


def photographs_of_one_stem(root: Path) -> None:
    for kind in ("a", "b"):
        for index in range(COUNT):
            put(root / kind / f"{index}.jpg", photo(index))
            put(root / kind / f"{index}.png", photo(index + 50, "PNG"))


def drawings_of_other_names(root: Path) -> None:
    for index in range(COUNT):
        put(root / "photos" / f"{index}.jpg", photo(index))
        put(root / "masks" / f"other{index}.png", mask(index))


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (classes_called_like_masks, 10),
        (photographs_of_one_stem, 20),
        (drawings_of_other_names, 10),
    ],
)
def test_images_that_are_no_masks_stay(
    source: Path, make: Callable[[Path], None], count: int
) -> None:
    make(source)
    found = listed(source)
    assert found.count == count
    assert found.masks is None
    assert len(class_counts(found)) == 2


@pytest.mark.parametrize(
    ("name", "masks"),
    [
        ("masks", True),
        ("Ground_Truth", True),
        ("train_masks", True),
        ("SegmentationClass", True),
        ("with_mask", False),
        ("seg_train", False),
        ("images", False),
        ("train", False),
    ],
)
def test_names_of_folders_of_masks(name: str, masks: bool) -> None:
    assert is_mask_folder(name) == masks
