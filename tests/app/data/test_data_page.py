"""The Data page: what is shown and can be changed before preparing, the looks, wrong input."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from engines import end_engine
from page_reading import html, press, texts
from PIL import Image
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.app.data import source_content
from workbench.data import library
from workbench.store.store import Store

LOOKS = ("Samples", "Classes", "Sizes", "Copies and blanks", "What the encoder gets")
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def data_home(digits_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home for the module, so that one engine answers all its tests."""
    home = tmp_path_factory.mktemp("data-page") / "home"
    shutil.copytree(digits_home, home, ignore=shutil.ignore_patterns("*.lock", "engine*"))
    yield home
    end_engine(home)


@pytest.fixture
def data_page(open_page: Open, data_home: Path) -> Open:
    """Opens the page with these parameters."""

    def make(home: Path = data_home, **query: str) -> AppTest:
        return open_page(home, "data", **query)

    return make


def field(app: AppTest, label: str) -> object:
    found = [*app.selectbox, *app.multiselect, *app.number_input, *app.checkbox]
    return next(one for one in found if one.label == label)


def picture(seed: int, side: int = 12) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (side, side + 4, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(classes: tuple[str, ...] = ("cat", "dog"), each: int = 8) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for at, name in enumerate(classes):
            for number in range(each):
                member = zipfile.ZipInfo(f"pets/{name}/{number}.png")
                archive.writestr(member, picture(100 * at + number))
        archive.writestr(zipfile.ZipInfo("pets/dog/torn.png"), b"torn")
    return buffer.getvalue()


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_at_the_digits_is_drawn(data_page: Open, look: str) -> None:
    app = data_page(data="sample:digits", look=look)
    text = texts(app)
    assert not app.error
    expected = {
        "Samples": "719 images",
        "Classes": "'1' has the most training samples (73)",
        "Sizes": "All originals have 8 x 8 pixels",
        "Copies and blanks": "equals a training sample; none repeats within a split.",
        "What the encoder gets": "At the left the original",
    }
    assert expected[look] in text
    if look in ("Samples", "What the encoder gets"):
        assert html(app).count("<img") == {"Samples": 36}.get(look, 16)


def test_samples_are_those_of_the_split_class_and_page_in_the_address(data_page: Open) -> None:
    asked = {"data": "sample:digits", "split": "test", "class": "3", "page": "2"}
    app = data_page(**asked)
    assert "72 images" in texts(app) or "73 images" in texts(app)
    shown = html(app)
    assert shown.count("<img") == 36
    assert "test/" in shown
    assert "train/" not in shown
    assert shown.count('alt="3, ') == 36
    assert html(data_page(**asked)) == shown
    first = html(data_page(**(asked | {"page": "1"})))
    assert first != shown
    assert data_page(**(asked | {"page": "9999", "class": "nothing"})).exception == []


def test_what_a_zip_holds_is_shown_and_changed_before_it_is_prepared(
    data_page: Open, data_home: Path
) -> None:
    before = len(library.prepared_data(data_home))
    app = data_page(source="Upload")
    app.file_uploader[0].upload("pets.zip", zipped(), "application/zip").run()
    text = texts(app)
    assert "**17 images** (zip of images), 2 classes by 'label'" in text
    assert "Preparing takes about 1 s" in text
    assert "pets/cat/0.png" in html(app)
    assert "no image format that is known" in html(app)
    assert len(library.prepared_data(data_home)) == before, (
        "nothing is prepared before it is asked for"
    )

    field(app, "Folder names are").set_value("none")
    app.run()
    text = texts(app)
    assert "no labels" in text
    assert "no predicted classes" in text
    field(app, "Image side in pixels").set_value(10)
    app.run()
    app = press(app, "Prepare it")
    text = texts(app)
    assert "The encoder gets 10 x 10 pixels, colour" in text
    assert re.search(r"The prepared data take [0-9.]+ [kM]?B on disk", text)
    assert "1 broken images were skipped (pets/dog/torn.png" in text
    (mine,) = [one for one in library.prepared_data(data_home) if one.info.name == "pets"]
    assert mine.config is not None
    assert (mine.config.folders, mine.config.size) == ("none", 10)
    assert mine.info.label is None


def test_the_same_upload_is_the_same_source_and_stays_prepared(
    data_page: Open, data_home: Path
) -> None:
    for _ in range(2):
        app = data_page(source="Upload")
        app.file_uploader[0].upload("twice.zip", zipped(("a", "b"), 6), "application/zip").run()
        if any(button.label == "Prepare it" for button in app.button):
            app = press(app, "Prepare it")
        assert "training images" in "".join(metric.label for metric in app.metric)
    assert len([one for one in library.prepared_data(data_home) if one.info.name == "twice"]) == 1


def test_columns_of_a_table_can_be_changed(data_page: Open, tmp_path: Path) -> None:
    table = tmp_path / "mails.csv"
    rows = [
        f"c{i % 9},{'login' if i % 2 else 'refund'},word{i} and more words {i}." for i in range(60)
    ]
    table.write_text("customer,topic,mail\n" + "\n".join(rows))
    app = data_page(data=str(table))
    assert "**60 texts**" in texts(app)
    columns = next(f.value for f in app.dataframe if "used as" in f.value)
    assert dict(zip(columns["column"], columns["used as"], strict=True)) == {
        "customer": "further label", "topic": "label", "mail": "texts",
    }  # fmt: skip
    field(app, "Group").set_value("customer")
    app.run()
    field(app, "Label").set_value("none")
    app.run()
    columns = next(f.value for f in app.dataframe if "used as" in f.value)
    assert columns["used as"].tolist() == ["group", "not used", "texts"] or (
        columns["used as"].tolist()[0] == "group"
    )
    assert "no labels" in texts(app)


def test_how_many_are_drawn_is_said_before_and_after(data_page: Open, tmp_path: Path) -> None:
    table = tmp_path / "notes.csv"
    lines = [f"{'a' if i % 2 else 'b'},word{i} and more words {i}." for i in range(60)]
    table.write_text("topic,note\n" + "\n".join(lines))
    app = data_page(data=str(table), samples="40")
    expected = {"rows found": "60", "taken": "40"}
    expected["left out: not drawn ('At most this many samples')"] = "20"
    for _ in range(2):
        (counts,) = (one.value for one in app.table if "taken" in one.value.index)
        assert dict(zip(counts.index, counts.iloc[:, 0], strict=True)) == expected
        if any(button.label == "Prepare it" for button in app.button):
            app = press(app, "Prepare it")
    assert "All 60" not in texts(app)


def test_where_no_column_holds_texts_one_can_be_chosen(data_page: Open, tmp_path: Path) -> None:
    table = tmp_path / "codes.csv"
    table.write_text("code,n\n" + "\n".join(f"x{i}y,{i}" for i in range(50)))
    app = data_page(data=str(table))
    (error,) = app.error
    assert "**Data**" in error.value
    assert "'Texts are in'" in error.value
    assert "--" not in error.value
    field(app, "Texts are in").set_value(["code"])
    app.run()
    assert not app.error
    assert "**50 texts**" in texts(app)


def test_wrong_input_is_named_with_its_remedy(data_page: Open, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.md").write_text("x")
    (tmp_path / "broken.zip").write_bytes(b"PK\3\4 no more")
    (tmp_path / "words.png").write_text("x")
    expected = {
        "empty.csv": "is empty",
        "folder": "holds no images and no tables",
        "broken.zip": "is not a zip that can be read",
        "words.png": "is no kind of file",
        "nothing": "there is no",
    }
    for name, message in expected.items():
        app = data_page(data=str(tmp_path / name))
        assert not app.exception
        (error,) = app.error
        assert message in error.value, name
        assert "\n" in error.value, "what to do about it stands on a second line"


@pytest.mark.parametrize("files", ["pixel", "deep", "channels"])
def test_odd_images_are_prepared_and_shown(data_page: Open, tmp_path: Path, files: str) -> None:
    import tifffile

    root = tmp_path / files
    root.mkdir()
    rng = np.random.default_rng(0)
    for at in range(20):
        if files == "pixel":
            Image.fromarray(rng.integers(0, 255, (1, 1, 3), np.uint8)).save(root / f"{at:02}.png")
        elif files == "deep":
            tifffile.imwrite(root / f"{at:02}.tif", rng.integers(0, 4000, (16, 16), np.uint16))
        else:
            values = rng.integers(0, 255, (5, 16, 16), np.uint8)
            tifffile.imwrite(root / f"{at:02}.tif", values, photometric="minisblack")
    app = data_page(data=str(root), look="What the encoder gets")
    assert html(app).count("<img") == 10
    if files == "channels":
        assert "the first three were taken" not in texts(app)
    app = press(app, "Prepare it")
    text = texts(app)
    assert not app.error
    assert html(app).count("<img") == 16
    if files == "deep":
        assert "more than 8 bits" in html(app)
        assert "scaled by the 0.1 and 99.9 percentiles" in text
    if files == "channels":
        assert "5 channels" in html(app)
        assert "'Channels' chooses others" in text


def test_what_was_prepared_can_be_opened_again_and_removed_but_not_while_it_is_needed(
    data_page: Open, data_home: Path
) -> None:
    app = data_page(source="Upload")
    app.file_uploader[0].upload("mine.zip", zipped(("x", "y"), 7), "application/zip").run()
    press(app, "Prepare it")
    (mine,) = [one for one in library.prepared_data(data_home) if one.info.name == "mine"]
    fingerprint = mine.info.fingerprint
    upload = Path(mine.info.source)
    assert upload.exists()

    app = data_page(source="Prepared before")
    assert "**mine**, 14 images" in texts(app)
    app = next(b for b in app.button if b.key == f"open-{fingerprint}").click().run()
    assert "mine" in [element.value for element in app.subheader]

    store = Store.open(data_home)
    run_id = store.add_run({"task": "simclr", "data": {"fingerprint": fingerprint}}, digest="d")
    remove = next(b for b in app.button if b.key == f"remove-{fingerprint}")
    app = remove.click().run()
    assert "queued or running runs need these data" in texts(app)
    assert paths.cache_dir(data_home).joinpath(fingerprint).exists()
    store.move(run_id, ("queued",), "stopped")
    app = data_page(source="Prepared before")
    assert "1 ended run keeps its scores" in texts(app)
    app = next(b for b in app.button if b.key == f"remove-{fingerprint}").click().run()
    assert "**mine**" not in texts(app)
    assert not paths.cache_dir(data_home).joinpath(fingerprint).exists()
    assert not upload.exists()
    store.delete_run(run_id)


def test_others_may_neither_read_paths_nor_remove_data(data_page: Open) -> None:
    app = data_page(host="0.0.0.0", source="Prepared before")
    texts(app)
    assert not [b for b in app.button if (b.key or "").startswith("remove-") and not b.disabled]
    app = data_page(host="0.0.0.0", data="/etc/passwd")
    assert "does not read paths outside" in texts(app)


@pytest.mark.parametrize(
    "query",
    [
        {"folders": "nothing"}, {"size": "999999999"}, {"samples": "1"}, {"label": "no such"},
        {"group": "<b>"}, {"channels": "9,9,9,9"}, {"length": "²"}, {"fingerprint": "f" * 16},
        {"look": "nothing", "split": "x", "class": "y", "page": "-4"}, {"text": "a,b,c"},
    ],
)  # fmt: skip
def test_anything_may_stand_in_the_address(data_page: Open, query: dict[str, str]) -> None:
    app = data_page(data="sample:digits", **query)
    assert not app.exception
    assert len(app.title) == 1


def test_images_have_brightness_and_texts_a_length() -> None:
    assert "brightness or colour." in source_content.no_labels("image")
    assert "length" not in source_content.no_labels("image")
    assert "predict length." in source_content.no_labels("text")
