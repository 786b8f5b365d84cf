"""Orientation: every format, every tag, turned once; sizes are those after turning."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile
from data_making import encoded, noise, put
from PIL import Image, TiffImagePlugin

from workbench.config import DataConfig
from workbench.data import originals, prepare
from workbench.data.decoding import decode, orientation
from workbench.data.decoding.recipe import ImageRecipe
from workbench.data.inspection import inspect

TURNS = range(1, 9)
HEIGHT, WIDTH = 20, 40
# As the reader of the tag turns it, its inverse lays it into the file.
_INVERSE = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}


def upright(channels: int, kind: type = np.uint8) -> np.ndarray:
    """(20, 40, channels): four corners of different levels, so that no turn looks like another."""
    pixels = np.zeros((HEIGHT, WIDTH, channels), np.float64)
    pixels[:10, :20] = 1.0
    pixels[:10, 20:] = 0.7
    pixels[10:, :20] = 0.4
    if channels == 3:
        pixels[:10, :20, 1:] = 0
        pixels[:10, 20:, 0] = 0
    return (pixels * np.iinfo(kind).max).astype(kind)


def lying(pixels: np.ndarray, turn: int) -> np.ndarray:
    return orientation.upright_array(pixels, _INVERSE[turn])


def exif(turn: int) -> Image.Exif:
    data = Image.Exif()
    data[orientation.TAG] = turn
    return data


def of_pillow(form: str, channels: int, turn: int) -> bytes:
    pixels = lying(upright(channels), turn)
    saving = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"lossless": True}}.get(form, {})
    return encoded(pixels[:, :, 0] if channels == 1 else pixels, form, exif=exif(turn), **saving)


def of_tiff(
    channels: int, turn: int, kind: type, order: str = "<", number: int = 0, **saving: object
) -> bytes:
    pixels = upright(channels, kind)
    # The dark corner tells copies apart.
    pixels[-1, -1] = number
    pixels = lying(pixels, turn)
    buffer = io.BytesIO()
    tifffile.imwrite(
        buffer,
        pixels[:, :, 0] if channels == 1 else pixels,
        photometric="rgb" if channels == 3 else "minisblack",
        byteorder=order,
        metadata=None,
        extratags=[(orientation.TAG, "H", 1, turn, True)],
        **saving,
    )
    return buffer.getvalue()


FORMS = {
    "jpeg": lambda c, t: of_pillow("JPEG", c, t),
    "png": lambda c, t: of_pillow("PNG", c, t),
    "webp": lambda c, t: of_pillow("WEBP", c, t),
    "tiff of Pillow": lambda c, t: of_pillow("TIFF", c, t),
    "tiff 8": lambda c, t: of_tiff(c, t, np.uint8),
    "tiff 16": lambda c, t: of_tiff(c, t, np.uint16),
    "tiff 16 big-endian": lambda c, t: of_tiff(c, t, np.uint16, ">"),
    "tiff 32": lambda c, t: of_tiff(c, t, np.uint32),
    "tiff deflate": lambda c, t: of_tiff(c, t, np.uint16, compression="deflate"),
    "tiff strips": lambda c, t: of_tiff(c, t, np.uint8, rowsperstrip=3),
}


def read(data: bytes) -> np.ndarray:
    """(H, W, C) in [0, 1], at the size of the header."""
    head = decode.header(data)
    recipe = ImageRecipe(head.size, True, min(head.channels, 3), deep=head.deep)
    pixels = decode.decode(data, recipe).pixels.astype(np.float64).transpose(1, 2, 0)
    return pixels / pixels.max()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("channels", [1, 3])
def test_every_format_is_turned_once_by_every_tag(form: str, channels: int) -> None:
    for turn in TURNS:
        data = FORMS[form](channels, turn)
        head = decode.header(data)
        assert head.size == (HEIGHT, WIDTH)
        assert head.turn == turn
        found = read(data)
        assert found.shape[:2] == (HEIGHT, WIDTH)
        expected = upright(found.shape[2] if channels == 3 else 1) / 255
        assert np.abs(found - expected)[2:8, 2:18].max() < 0.1
        assert np.abs(found - expected)[2:8, 22:38].max() < 0.1
        assert np.abs(found - expected)[12:18, 2:18].max() < 0.1


def test_arrays_turn_as_pillow_turns_images() -> None:
    pixels = noise(1, 5, 7, 3)
    for turn in TURNS:
        by_pillow = np.asarray(orientation.upright(Image.fromarray(pixels), turn))
        assert (orientation.upright_array(pixels, turn) == by_pillow).all()
        size = orientation.upright_size((5, 7), turn)
        assert by_pillow.shape[:2] == size


def test_both_readers_of_tiff_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.data.decoding import tiff

    for turn in TURNS:
        data = of_tiff(1, turn, np.uint16)
        by_pillow = read(data)
        by_tifffile = tiff.read(io.BytesIO(data)).array
        assert (by_pillow == by_tifffile / by_tifffile.max()).all()


@pytest.mark.parametrize("value", [0, 9, 65535])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_tag_of_no_meaning_leaves_the_image_as_it_is(form: str, value: int) -> None:
    data = encoded(upright(3), form, exif=exif(value))
    assert decode.header(data) == decode.Header((HEIGHT, WIDTH), 3, deep=False)
    assert np.abs(read(data) - upright(3) / 255)[12:18, 2:18].max() < 0.15


@pytest.mark.parametrize("kind", [TiffImagePlugin.IFDRational(6, 1), "6", b"\x06", (6, 6)])
def test_a_tag_of_another_type_does_not_break_the_image(kind: object) -> None:
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    types = {str: 2, bytes: 7, tuple: 3}
    directory[orientation.TAG] = kind
    directory.tagtype[orientation.TAG] = types.get(type(kind), 5)
    data = encoded(upright(3), "TIFF", tiffinfo=directory)
    head = decode.header(data)
    assert read(data).shape[:2] == head.size


@pytest.mark.parametrize("value", [0, 9])
def test_tifffile_meets_tags_of_no_meaning(value: int) -> None:
    data = of_tiff(3, 1, np.uint16)
    where = data.index(struct.pack("<HHIH", orientation.TAG, 3, 1, 1))
    changed = bytearray(data)
    changed[where + 8 : where + 10] = struct.pack("<H", value)
    assert decode.header(bytes(changed)).turn == 1
    assert (read(bytes(changed)) == read(data)).all()


def test_damaged_exif_data_do_not_break_the_image() -> None:
    for rest in (b"", b"Exif\0\0", b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01" * 9):
        data = encoded(upright(3), "JPEG", exif=rest) if rest else encoded(upright(3), "JPEG")
        assert decode.header(data).size == (HEIGHT, WIDTH)


def test_a_torn_png_is_broken_and_not_half_an_image() -> None:
    data = encoded(noise(1, 64, 64, 3))
    with pytest.raises(decode.BrokenImage):
        decode.decode(data[: len(data) // 2], ImageRecipe((64, 64), True, 3))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_turned_images_of_one_size_are_kept_native(
    home: Path, source: Path, kind: type, channels: int
) -> None:
    for turn in TURNS:
        for copy in range(3):
            put(source / f"o{turn}_{copy}.tif", of_tiff(channels, turn, kind, number=copy))
    config = DataConfig(str(source))
    looked = inspect(config, home)
    data = prepare(config, home)
    assert looked.size == data.info.size == (HEIGHT, WIDTH)
    assert (data.info.fit, data.info.shown) == (None, None)
    assert (looked.fit, looked.shown) == (None, None)
    assert len(np.unique(data.digests)) == 3
    assert any("21 images were turned upright" in note for note in data.info.notes)
    first = originals.originals(config, data, [0])[0]
    assert first.size == (HEIGHT, WIDTH)
    assert first.picture is not None
    assert first.picture.shape[:2] == (HEIGHT, WIDTH)


def test_a_large_jpeg_is_turned_when_it_is_read_at_a_fraction() -> None:
    for turn in TURNS:
        large = np.kron(upright(3), np.ones((20, 20, 1), np.uint8))
        data = encoded(lying(large, turn), "JPEG", exif=exif(turn), quality=95)
        for fit in ("crop", "pad", "squash"):
            recipe = ImageRecipe((16, 16), False, 3, fit=fit)
            found = decode.decode(data, recipe).pixels.astype(int)
            assert found[0, 6, 4] > 200 > 60 > found[2, 6, 4]
            assert found[1, 6, 12] > 140 > 60 > found[0, 6, 12]
