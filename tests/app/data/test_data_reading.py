"""The Data page before and after preparing: what was read, how it can be changed, no raw error."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from engines import end_engine
from page_reading import html, press, texts
from PIL import Image
from streamlit.testing.v1 import AppTest

from workbench.app.data import sizes

Open = Callable[..., AppTest]
WORDS = ("river", "stone", "cloud", "winter", "garden", "letter", "bridge", "copper", "silver")


@pytest.fixture(scope="module")
def data_home(digits_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home for the module, so that one engine answers all its tests."""
    home = tmp_path_factory.mktemp("data-reading") / "home"
    shutil.copytree(digits_home, home, ignore=shutil.ignore_patterns("*.lock", "engine*"))
    yield home
    end_engine(home)


@pytest.fixture
def data_page(open_page: Open, data_home: Path) -> Open:
    """Opens the page with these parameters."""
    return lambda **query: open_page(data_home, "data", **query)


def field(app: AppTest, label: str) -> object:
    fields = [*app.selectbox, *app.multiselect, *app.number_input, *app.checkbox]
    return next(one for one in fields if one.label == label)


def tree(root: Path, counts: dict[str, int], size: tuple[int, int] = (12, 12)) -> Path:
    """root/FOLDER/NN.png: different images of (width, height)."""
    rng = np.random.default_rng(0)
    for name, count in counts.items():
        (root / name).mkdir(parents=True)
        for at in range(count):
            pixels = rng.integers(0, 255, (size[1], size[0], 3), np.uint8)
            Image.fromarray(pixels).save(root / name / f"{at:02}.png")
    return root


def text(number: int) -> str:
    rng = np.random.default_rng(number)
    return " ".join(rng.choice(WORDS, 6)) + f" number {number}"


def account(app: AppTest) -> dict[str, str]:
    """The small table of what was read."""
    frame = app.table[0].value
    return {str(name): str(value) for name, value in frame.iloc[:, 0].items()}


def frames(app: AppTest, column: str) -> list[dict[str, object]]:
    """The rows of the table that has this column."""
    return next(f.value for f in app.dataframe if column in f.value).to_dict("records")


def test_what_was_read_stands_there_before_and_after_preparing(
    data_page: Open, tmp_path: Path
) -> None:
    table = tmp_path / "mails.csv"
    rows = [f"{text(n)},{'login' if n % 2 else 'refund'}" for n in range(40)]
    table.write_text("mail,topic\n" + "\n".join(rows) + "\n,login\n,refund\n")
    app = data_page(data=str(table))
    wanted = {"rows found": "42", "left out: without a text": "2", "taken": "40"}
    assert account(app) == wanted
    assert frames(app, "class") == [
        {"class": "login", "samples": 21}, {"class": "refund", "samples": 21},
    ]  # fmt: skip
    assert len(frames(app, "mail")) == 10
    app = press(app, "Prepare it")
    assert account(app) == wanted
    assert "Of 42 rows" not in " ".join(str(one.value) for one in app.warning)


def test_nothing_left_out_is_one_sentence(data_page: Open) -> None:
    app = data_page(data="sample:digits")
    assert not app.table


def test_counts_by_class_and_split_and_pictures_of_each_class(
    data_page: Open, tmp_path: Path
) -> None:
    root = tree(
        tmp_path / "pets", {"train/cat": 9, "train/dog": 5, "test/cat": 3, "test/dog": 2}, (20, 40)
    )
    (root / "README.md").write_text("x")
    app = data_page(data=str(root))
    assert account(app)["taken"] == "19"
    assert frames(app, "class") == [
        {"class": "cat", "training": 9, "test": 3}, {"class": "dog", "training": 5, "test": 2},
    ]  # fmt: skip
    shown = html(app)
    assert shown.count("<img") == 10
    assert shown.count("<div>cat</div>") == shown.count("<div>dog</div>") == 5


def test_pictures_can_be_cut_padded_or_squeezed_and_the_frame_is_drawn(
    data_page: Open, tmp_path: Path
) -> None:
    root = tree(tmp_path / "long", {"cat": 8, "dog": 8}, (120, 40))
    app = data_page(data=str(root))
    assert "by shape: " in field(app, "Pictures are made square by").options[0]
    assert "Pictures are shown whole" in texts(app)
    assert "dashed" not in html(app)
    field(app, "Pictures are made square by").set_value("crop")
    app.run()
    assert app.query_params["fit"] == "crop"
    assert html(app).count("dashed") == 10
    assert "67 % is lost on average" in texts(app)
    # The button is above the form: a person with nothing to change need not pass it.
    labels = [getattr(element, "label", None) for element in app.main]
    assert labels.index("Prepare it") < labels.index("Folder names are")
    app = press(app, "Prepare it")
    again = data_page(data=str(root), fit="crop", look="What the encoder gets")
    assert html(again).count("dashed") == 8
    assert "The dashed frame is what is kept" in texts(again)
    padded = data_page(data=str(root), fit="pad", look="What the encoder gets")
    assert "dashed" not in html(press(padded, "Prepare it"))


