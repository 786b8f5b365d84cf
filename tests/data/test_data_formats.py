"""Formats: several frames, odd modes of colour, depths and byte orders, and what cannot be read."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from data_making import encoded, noise, put
from PIL import Image

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.dataset import Dataset
from workbench.data.decoding import decode, formats
from workbench.data.decoding.recipe import ImageRecipe
from workbench.errors import RequestError


def frames(form: str, seed: int, count: int = 3, *shape: int, **saving: object) -> bytes:
    pages = [Image.fromarray(noise(10 * seed + at, *(shape or (8, 8, 3)))) for at in range(count)]
    return encoded(pages[0], form, save_all=True, append_images=pages[1:], **saving)


def fill(source: Path, images: list[bytes], suffix: str) -> DataConfig:
    for index, data in enumerate(images):
        put(source / f"{index:03}.{suffix}", data)
    return DataConfig(str(source))


def image(data: Dataset, name: str) -> np.ndarray:
    return np.asarray(data.images[data.ids.index(name)])


@pytest.mark.parametrize(
    ("form", "suffix", "saving"),
    [
        ("GIF", "gif", {}),
        ("WEBP", "webp", {"lossless": True}),
        ("PNG", "png", {}),
        ("TIFF", "tif", {}),
        ("TIFF", "tif", {"compression": "tiff_lzw"}),
    ],
)
def test_of_several_frames_the_first_is_read_and_said(
    home: Path, source: Path, form: str, suffix: str, saving: dict[str, object]
) -> None:
    images = [frames(form, at, 3, **saving) for at in range(8)]
    images += [encoded(noise(900 + at, 8, 8, 3), form) for at in range(2)]
    data = prepare(fill(source, images, suffix), home)
    assert any("8 images have several frames or pages" in note for note in data.info.notes)
    for at in range(8):
        found = image(data, f"{at:03}.{suffix}").transpose(1, 2, 0).astype(int)
        # A GIF has 256 colours for all frames.
        assert np.abs(found - noise(10 * at, 8, 8, 3)).mean() < (20 if form == "GIF" else 0.5)


def test_pages_are_channels_only_where_they_are_named(home: Path, source: Path) -> None:
    images = [frames("TIFF", at, 3, 8, 8) for at in range(8)]
    config = fill(source, images, "tif")
    data = prepare(config, home)
    assert data.info.channels == 1
    assert (image(data, "002.tif")[0] == noise(20, 8, 8)).all()
    assert any("--channels" in note for note in data.info.notes)
    chosen = prepare(DataConfig(config.source, channels=(2, 0)), home)
    assert chosen.info.channels == 2
    assert (image(chosen, "002.tif") == [noise(22, 8, 8), noise(20, 8, 8)]).all()
    with pytest.raises(RequestError, match="no channel 3"):
        prepare(DataConfig(config.source, channels=(3,)), home)


def test_modes_of_colour_become_gray_or_rgb() -> None:
    colour = noise(1, 8, 8, 3) // 8 * 8
    one = Image.fromarray(colour)
    recipe = ImageRecipe((8, 8), True, 3)
    cmyk = decode.decode(encoded(one.convert("CMYK"), "JPEG", quality=100, subsampling=0), recipe)
    assert np.abs(cmyk.pixels.transpose(1, 2, 0).astype(int) - colour).mean() < 12
    for mode, form in (("CMYK", "TIFF"), ("YCbCr", "TIFF"), ("LAB", "TIFF")):
        assert decode.header(encoded(one.convert(mode), form)).channels == 3
    for mode in ("1", "L", "LA"):
        assert decode.header(encoded(one.convert(mode))).channels == 1
    bits = noise(2, 8, 8) > 128
    for form in ("PNG", "TIFF", "BMP"):
        data = encoded(Image.fromarray(bits), form)
        head = decode.header(data)
        assert (head.channels, head.deep) == (1, False)
        found = decode.decode(data, ImageRecipe((8, 8), True, 1)).pixels[0]
        assert (found == bits * 255).all()


def test_a_palette_with_a_see_through_colour_lies_on_white() -> None:
    palette = Image.frombytes("P", (8, 8), bytes([0] * 32 + [1] * 32))
    palette.putpalette([255, 0, 0, 0, 0, 255])
    for form in ("PNG", "GIF"):
        found = decode.decode(encoded(palette, form, transparency=1), ImageRecipe((8, 8), True, 3))
        assert found.pixels[:, 0, 0].tolist() == [255, 0, 0]
        assert found.pixels[:, 7, 7].tolist() == [255, 255, 255]
        assert decode.TRANSPARENT in found.remarks


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16, np.float32, np.float64])
@pytest.mark.parametrize("channels", [1, 3])
def test_tiffs_of_every_kind_and_order_keep_their_values(
    order: str, kind: type, channels: int
) -> None:
    pixels = (noise(3, 6, 9, channels) * 1.0).astype(kind)
    buffer = io.BytesIO()
    tifffile.imwrite(
        buffer,
        pixels[:, :, 0] if channels == 1 else pixels,
        photometric="rgb" if channels == 3 else "minisblack",
        byteorder=order,
    )
    head = decode.header(buffer.getvalue())
    assert (head.size, head.channels) == ((6, 9), channels)
    assert head.deep == (kind != np.uint8)
    recipe = ImageRecipe((6, 9), True, channels, deep=head.deep)
    found = decode.decode(buffer.getvalue(), recipe).pixels.transpose(1, 2, 0)
    assert (found == pixels).all()


@pytest.mark.parametrize("kind", [np.bool_, np.uint8, np.uint16, np.uint32])
def test_a_tiff_in_which_zero_is_white_is_read_as_it_looks(kind: type) -> None:
    pixels = np.zeros((6, 9), kind)
    pixels[:3] = 1 if kind == np.bool_ else np.iinfo(kind).max // 4 * 3
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, photometric="miniswhite")
    head = decode.header(buffer.getvalue())
    recipe = ImageRecipe((6, 9), True, 1, deep=head.deep)
    found = decode.decode(buffer.getvalue(), recipe).pixels[0].astype(float)
    assert found[0, 0] / found[5, 5] == pytest.approx(0 if kind == np.bool_ else 0.25, abs=0.01)


def test_damaged_bytes_never_speak_python() -> None:
    """No key, type or index of a reader's own code is shown to the user."""
    generator = np.random.default_rng(0)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, noise(1, 9, 7, 3, kind=np.uint16), photometric="rgb")
    messages = set()
    wholes = [buffer.getvalue(), *(frames(form, 1) for form in ("GIF", "WEBP", "PNG", "TIFF"))]
    for whole in wholes:
        for _ in range(60):
            data = bytearray(whole)
            for place in generator.integers(0, min(len(data), 300), 4):
                data[place] = generator.integers(0, 256)
            try:
                decode.decode(bytes(data), ImageRecipe((8, 8), False, 3, deep=True), strict=False)
            except decode.BrokenImage as error:
                messages.add(str(error))
    assert len(messages) > 3
    assert min(map(len, messages)) > 5
    assert not any(word in text for text in messages for word in ("'tuple'", "'int'", "axes"))


