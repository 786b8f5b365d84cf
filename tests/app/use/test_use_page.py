"""Try and export: new images and texts on finished runs, runs that cannot be tried, files."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from engines import end_engine
from page_reading import html, texts
from PIL import Image
from run_making import carry_out
from streamlit.testing.v1 import AppTest

import workbench as wb
from workbench import paths
from workbench.app.shared.session import demo_runs
from workbench.data.dataset import Dataset
from workbench.evaluation import new_samples
from workbench.export import snippets
from workbench.jobs import supervisor
from workbench.store.store import Store
from workbench.stored_runs import hidden_test, reference_samples, stored_run

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def try_home(finished_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the finished runs, with an engine of its own."""
    home = tmp_path_factory.mktemp("try") / "home"
    unwanted = shutil.ignore_patterns("*.lock", "engine*", "supervisor*")
    shutil.copytree(finished_home, home, ignore=unwanted)
    yield home
    end_engine(home)


@pytest.fixture(scope="module")
def simclr(try_home: Path) -> str:
    return next(row.id for row in Store.open(try_home).runs() if row.config["task"] == "simclr")


@pytest.fixture
def try_page(open_page: Open, try_home: Path) -> Open:
    """Opens the page with these parameters."""

    def make(home: Path = try_home, **query: str) -> AppTest:
        return open_page(home, "try", **query)

    return make