@pytest.mark.parametrize(("fit", "smallest"), [("crop", "1.0"), ("pad", "4.0"), ("squash", "4.0")])
def test_the_smallest_detail_depends_on_the_fit(fit: str, smallest: str) -> None:
    heights, widths = np.array([256, 256]), np.array([65, 66])
    changes = sizes._changes(heights, widths, 64, 64, fit)
    assert "2 of 2 have another shape" in changes
    assert f"2 are scaled down; what is smaller than {smallest} pixels is lost." in changes


def test_a_long_small_picture_is_scaled_down_to_fit_with_a_border() -> None:
    heights, widths = np.array([128]), np.array([32])
    assert "1 are scaled down" in sizes._changes(heights, widths, 64, 64, "pad")
    assert "1 are smaller than 64 x 64 and are enlarged" in sizes._changes(
        heights, widths, 64, 64, "crop"
    )


def test_splits_are_as_found_made_here_or_those_of_a_column(
    data_page: Open, tmp_path: Path
) -> None:
    table = tmp_path / "posts.csv"
    rows = [f"{text(n)},{'ab'[n % 2]},{['train', 'train', 'test'][n % 3]}" for n in range(45)]
    rows[4] = rows[4].rpartition(",")[0] + ","
    table.write_text("text,label,part\n" + "\n".join(rows))
    app = data_page(data=str(table), split_column="part")
    assert "30 training" in texts(app)
    assert field(app, "Splits are").value == "part"
    assert [row["used as"] for row in frames(app, "used as")] == ["texts", "label", "split"]
    field(app, "Samples without a split go").set_value("out")
    app.run()
    assert app.query_params["unsplit"] == "out"
    assert account(app)["taken"] == "44"
    field(app, "Splits are").set_value("none")
    app.run()
    assert app.query_params["split_column"] == "none"
    assert "It is split by a fixed draw" in texts(app)
    field(app, "Splits are").set_value("")
    app.run()
    assert "split_column" not in app.query_params


def test_folders_can_be_the_split(data_page: Open, tmp_path: Path) -> None:
    root = tree(tmp_path / "odd", {"train": 12, "bus": 6, "car": 6})
    app = data_page(data=str(root))
    assert "3 classes by" in texts(app)
    root = tree(tmp_path / "named", {"train/cat": 9, "train/dog": 9, "test/cat": 4, "test/dog": 4})
    app = data_page(data=str(root), folders="none")
    field(app, "Folder names are").set_value("split")
    app.run()
    assert app.query_params["folders"] == "split"
    assert "18 training, 8 test" in texts(app)


def test_copies_are_counted_in_a_sentence_and_left_out_by_one_click(
    data_page: Open, tmp_path: Path
) -> None:
    root = tree(tmp_path / "pets", {"train/cat": 12, "train/dog": 12, "test/cat": 6, "test/dog": 6})
    for at in range(4):
        shutil.copy(root / "train/cat" / f"{at:02}.png", root / "test/cat" / f"{at:02}.png")
    app = press(data_page(data=str(root)), "Prepare it")
    assert "4 of 12 test images equal a training sample" in texts(app)
    box = next(one for one in app.checkbox if one.label.startswith("Leave out copies ("))
    app = box.set_value(True).run()
    assert not app.exception
    assert app.query_params["dedupe"] == "true"
    app = press(app, "Prepare it")
    assert "equal a training sample" not in texts(app)
    assert account(app)["taken"] == "32"


def test_a_split_that_cannot_be_made_is_said_at_once(data_page: Open, tmp_path: Path) -> None:
    table = tmp_path / "same.csv"
    rows = [f"{text(n % 3)},{'abc'[n % 3]}" for n in range(30)]
    table.write_text("text,label\n" + "\n".join(rows))
    app = press(data_page(data=str(table)), "Prepare it")
    assert any("no test sample" in str(one.value) for one in app.warning)


