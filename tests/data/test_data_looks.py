"""Looking into a source before it is prepared, and at its originals after."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data_making import class_tree, encoded, image_parquet, noise, put, sentences
from PIL import Image

from workbench.config import DataConfig
from workbench.data import library, originals, prepare
from workbench.data.decoding import decode
from workbench.data.peek import peek
from workbench.data.sources.base import SourceMissing
from workbench.errors import RequestError


def test_columns_and_rows_are_shown_where_no_column_holds_samples(tmp_path: Path) -> None:
    table = tmp_path / "codes.csv"
    table.write_text("a,b\n" + "\n".join(f"{i},x{i % 3}" for i in range(40)))
    found = peek(DataConfig(str(table)))
    assert list(found.columns) == ["a", "b"]
    assert found.rows[2] == {"a": "2", "b": "x2"}
    assert found.images == ()
    with pytest.raises(RequestError, match="no column holds"):
        prepare(DataConfig(str(table)), tmp_path / "home")


def test_a_wrong_choice_of_column_leaves_the_columns_to_see(tmp_path: Path) -> None:
    table = tmp_path / "posts.csv"
    table.write_text("post,kind\n" + "\n".join(f"{text},a" for text in sentences(5)))
    assert list(peek(DataConfig(str(table), text=("nothing",))).columns) == ["post", "kind"]


def test_images_of_a_tree_and_of_a_table_are_shown(tmp_path: Path) -> None:
    tree = class_tree(tmp_path / "tree", {"cat": 3, "dog": 2})
    put(tree / "dog" / "torn.png", b"torn")
    found = peek(DataConfig(str(tree)))
    assert found.columns == {}
    assert {one.name for one in found.images} >= {"cat/00.png", "dog/torn.png"}
    torn = next(one for one in found.images if one.name == "dog/torn.png")
    assert torn.picture is None
    assert "no image format" in torn.error
    table = image_parquet(tmp_path / "set.parquet", [encoded(noise(i, 9, 7)) for i in range(3)])
    looked = peek(DataConfig(str(table)))
    assert [one.size for one in looked.images] == [(9, 7)] * 3
    assert looked.rows[0] == {"image": "(image)"}


def test_an_empty_table_and_a_folder_without_images_are_errors(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(RequestError, match="is empty"):
        peek(DataConfig(str(tmp_path / "empty.csv")))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "readme.md").write_text("x")
    with pytest.raises(RequestError, match="no images and no tables"):
        peek(DataConfig(str(tmp_path / "folder")))


def test_nothing_outside_the_folder_is_looked_into(tmp_path: Path) -> None:
    secret = put(tmp_path / "secret.png", encoded(noise(1, 8, 8)))
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "list.csv").write_text(f"file,n\n{secret},1\n../secret.png,2\n")
    with pytest.raises(RequestError, match="leads out"):
        peek(DataConfig(str(inside / "list.csv")), within=inside)


@pytest.mark.parametrize(
    ("pixels", "size", "channels", "deep"),
    [
        (noise(1, 1, 1), (1, 1), 1, False),
        (noise(2, 20, 30, kind=np.uint16), (20, 30), 1, True),
        (noise(3, 300, 500, 3), (300, 500), 3, False),
    ],
)
def test_an_original_is_shown_whole_and_small(
    tmp_path: Path, pixels: np.ndarray, size: tuple[int, int], channels: int, deep: bool
) -> None:
    found = originals.original("x", encoded(pixels), 96)
    assert (found.size, found.channels, found.deep) == (size, channels, deep)
    assert found.picture is not None
    assert found.picture.dtype == np.uint8
    assert found.picture.shape[2] == 3
    assert max(found.picture.shape[:2]) == min(96, max(size))
    assert abs(found.picture.shape[1] / found.picture.shape[0] - size[1] / size[0]) < 0.05


def test_five_channels_are_shown_by_their_first_three(tmp_path: Path) -> None:
    import tifffile

    tifffile.imwrite(tmp_path / "five.tif", noise(1, 5, 16, 16), photometric="minisblack")
    found = originals.original("five", tmp_path / "five.tif", 96)
    assert found.channels == 5
    assert found.picture is not None
    assert found.picture.shape == (16, 16, 3)


def test_originals_stand_beside_the_prepared_samples(tmp_path: Path) -> None:
    root = tmp_path / "set"
    for at in range(12):
        picture = Image.fromarray(np.full((20, 30 + at, 3), at * 20, np.uint8))
        put(root / f"{at:02}.png", encoded(picture))
    config = DataConfig(str(root), size=8)
    data = prepare(config, tmp_path / "home")
    rows = [5, 0, 11]
    found = originals.originals(config, data, rows)
    for row, one in zip(rows, found, strict=True):
        number = int(data.ids[row][:2])
        assert one.name == data.ids[row]
        assert one.size == (20, 30 + number)
        assert one.picture is not None
        assert one.picture[0, 0].tolist() == [number * 20] * 3
        assert abs(int(data.images[row][0, 4, 4]) - number * 20) <= 1
    (root / data.ids[5]).unlink()
    assert "no longer" in originals.originals(config, data, rows)[0].error
    measured = originals.sizes(config)
    assert measured.looked_at == 11
    assert set(measured.heights) == {20}


def test_originals_of_a_source_that_is_gone_are_an_error(tmp_path: Path) -> None:
    root = class_tree(tmp_path / "set", {"a": 4, "b": 4})
    data = prepare(DataConfig(str(root)), tmp_path / "home")
    for path in sorted(root.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    root.rmdir()
    with pytest.raises(SourceMissing):
        originals.originals(DataConfig(str(root)), data, [0])


def test_a_long_text_is_cut_where_its_tokens_end(tmp_path: Path) -> None:
    table = tmp_path / "posts.csv"
    texts = [*sentences(60), " ".join(sentences(30, 100))]
    table.write_text("text\n" + "\n".join(texts))
    data = prepare(DataConfig(str(table), length=16), tmp_path / "home")
    row = max(range(data.info.total), key=lambda at: len(data.texts[at]))
    long, short = originals.cut_texts(data, [row, (row + 1) % data.info.total])
    assert long.tokens > 16 == len(long.pieces)
    kept_words = data.texts[row][: long.kept].lower().replace(".", " .").split()
    assert " ".join(long.pieces).replace(" ##", "").split() == kept_words
    assert short.tokens == len(short.pieces)
    counts = originals.token_counts(data, [row])
    assert counts.tolist() == [long.tokens]


def test_what_was_prepared_is_listed_and_can_be_asked_for_again(tmp_path: Path) -> None:
    root = class_tree(tmp_path / "set", {"a": 6, "b": 6})
    home = tmp_path / "home"
    first = prepare(DataConfig(str(root), size=16, label="none"), home)
    second = prepare(DataConfig(str(root)), home)
    found = {one.info.fingerprint: one for one in library.prepared_data(home)}
    assert set(found) == {first.info.fingerprint, second.info.fingerprint}
    again = found[first.info.fingerprint].config
    assert again is not None
    assert (again.size, again.label) == (16, "none")
    assert prepare(again, home).folder == first.folder
    assert found[first.info.fingerprint].bytes > 12 * 16 * 16
    library.remove(home, first.info.fingerprint)
    assert [one.info.fingerprint for one in library.prepared_data(home)] == [
        second.info.fingerprint
    ]
    with pytest.raises(RequestError, match="not here any more"):
        library.remove(home, first.info.fingerprint)
    assert prepare(again, home).info == first.info


def test_what_is_cut_out_never_leaves_the_image() -> None:
    """Pillow refuses a box that misses the border by a rounding."""
    for height in range(1, 220, 3):
        for width in range(1, 220, 7):
            for size in ((64, 64), (58, 144), (10, 10), (72, 31)):
                left, top, right, bottom = decode.centre_box((height, width), size)
                assert 0 <= left < right <= width
                assert 0 <= top < bottom <= height
                missed = min(left + width - right, top + height - bottom)
                assert missed < 1e-9, "one side fits exactly"
