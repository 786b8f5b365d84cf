"""Masks beside images: fitted as they are, in the cache's order, with what the crop cuts off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from data_making import encoded, noise
from PIL import Image

from workbench.config import DataConfig
from workbench.data.building.build import build
from workbench.data.dataset import Dataset
from workbench.data.decoding import mask, orientation
from workbench.data.listing import Listing


def made(
    tmp_path: Path, images: list[bytes], masks: list[bytes | None] | None, **options: Any
) -> Dataset:
    def of(blobs: list[Any]) -> Any:
        def give(wanted: npt.NDArray[np.int64]) -> Any:
            assert (np.diff(wanted) > 0).all()
            return (blobs[at] for at in wanted.tolist())

        return give

    listing = Listing(
        modality="image",
        ids=[f"{at:02}" for at in range(len(images))],
        split=np.array([(2, 0, 0, 1)[at % 4] for at in range(len(images))], np.int8),
        blobs=of(images),
        masks=None if masks is None else of(masks),
    )
    folder = tmp_path / "cache"
    folder.mkdir()
    build(
        listing, DataConfig("made", **options), folder, name="made", fingerprint="abc",
        progress=lambda *_: None, check=lambda _: None,
    )  # fmt: skip
    return Dataset.open(folder)


def marked(height: int, width: int, rows: slice, columns: slice, value: int = 255) -> np.ndarray:
    pixels = np.zeros((height, width), np.uint8)
    pixels[rows, columns] = value
    return pixels


def test_masks_lie_in_the_order_of_the_cache(tmp_path: Path) -> None:
    images = [encoded(noise(at, 16, 16)) for at in range(12)]
    masks = [
        encoded(marked(16, 16, slice(at, at + 1), slice(0, 16), value=1)) if at % 3 else None
        for at in range(12)
    ]
    data = made(tmp_path, images, masks)
    assert data.masks is not None
    assert data.masks.dtype == np.uint8
    assert data.masks.shape == (12, 16, 16)
    for row, name in enumerate(data.ids):
        at = int(name)
        expected = np.zeros((16, 16), np.uint8)
        if at % 3:
            expected[at] = 255
        assert (data.masks[row] == expected).all()
    assert any("8 of 12 images have a mask" in note for note in data.info.notes)


def test_without_masks_there_are_none(tmp_path: Path) -> None:
    images = [encoded(noise(at, 8, 8)) for at in range(8)]
    data = made(tmp_path, images, [None] * 8)
    assert data.masks is None
    assert not any("mask" in note for note in data.info.notes)


@pytest.mark.parametrize("fit", ["crop", "pad", "squash"])
def test_a_mask_is_fitted_as_its_image(tmp_path: Path, fit: str) -> None:
    # The mask marks exactly what is bright in the image.
    images, masks = [], []
    for at in range(12):
        rows, columns = slice(10, 30), slice(60 + at, 100)
        pixels = marked(40, 160, rows, columns, 250)
        images.append(encoded(pixels))
        # Half as fine as the image, in every second case.
        masks.append(encoded(pixels[:: 1 + at % 2, :: 1 + at % 2]))
    data = made(tmp_path, images, masks, size=32, fit=fit)
    assert data.masks is not None
    for row in range(12):
        bright = np.asarray(data.images[row])[0] > 125
        assert np.mean((data.masks[row] > 0) != bright) < 0.05
        assert (data.masks[row] > 0).any()


def test_the_note_says_what_the_crop_cuts_off(tmp_path: Path) -> None:
    # 30 tiles with a mark each: 12 in the middle, 9 half outside, 9 wholly outside.
    images = [encoded(noise(at, 40, 120)) for at in range(30)]
    starts = [55] * 12 + [30] * 9 + [0] * 9
    masks = [encoded(marked(40, 120, slice(5, 15), slice(s, s + 20))) for s in starts]
    data = made(tmp_path, images, masks, fit="crop")
    note = next(note for note in data.info.notes if "marked places" in note)
    assert "18 of 30 images" in note
    assert "all of them in 9" in note
    assert "45 % on average" in note
    assert "--fit pad" in note


def test_by_shape_nothing_marked_is_lost(tmp_path: Path) -> None:
    images = [encoded(noise(at, 40, 120 - 5 * at)) for at in range(12)]
    masks = [encoded(marked(40, 120 - 5 * at, slice(5, 15), slice(0, 12))) for at in range(12)]
    data = made(tmp_path, images, masks)
    assert data.info.fit == "pad"
    assert data.masks is not None
    assert (data.masks.reshape(12, -1).max(axis=1) == 255).all()
    assert not any("marked places" in note for note in data.info.notes)


def test_white_torn_and_tiny_masks_are_named(tmp_path: Path) -> None:
    images = [encoded(noise(at, 640, 640)) for at in range(8)]
    white = encoded(np.full((640, 640), 255, np.uint8))
    tiny = encoded(marked(640, 640, slice(1, 2), slice(1, 2)))
    usual = encoded(marked(640, 640, slice(100, 300), slice(0, 50)))
    data = made(tmp_path, images, [white, b"torn", tiny, *[usual] * 5])
    notes = " ".join(data.info.notes)
    assert "1 masks mark the whole image" in notes
    assert "1 masks cannot be read" in notes
    assert "marks of 1 images are smaller than a pixel" in notes
    assert "6 of 8 images have a mask" in notes


@pytest.mark.parametrize("turn", [5, 6, 7, 8])
def test_a_mask_of_the_file_is_turned_with_its_photograph(tmp_path: Path, turn: int) -> None:
    pixels = marked(20, 30, slice(0, 8), slice(0, 9))
    inverse = {5: 5, 6: 8, 7: 7, 8: 6}[turn]
    lying = orientation.upright_array(pixels[:, :, None], inverse)[:, :, 0]
    exif = Image.Exif()
    exif[orientation.TAG] = turn
    photographs = [encoded(lying + np.uint8(at), "PNG", exif=exif) for at in range(1, 9)]
    for masks in ([encoded(lying)] * 8, [encoded(pixels)] * 8):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        data = made(folder, photographs, masks)
        assert data.info.size == (20, 30)
        assert data.masks is not None
        assert (data.masks[0] == pixels).all()


def test_masks_of_every_kind_are_read() -> None:
    expected = marked(16, 16, slice(2, 9), slice(3, 12)) > 0
    palette = Image.fromarray(expected.astype(np.uint8) * 3).convert("P")
    palette = Image.frombytes("P", (16, 16), (expected * np.uint8(3)).tobytes())
    palette.putpalette([0, 0, 0, 9, 9, 9, 8, 8, 8, 128, 0, 0])
    clear = np.zeros((16, 16, 4), np.uint8)
    clear[expected] = (0, 0, 0, 255)
    kinds = [
        encoded((expected * 255).astype(np.uint8)),
        encoded(expected.astype(np.uint8)),
        encoded(Image.fromarray(expected)),
        encoded((expected * 300).astype(np.uint16)),
        encoded(palette),
        encoded(clear),
        encoded(np.stack([expected * 128, *[expected * 0] * 2], axis=2).astype(np.uint8)),
        encoded((expected * 255).astype(np.uint8), "TIFF"),
        encoded((expected * 255).astype(np.uint8), "BMP"),
    ]
    for data in kinds:
        assert (mask.read(data) == expected).all()
    large = np.kron(expected, np.ones((8, 8), np.uint8)) > 0
    lossy = mask.read(encoded((large * 255).astype(np.uint8), "JPEG", quality=60))
    assert np.mean(lossy != large) < 0.01
    assert not mask.read(encoded(noise(1, 64, 64) % 5, "JPEG")).any()