def test_headers_of_tiffs_need_no_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, noise(1, 5, 8, 12), photometric="minisblack")
    monkeypatch.setattr(tifffile.TiffPageSeries, "asarray", None)
    assert decode.header(buffer.getvalue()) == decode.Header((8, 12), 5, deep=False)


def test_colours_of_16_bits_in_a_png_are_said(home: Path, source: Path) -> None:
    import struct
    import zlib

    def png(seed: int) -> bytes:
        values = noise(seed, 4, 4, 3, kind=np.uint16).astype(">u2")
        rows = b"".join(b"\0" + row.tobytes() for row in values)
        out = b"\x89PNG\r\n\x1a\n"
        head = struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)
        for name, data in ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
            out += struct.pack(">I", len(data)) + name + data
            out += struct.pack(">I", zlib.crc32(name + data))
        return out

    data = prepare(fill(source, [png(at) for at in range(8)], "png"), home)
    assert any("8 images with 16 bits a value were read with 8" in note for note in data.info.notes)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"", "empty"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "video"),
        (b"\xff\x0a\xfa\x1f", "JPEG XL"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?>\n<svg/>", "SVG"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"%PDF-1.7", "PDF"),
        (b"\0" * 128 + b"DICM", "DICOM"),
        (b"anything else", "no image format"),
    ],
)
def test_what_cannot_be_read_is_named(start: bytes, words: str) -> None:
    assert words in formats.refusal(start)
    with pytest.raises(decode.BrokenImage, match=words):
        decode.header(start)
    with pytest.raises(decode.BrokenImage, match=words):
        decode.decode(start, ImageRecipe((8, 8), False, 1))


def test_an_image_without_pixels_breaks_alone(home: Path, source: Path) -> None:
    import struct

    whole = encoded(noise(1, 8, 8))
    empty = whole[:16] + struct.pack(">II", 0, 8) + whole[24:]
    config = fill(source, [empty, *[encoded(noise(at, 8, 8)) for at in range(2, 9)]], "png")
    info = prepare(config, home).info
    assert info.total == 7
    assert info.left_out == {"not readable": 1}
    with pytest.raises(decode.BrokenImage, match="no pixels"):
        decode.header(np.zeros((0, 8, 1), np.uint8))