def test_an_option_that_does_not_fit_is_taken_back_by_one_click(
    data_page: Open, tmp_path: Path
) -> None:
    root = tree(tmp_path / "pets", {"cat": 6, "dog": 6})
    app = data_page(data=str(root), folders="nothing", fit="wide")
    assert len(app.error) == 1
    app = press(app, "Read it by default")
    assert not app.error
    assert set(app.query_params) - {"source"} == {"data"}
    assert "2 classes" in texts(app)


def dead_link(root: Path) -> Path:
    (tree(root / "pets", {"cat": 6, "dog": 6}) / "cat" / "x.png").symlink_to(root / "nowhere.png")
    return root / "pets"


def circle(root: Path) -> Path:
    at = tree(root / "pets", {"cat": 6, "dog": 6}) / "cat" / "x.png"
    at.symlink_to(at)
    return root / "pets"


def foreign_name(root: Path) -> Path:
    pets = tree(root / "pets", {"cat": 6, "dog": 6})
    (pets / "cat" / "00.png").rename(os.fsdecode(os.fsencode(pets / "cat") + b"/caf\xe9.png"))
    return pets


def foreign_class(root: Path) -> Path:
    pets = tree(root / "pets", {"cat": 6, "dog": 6})
    (pets / "cat").rename(os.fsdecode(os.fsencode(pets) + b"/caf\xe9"))
    return pets


def long_cell(root: Path) -> Path:
    tree(root, {"cat": 6})
    names = [f"cat/0{at}.png" for at in range(6)] + ["x" * 5000 + ".png"]
    (root / "list.csv").write_text("file,label\n" + "\n".join(f"{name},a" for name in names))
    return root / "list.csv"


def twice(root: Path) -> Path:
    columns = [
        pa.array([text(n) for n in range(8)]),
        pa.array(["a", "b"] * 4),
        pa.array([1, 2] * 4),
    ]
    names = ["text", "label", "label"]
    pq.write_table(pa.Table.from_arrays(columns, names=names), root / "twice.parquet")
    return root / "twice.parquet"


def torn_zip(root: Path) -> Path:
    with zipfile.ZipFile(root / "pets.zip", "w") as archive:
        for path in tree(root / "pets", {"cat": 6}).rglob("*.png"):
            archive.write(path, path.relative_to(root))
    data = (root / "pets.zip").read_bytes()
    (root / "torn.zip").write_bytes(data[:-40])
    return root / "torn.zip"


def wrong_sum(root: Path) -> Path:
    packed = root / "pets.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in tree(root / "pets", {"cat": 6}).rglob("*.png"):
            archive.write(path, path.relative_to(root))
    data = bytearray(packed.read_bytes())
    data[60:140] = bytes(80)
    packed.write_bytes(data)
    return packed


def torn_parquet(root: Path) -> Path:
    table = root / "torn.parquet"
    pq.write_table(pa.table({"text": [text(n) for n in range(80)]}), table)
    table.write_bytes(table.read_bytes()[:300] + b"PAR1")
    return table


def deep(root: Path) -> Path:
    line = '{"text": ' + "[" * 50_000 + "]" * 50_000 + "}"
    (root / "deep.jsonl").write_text("\n".join([f'{{"text": "{text(1)}"}}', line]))
    return root / "deep.jsonl"


def surrogates(root: Path) -> Path:
    lines = [f'{{"text": "{text(n)} \\ud800", "la\\ud800bel": "a\\ud800"}}' for n in range(9)]
    (root / "odd.jsonl").write_text("\n".join(lines))
    return root / "odd.jsonl"


@pytest.mark.parametrize(
    "make",
    [
        dead_link, circle, foreign_name, foreign_class, long_cell, twice, torn_zip, wrong_sum,
        torn_parquet, deep, surrogates,
    ],
)  # fmt: skip
def test_no_source_ends_in_a_raw_error(
    data_page: Open, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    app = data_page(data=str(make(tmp_path)))
    for _ in range(2):
        assert not app.exception
        for error in app.error:
            assert "**" in error.value, "the error names a field"
            assert "\n" in error.value, "what to do about it stands on a second line"
            assert "Error" not in error.value
        if not any(button.label == "Prepare it" for button in app.button):
            break
        app = press(app, "Prepare it")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("\0", ""), ("a\0b", "Path on this machine"), ("~nobody/x", ""), ("x" * 5000, ""),
        ("a/" * 3000, ""), (" ", ""), ("\0", "Upload"), ("\0", "Prepared before"),
    ],
)  # fmt: skip
def test_what_is_no_path_is_refused_in_words(data_page: Open, name: str, source: str) -> None:
    app = data_page(data=name, **({"source": source} if source else {}))
    assert not app.exception
    assert len(app.title) == 1