def drop(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    uploader = app.file_uploader[0]
    return uploader.set_value([(name, data, "image/png") for name, data in files]).run()


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def data_of(home: Path, run: str) -> Dataset:
    data = stored_run.get(home, run).samples
    assert data is not None
    return data


def test_a_training_image_is_named_and_left_out_of_its_own_neighbours(
    try_page: Open, try_home: Path, simclr: str
) -> None:
    data = data_of(try_home, simclr)
    app = drop(try_page(run=simclr), ("mine.png", png(np.asarray(data.images[40, 0]))))
    assert f"<div>{data.ids[40]}</div>" not in html(app)
    text = texts(app)
    assert f"This is the training sample '{data.ids[40]}'" in text.replace("\\", "")
    assert "This is unlike the data" not in text
    assert "It lies farther from the other training images than" in text
    assert "nearest training images vote for" in text
    assert "Test samples are never among them" in text
    assert "test/" not in html(app)
    assert html(app).count("alike") == 12


def test_what_is_said_is_what_the_pure_functions_say(
    try_page: Open, try_home: Path, simclr: str
) -> None:
    data = data_of(try_home, simclr)
    pixels = 255 - np.asarray(data.images[3, 0])
    app = drop(try_page(run=simclr), ("negative.png", png(pixels)))
    h = wb.Run(simclr, try_home).encode(pixels[None])
    mine = reference_samples.read(stored_run.get(try_home, simclr), data)
    rows, similarity = new_samples.nearest(mine, h, 12)
    shown = [part.split("</div>")[0] for part in html(app).split("<div>alike ")[1:]]
    assert [float(value) for value in shown] == pytest.approx(similarity[0].tolist(), abs=2e-3)
    assert f"<div>{data.ids[int(rows[0, 0])]}</div>" in html(app)
    vote = new_samples.vote(mine, h)
    assert vote is not None
    assert data.info.label is not None
    best = int(vote.predicted[0])
    assert f"vote for **{data.info.label.classes[best]}**: {vote.counts[0, best]} of" in texts(app)


def test_what_is_unlike_the_data_is_warned_of(try_page: Open, simclr: str) -> None:
    noise = np.random.default_rng(0).integers(0, 2, (40, 60, 3), np.uint8) * 255
    app = drop(try_page(run=simclr), ("noise.png", png(noise)))
    text = texts(app)
    assert "It is in colour, and the run learned from gray" in text
    if "This is unlike the data" in text:
        assert "Class and neighbours may mean nothing" in text
    else:
        assert "It lies farther from the training images than" in text


def test_several_images_give_a_table_and_broken_ones_are_named(
    try_page: Open, try_home: Path, simclr: str
) -> None:
    data = data_of(try_home, simclr)
    files = [(f"{row}.png", png(np.asarray(data.images[row, 0]))) for row in (5, 9)]
    files.append(("text.png", b"These are words, and no image."))
    files.append(("pixel.png", png(np.full((1, 1), 200, np.uint8))))
    app = drop(try_page(run=simclr), *files)
    (error,) = app.error
    assert "text.png" in error.value
    assert "no image format that is known" in error.value
    (table,) = [frame.value for frame in app.dataframe]
    assert table["sample"].tolist() == ["5.png", "9.png", "pixel.png"]
    assert table["nearest training sample"].tolist()[:2] == [data.ids[5], data.ids[9]]
    assert table["similarity"].tolist()[:2] == pytest.approx([1, 1], abs=1e-3)
    assert table["in training"].tolist() == [True, True, False]
    assert not table["unusual"].tolist()[0]
    assert "was enlarged" in table["note"].tolist()[2]
    (look,) = [box for box in app.selectbox if box.label == "Look at"]
    app = look.set_value(1).run()
    assert data.ids[9] in texts(app).replace("\\", "")


def test_a_validation_sample_of_the_address_has_its_label(
    try_page: Open, try_home: Path, simclr: str
) -> None:
    data = data_of(try_home, simclr)
    rows = reference_samples.validation_rows(stored_run.get(try_home, simclr))
    assert data.info.label is not None
    app = try_page(run=simclr, sample="7", onmap="true", **{"with": "A validation sample"})
    label = data.info.label.classes[data.target("label")[rows[6]]]
    text = texts(app)
    assert f"Its own label: **{label}**" in text
    assert "The simple classifier on frozen features said" in text
    assert app.get("plotly_chart")
    assert "The two strongest directions only" in text


@pytest.fixture
def text_home(tmp_path: Path) -> Iterator[Path]:
    """A home of its own, for a run is trained in it."""
    home = tmp_path / "home"
    yield home
    end_engine(home)


def test_a_text_finds_texts(try_page: Open, text_home: Path, tmp_path: Path) -> None:
    words = ["refund", "parcel", "login", "password", "courier", "screen", "invoice", "thanks"]
    rng = np.random.default_rng(0)
    rows = [f"{' '.join(rng.choice(words, 8))} {i}." for i in range(120)]
    (tmp_path / "posts.csv").write_text("text\n" + "\n".join(rows))
    data = wb.load(str(tmp_path / "posts.csv"), home=text_home)
    with supervisor._lock(text_home).acquire(timeout=5):
        run = wb.pretrain(data, task="mlm", steps=3, wait=False)
        row = carry_out(text_home)
    assert row.state == "finished", row.reason
    text = data.texts()[4]
    app = try_page(text_home, run=run.id, say=text)
    texts(app)
    assert "This is the training sample" in texts(app)
    first = html(app).split("alike ")[1]
    assert not first.startswith("1.000")
    assert text not in first
    assert "There are no labels" in texts(app)
    assert "As the encoder gets it" in texts(app)
    empty = try_page(text_home, run=run.id, say="  \n ")
    assert "There is no sign in this text" in texts(empty)
    several = try_page(text_home, run=run.id, say=f"{rows[0]}\n\n{rows[1]}", lines="true")
    (table,) = [frame.value for frame in several.dataframe]
    assert len(table) == 2


def test_a_text_for_a_run_on_images_is_told(try_page: Open, simclr: str) -> None:
    assert "This run learned from images" in texts(try_page(run=simclr, say="hello"))


def test_runs_that_cannot_be_tried_say_why_and_offer_a_way_on(
    try_page: Open, try_home: Path, simclr: str
) -> None:
    app = try_page(run="simclr-nothere")
    assert "There is no run of this id here" in texts(app)
    assert not app.file_uploader
    demo = try_page(run=demo_runs()[0].id)
    assert "keeps no encoder" in texts(demo)
    assert any(button.label == "Run it here" for button in demo.button)
    store = Store.open(try_home)
    config = store.run(simclr).config
    for state, told in (("queued", "Wait until it has finished"), ("failed", "no trained encoder")):
        run_id = store.add_run(dict(config), digest="d")
        if state != "queued":
            store.move(run_id, ("queued",), "failed", reason="It broke.")
        app = try_page(run=run_id)
        assert told in texts(app)
        assert any(button.label == "Show it on the Runs page" for button in app.button)
        store.move(run_id, ("queued",), "failed")
        store.delete_run(run_id)


def test_an_empty_home_offers_a_first_run(try_page: Open, tmp_path: Path) -> None:
    app = try_page(tmp_path)
    assert "No run has finished here yet" in texts(app)
    assert any(button.label == "Start one" for button in app.button)


def test_where_the_prepared_data_are_gone_they_can_be_prepared_again(
    try_page: Open, try_home: Path, simclr: str
) -> None:
    folder = data_of(try_home, simclr).folder
    aside = folder.with_name(".aside")
    folder.rename(aside)
    try:
        app = try_page(run=simclr)
        assert "no longer here" in texts(app)
        taken = try_page(run=simclr, part="Take it with you")
        assert "Without ids and labels" in texts(taken)
        app = next(b for b in app.button if b.label == "Prepare them again").click().run()
        texts(app)
        assert data_of(try_home, simclr).info.total == 1797
        assert app.file_uploader
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def test_files_are_made_when_asked_for_and_hold_what_they_say(
    try_page: Open, try_home: Path, simclr: str
) -> None:
    app = try_page(run=simclr, part="Take it with you")
    folder = paths.run_dir(try_home, simclr) / "export"
    assert not folder.exists()
    for end in ("-safetensors.zip", "-embeddings.parquet", "-report.html"):
        key = f"make-{simclr}{end}"
        app = next(b for b in app.button if b.key == key).click().run()
        assert not app.error
        texts(app)
    labels = [button.label for button in app.get("download_button")]
    assert sum("Download" in str(label) for label in labels) == 3
    with zipfile.ZipFile(folder / f"{simclr}-safetensors.zip") as archive:
        names = {Path(name).name for name in archive.namelist()}
    assert {"encoder.safetensors", "config.json", "run.json"} <= names
    table = pq.read_table(folder / f"{simclr}-embeddings.parquet")
    data = data_of(try_home, simclr)
    assert set(table["split"].to_pylist()) == {"train", "validation", "test"}
    row = table["row"].to_pylist()[11]
    assert table["id"].to_pylist()[11] == data.ids[row]
    assert data.info.label is not None
    assert table["label"].to_pylist()[11] == data.info.label.classes[data.target("label")[row]]
    h = np.array(table["h"].to_pylist()[11], np.float32)
    image = np.asarray(data.images[row]).transpose(1, 2, 0)
    again = wb.Run(simclr, try_home).encode(image[None])[0]
    np.testing.assert_allclose(h, again, rtol=2e-2, atol=2e-2)
    report = (folder / f"{simclr}-report.html").read_text("utf-8")
    assert simclr in report
    (code, *_) = [block.value for block in app.code]
    opened: dict[str, object] = {}
    lines = [line for line in code.splitlines() if "images" not in line and "verdict" not in line]
    exec("\n".join(lines), opened)
    assert type(opened["run"]) is wb.Run


def test_while_the_test_is_closed_its_embeddings_stay(
    try_page: Open, try_home: Path, simclr: str
) -> None:
    store = Store.open(try_home)
    fingerprint = str(store.run(simclr).config["data"]["fingerprint"])
    hidden_test.switch(store, fingerprint, on=True)
    try:
        app = try_page(run=simclr, part="Take it with you")
        assert "Without the test split" in texts(app)
        key = f"make-{simclr}-embeddings.parquet"
        next(b for b in app.button if b.key == key).click().run()
        made = paths.run_dir(try_home, simclr) / "export" / f"{simclr}-embeddings.parquet"
        assert set(pq.read_table(made)["split"].to_pylist()) == {"train", "validation"}
    finally:
        hidden_test.switch(store, fingerprint, on=False)


def test_the_notebook_is_one() -> None:
    run = dataclasses.replace(demo_runs()[0], home=Path("/some/home"))
    document = json.loads(snippets.notebook(run, images=True))
    sources = ["".join(cell["source"]) for cell in document["cells"]]
    assert any(f"wb.Run('{run.id}'" in source for source in sources)
    assert len({cell["id"] for cell in document["cells"]}) == len(sources)
    for source, cell in zip(sources, document["cells"], strict=True):
        if cell["cell_type"] == "code":
            compile(source, "cell", "exec")
