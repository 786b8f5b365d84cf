"""The fit: crop, pad and squash, chosen by shape, stored, said, and used for new images alike."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from data_making import encoded, noise, put
from PIL import Image

from workbench.config import DataConfig
from workbench.data import arrays_like, prepare, prepare_arrays, prepare_like
from workbench.data.decoding import fit
from workbench.data.decoding.recipe import ImageRecipe
from workbench.data.inspection import inspect
from workbench.data.new_files import images_like
from workbench.errors import RequestError


def tree(root: Path, sizes: list[tuple[int, int]], count: int = 24) -> DataConfig:
    """``count`` gray images of the sizes in turn."""
    for at in range(count):
        put(root / f"{at:03}.png", encoded(noise(at, *sizes[at % len(sizes)])))
    return DataConfig(str(root))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(64, 64)], "crop"),
        ([(100, 100), (30, 30)], "crop"),
        ([(100, 110), (110, 100)], "crop"),
        # All of one shape that is not square, of different sizes too.
        ([(60, 90)], "squash"),
        ([(60, 90), (120, 180), (200, 302)], "squash"),
        ([(10, 400)], "squash"),
        # Shapes vary, and much would be lost.
        ([(60, 90), (90, 60)], "pad"),
        ([(100, 300), (100, 160), (200, 210)], "pad"),
        # Most are square, but a fifth of them is long.
        ([(90, 160), *[(100, 100)] * 4], "pad"),
        # One long picture among many does not decide.
        ([(90, 160), *[(100, 100)] * 30], "crop"),
    ],
)
def test_the_fit_is_chosen_by_shape(sizes: list[tuple[int, int]], expected: str) -> None:
    assert fit.by_shape(sizes, (64, 64)) == expected


def test_the_part_that_is_shown_is_a_rectangle_in_the_picture() -> None:
    crop = fit.shown_part((100, 300), (64, 64), "crop")
    assert (crop.top, crop.left, crop.height, crop.width) == (0, 100, 100, 100)
    for whole in ("pad", "squash"):
        assert fit.shown_part((100, 300), (64, 64), whole) == fit.Rectangle(0, 0, 100, 300)
    assert fit.placement((100, 300), (64, 64), "pad").inner == (21, 64)
    assert fit.placement((1, 5000), (64, 64), "pad").inner == (1, 64)
    found = fit.shares([(100, 300), (300, 100), (7, 7)], (64, 64), "crop")
    assert found == pytest.approx([1 / 3, 1 / 3, 1])


def test_pad_keeps_the_whole_picture_and_takes_the_colour_of_its_edge() -> None:
    pixels = np.full((50, 100, 3), (200, 180, 160), np.uint8)
    pixels[20:30, :10] = (255, 0, 0)
    image = Image.fromarray(pixels)
    padded = np.asarray(fit.fitted(image, (20, 20), "pad"))
    assert padded.shape == (20, 20, 3)
    assert (padded[0, 0] == (200, 180, 160)).all()
    assert (padded[-1, -1] == (200, 180, 160)).all()
    assert padded[10, 0, 0] > 230 > 40 > padded[10, 0, 1]
    deep = Image.fromarray(np.full((100, 50), 1234.5, np.float32))
    assert (np.asarray(fit.fitted(deep, (20, 20), "pad")) == 1234.5).all()


def test_squash_keeps_the_whole_picture_and_changes_its_shape() -> None:
    pixels = np.zeros((40, 120), np.uint8)
    pixels[:, :60] = 255
    found = np.asarray(fit.fitted(Image.fromarray(pixels), (20, 20), "squash"))
    assert (found[:, :9] == 255).all()
    assert (found[:, 11:] == 0).all()


@pytest.mark.parametrize("name", ["crop", "pad", "squash"])
def test_a_chosen_fit_is_stored_said_and_used_for_new_images(
    home: Path, tmp_path: Path, name: str
) -> None:
    from dataclasses import replace

    config = replace(tree(tmp_path / "set", [(40, 120)]), fit=name)
    data = prepare(config, home)
    assert data.info.fit == name
    assert data.info.shown == pytest.approx(1 / 3 if name == "crop" else 1)
    assert ImageRecipe.load(data.folder).fit == name
    looked = inspect(config, home)
    assert (looked.fit, looked.shown) == (data.info.fit, data.info.shown)
    assert [note for note in data.info.notes if "scaled" in note] == [
        note for note in looked.notes if "scaled" in note
    ]
    at = data.ids.index("004.png")
    like = prepare_like(DataConfig(config.source), home, data)
    assert (like.images[like.ids.index("004.png")] == data.images[at]).all()
    assert like.info.fit == name
    one = images_like([(Path(config.source) / "004.png").read_bytes()], data)
    assert (one.pixels[0] == data.images[at]).all()
    assert ("33 %" in one.notes[0]) == (name == "crop")
    array = arrays_like(noise(4, 40, 120)[None], data)
    # Arrays are scaled as fractions, images of 8 bits as 8 bits.
    assert np.abs(array[0].astype(int) - data.images[at]).max() <= 1


def test_by_shape_the_fit_is_said_with_the_flag_that_changes_it(home: Path, tmp_path: Path) -> None:
    varied = prepare(tree(tmp_path / "varied", [(100, 300), (300, 100), (100, 150)]), home)
    assert (varied.info.fit, varied.info.shown) == ("pad", 1.0)
    assert any("--fit crop" in note and "Shapes vary" in note for note in varied.info.notes)
    alike = prepare(tree(tmp_path / "alike", [(60, 90)]), home)
    assert alike.info.fit == "squash"
    assert any("--fit crop" in note and "67 %" in note for note in alike.info.notes)
    nearly = prepare(tree(tmp_path / "nearly", [(90, 100), (100, 90)]), home)
    assert (nearly.info.fit, nearly.info.shown) == ("crop", pytest.approx(0.9))
    assert any("gets 90 % of each picture" in note for note in nearly.info.notes)
    assert any("--fit pad keeps all" in note for note in nearly.info.notes)


def test_square_pictures_lose_nothing_and_native_ones_have_no_fit(
    home: Path, tmp_path: Path
) -> None:
    square = prepare(tree(tmp_path / "square", [(100, 100), (80, 80)]), home)
    assert (square.info.fit, square.info.shown) == ("crop", 1.0)
    assert not any("cut off" in note for note in square.info.notes)
    native = prepare(tree(tmp_path / "native", [(20, 48)]), home)
    assert (native.info.size, native.info.fit, native.info.shown) == ((20, 48), None, None)
    assert not any("--fit" in note for note in native.info.notes)


def test_a_recipe_of_an_older_cache_was_cropped(tmp_path: Path) -> None:
    old = {"size": [64, 64], "native": False, "channels": 3, "chosen": None}
    old |= {"deep": False, "scale": None}
    (tmp_path / "reading.json").write_text(json.dumps(old))
    assert ImageRecipe.load(tmp_path) == ImageRecipe((64, 64), False, 3, fit="crop")


def test_an_unknown_fit_is_refused(home: Path, tmp_path: Path) -> None:
    config = DataConfig(tree(tmp_path / "set", [(30, 40)], 4).source, fit="stretch")
    with pytest.raises(RequestError, match="stretch") as caught:
        prepare(config, home)
    assert caught.value.field == "--fit"


def test_long_and_thin_pictures_are_read(home: Path, tmp_path: Path) -> None:
    config = tree(tmp_path / "set", [(1, 500), (500, 1), (1, 1), (3, 200)], 12)
    data = prepare(config, home)
    assert data.info.total == 12
    assert data.info.fit == "pad"
    one = np.asarray(data.images[data.ids.index("000.png")])[0]
    assert one.std() > 0


def test_deep_pictures_are_padded_too(home: Path) -> None:
    deep = np.stack([noise(i, 30, 70, kind=np.uint16) for i in range(10)])
    _, data = prepare_arrays(deep, home, size=16, fit="pad")
    assert data.info.fit == "pad"
    fill = np.asarray(data.images[0])[0, 0]
    assert len(np.unique(fill)) == 1
