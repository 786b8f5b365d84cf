"""Images of every kind, end to end: what lies in the cache is what lay in the file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from data_making import encoded, noise, put
from PIL import Image

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.dataset import Dataset
from workbench.errors import RequestError


def fill(source: Path, images: list[bytes], suffix: str = "png") -> Path:
    for index, data in enumerate(images):
        put(source / f"{index:03}.{suffix}", data)
    return source


def image(data: Dataset, name: str) -> np.ndarray:
    return np.asarray(data.images[data.ids.index(name)])


def tiff(pixels: np.ndarray, **saving: Any) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, **saving)
    return buffer.getvalue()


def test_colour_is_kept_and_gray_among_it_is_repeated(home: Path, source: Path) -> None:
    colour = [encoded(noise(i, 8, 8, 3)) for i in range(9)]
    fill(source, [*colour, encoded(noise(50, 8, 8))])
    data = prepare(DataConfig(str(source)), home)
    assert data.info.channels == 3
    assert (image(data, "004.png") == noise(4, 8, 8, 3).transpose(2, 0, 1)).all()
    assert (image(data, "009.png") == noise(50, 8, 8)).all()


def test_one_colour_image_after_many_gray_ones_is_not_lost(home: Path, source: Path) -> None:
    # Not among those whose headers are looked at first.
    gray = [encoded(noise(i, 4, 4)) for i in range(600)]
    gray[1] = encoded(noise(1, 4, 4, 3))
    data = prepare(DataConfig(str(fill(source, gray))), home)
    assert data.info.channels == 3
    assert (image(data, "001.png") == noise(1, 4, 4, 3).transpose(2, 0, 1)).all()


def test_colour_files_that_are_gray_all_over_keep_one_channel(home: Path, source: Path) -> None:
    gray = [noise(i, 8, 8) for i in range(10)]
    fill(source, [encoded(np.repeat(one[:, :, None], 3, axis=2)) for one in gray])
    data = prepare(DataConfig(str(source)), home)
    assert data.info.channels == 1
    assert (image(data, "003.png")[0] == gray[3]).all()
    assert any("one channel was kept" in note for note in data.info.notes)


def test_transparency_lies_on_white_and_palettes_are_resolved(home: Path, source: Path) -> None:
    clear = np.zeros((8, 8, 4), np.uint8)
    clear[:4] = (10, 20, 30, 255)
    palette = Image.fromarray(noise(1, 8, 8, 3)).quantize(16)
    rest = [encoded(noise(i, 8, 8, 3)) for i in range(2, 10)]
    fill(source, [encoded(clear), encoded(palette), *rest])
    data = prepare(DataConfig(str(source)), home)
    assert (image(data, "000.png")[:, 0, 0] == (10, 20, 30)).all()
    assert (image(data, "000.png")[:, 7, 7] == 255).all()
    expected = np.asarray(palette.convert("RGB")).transpose(2, 0, 1)
    assert (image(data, "001.png") == expected).all()
    assert any("partly transparent" in note for note in data.info.notes)
    assert any("palette" in note for note in data.info.notes)


def test_exif_turns_images_upright(home: Path, source: Path) -> None:
    upright = np.zeros((16, 16), np.uint8)
    upright[:4] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees when shown
    lying = encoded(np.rot90(upright).copy(), "JPEG", exif=exif, quality=95)
    others = [encoded(noise(i, 16, 16), "JPEG") for i in range(1, 10)]
    data = prepare(DataConfig(str(fill(source, [lying, *others], "jpg"))), home)
    rows = image(data, "000.jpg")[0].astype(int).mean(axis=1)
    assert rows[:3].min() > 200
    assert rows[6:].max() < 50
    assert any("1 images were turned upright" in note for note in data.info.notes)


def test_equal_sides_up_to_64_are_kept(home: Path, source: Path) -> None:
    fill(source, [encoded(noise(i, 20, 48)) for i in range(10)])
    data = prepare(DataConfig(str(source)), home)
    assert data.info.size == (20, 48)
    assert (image(data, "003.png")[0] == noise(3, 20, 48)).all()
    assert not any("scaled" in note for note in data.info.notes)


@pytest.mark.parametrize(
    ("sizes", "wanted", "expected"),
    [
        ([(20, 48), (20, 49)], None, 64),
        ([(80, 80)], None, 64),
        ([(20, 48)], 16, 16),
    ],
)
def test_other_sizes_become_one(
    home: Path, source: Path, sizes: list[tuple[int, int]], wanted: int | None, expected: int
) -> None:
    fill(source, [encoded(noise(i, *sizes[i % len(sizes)])) for i in range(10)])
    info = prepare(DataConfig(str(source), size=wanted), home).info
    assert info.size == (expected, expected)
    assert any(f"{expected} x {expected}" in note for note in info.notes)


def test_an_image_of_another_size_found_late_changes_the_size(home: Path, source: Path) -> None:
    images = [encoded(noise(i, 4, 4)) for i in range(600)]
    images[1] = encoded(noise(1, 4, 5))
    info = prepare(DataConfig(str(fill(source, images))), home).info
    assert info.size == (64, 64)
    assert info.total == 600


def test_the_shorter_side_is_scaled_without_aliasing_and_the_centre_cut_out(
    home: Path, source: Path
) -> None:
    # Black, white in the middle square; and a fine chequerboard that must average to gray.
    wide = np.zeros((32, 96), np.uint8)
    wide[:, 32:64] = 255
    chequer = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    rest = [encoded(noise(i, 40, 40)) for i in range(8)]
    data = prepare(
        DataConfig(
            str(fill(source, [encoded(wide), encoded(chequer), *rest])), size=16, fit="crop"
        ),
        home,
    )
    assert (image(data, "000.png")[0, :, 1:-1] == 255).all()
    assert np.abs(image(data, "001.png")[0].astype(int) - 127).max() <= 40


def test_large_jpegs_are_read_the_same_at_a_fraction_of_the_cost(home: Path, source: Path) -> None:
    ramp = np.tile(np.linspace(0, 255, 1024).astype(np.uint8), (1024, 1))
    images = [encoded(np.roll(ramp, 100 * i, axis=1), "JPEG", quality=95) for i in range(10)]
    data = prepare(DataConfig(str(fill(source, images, "jpg")), size=32), home)
    expected = np.asarray(Image.fromarray(ramp).resize((32, 32), Image.Resampling.BOX))
    assert np.abs(image(data, "000.jpg")[0].astype(int) - expected).max() <= 4


def test_sixteen_bits_are_scaled_by_the_training_set_and_not_one_by_one(
    home: Path, source: Path
) -> None:
    for split, count in (("train", 20), ("test", 10)):
        for index in range(count):
            base = 1000 * (index + 1) if split == "train" else 30_000
            pixels = np.full((8, 8), base, np.uint16) + noise(index, 8, 8).astype(np.uint16)
            put(source / split / f"{index:02}.tif", tiff(pixels))
    data = prepare(DataConfig(str(source)), home)
    assert data.info.channels == 1
    means = [float(image(data, f"train/{i:02}.tif").mean()) for i in range(20)]
    assert means == sorted(means)
    assert means[0] < 10
    assert means[-1] > 245
    # Brighter than all of training: cut off, and of no influence.
    assert (image(data, "test/00.tif") == 255).all()
    note = next(note for note in data.info.notes if "percentiles" in note)
    assert "0.1 and 99.9" in note


def test_sixteen_bit_png_counts_as_sixteen_bits(home: Path, source: Path) -> None:
    deep = [(noise(i, 8, 8, kind=np.uint16) // 16) for i in range(10)]
    data = prepare(DataConfig(str(fill(source, [encoded(one) for one in deep]))), home)
    assert data.images[:].max() == 255
    assert any("percentiles" in note for note in data.info.notes)


def test_many_channels_give_the_first_three_or_those_chosen(home: Path, source: Path) -> None:
    five = [noise(i, 5, 8, 8) for i in range(10)]
    fill(source, [tiff(one, photometric="minisblack") for one in five], "tif")
    first = prepare(DataConfig(str(source)), home)
    assert first.info.channels == 3
    assert (image(first, "002.tif") == five[2][:3]).all()
    assert any("--channels" in note for note in first.info.notes)
    chosen = prepare(DataConfig(str(source), channels=(4, 1)), home)
    assert chosen.info.channels == 2
    assert (image(chosen, "002.tif") == five[2][[4, 1]]).all()
    with pytest.raises(RequestError, match="no channel 5") as caught:
        prepare(DataConfig(str(source), channels=(5,)), home)
    assert caught.value.field == "--channels"


def test_channels_of_sixteen_bits_are_scaled_each_by_itself(home: Path, source: Path) -> None:
    scale = np.array([1, 10, 100], np.uint16)
    deep = [noise(i, 8, 8, 3).astype(np.uint16) * scale for i in range(10)]
    fill(source, [tiff(one, photometric="rgb") for one in deep], "tif")
    data = prepare(DataConfig(str(source)), home)
    train = np.asarray(data.images[data.rows("train")])
    assert np.ptp(train.mean(axis=(0, 2, 3))) < 25
    assert (train.max(axis=(0, 2, 3)) == 255).all()


def test_fractions_are_scaled_and_stacks_give_their_first_slice(home: Path, source: Path) -> None:
    stack = [np.random.default_rng(i).random((3, 8, 8)).astype(np.float32) for i in range(10)]
    fill(
        source,
        [tiff(one, metadata={"axes": "ZYX"}, photometric="minisblack") for one in stack],
        "tif",
    )
    data = prepare(DataConfig(str(source)), home)
    assert data.info.channels == 1
    found = image(data, "001.tif")[0].astype(float).ravel()
    assert np.corrcoef(found, stack[1][0].ravel())[0, 1] > 0.99
    assert any("first slice" in note for note in data.info.notes)


def test_a_value_that_is_no_number_breaks_that_image_only(home: Path, source: Path) -> None:
    images = [np.random.default_rng(i).random((8, 8)).astype(np.float32) for i in range(10)]
    images[3][0, 0] = np.nan
    info = prepare(DataConfig(str(fill(source, [tiff(one) for one in images], "tif"))), home).info
    assert info.total == 9
    assert any("1 broken images were skipped (003.tif" in note for note in info.notes)


def test_equal_pictures_share_a_split(home: Path, source: Path) -> None:
    # Equal pixels in different files count.
    for index in range(20):
        put(source / f"{index:02}.png", encoded(noise(index, 8, 8)))
        put(source / f"{index:02}.bmp", encoded(noise(index, 8, 8), "BMP"))
    data = prepare(DataConfig(str(source)), home)
    where = {
        data.ids[row]: split for split in data.info.counts for row in range(40)[data.rows(split)]
    }
    assert set(where.values()) == {"train", "validation", "test"}
    assert all(where[f"{i:02}.png"] == where[f"{i:02}.bmp"] for i in range(20))
