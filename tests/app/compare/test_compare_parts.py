"""Every part of the Compare page, and the states in which there is little to compare."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawn_runs import dataset, draw, features
from page_reading import html as pages
from page_reading import labels, press, texts
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.config import DataConfig
from workbench.data import prepare, prepare_arrays
from workbench.run_folder import NOISE_MAP
from workbench.store import named_groups
from workbench.store.owners import Viewer
from workbench.store.store import Store
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.stored_run import StoredRun

Open = Callable[..., AppTest]
SECTIONS = (
    "gains", "scores", "pair", "groups", "agreement", "near", "curves", "spectra", "checks",
    "differences", "outside",
)  # fmt: skip
TABS = ("Samples", "Scores", "Training", "Agreement")
LOCAL = Viewer(local=True)


@pytest.fixture(scope="module")
def four_runs(digits_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two SimCLR seeds, a rotation run whose first 40 samples moved, and a broken SimSiam."""
    home = tmp_path_factory.mktemp("drawn") / "home"
    shutil.copytree(digits_home, home)
    data = dataset(home)
    moved = features(data, seed=0)
    moved[:40] = -moved[:40]
    draw(home, data, "simclr", seed=0, wrong=12)
    draw(home, data, "simclr", seed=1, wrong=8)
    draw(home, data, "rotation", h=moved, wrong=30, level=0.15)
    still = np.ones_like(moved)
    draw(home, data, "simsiam", h=still, level=0.01, verdict="complete collapse")
    return home


@pytest.fixture
def own_home(four_runs: Path, tmp_path: Path) -> Path:
    shutil.copytree(four_runs, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def compare(open_page: Open) -> Open:
    """Opens the page on a home, at an address."""

    def make(home: Path, **query: str) -> AppTest:
        return open_page(home, "compare", **query)

    return make


def ids(home: Path, *tasks: str) -> str:
    """The ids of the runs of these tasks, seed 0 first."""
    rows = sorted(Store.open(home).runs(), key=lambda row: row.config["seed"])
    chosen = [row.id for task in tasks for row in rows if row.config["task"] == task]
    return ",".join(chosen)


def mapped(home: Path) -> np.ndarray:
    return feature_spaces.mapped_rows(StoredRun(home, Store.open(home).runs()[0]))


def test_every_section_opens_from_the_address(compare, four_runs: Path) -> None:
    runs = ids(four_runs, "simclr", "rotation", "simsiam")
    text = {}
    for tab in TABS:
        app = compare(four_runs, runs=runs, details=tab, **dict.fromkeys(SECTIONS, "true"))
        assert not app.error
        text[tab] = texts(app)
        if tab == "Samples":
            assert "pixels only" in pages(app), "the neighbour sheet"
    assert "There are no named groups" in text["Samples"]
    assert "Scores: nearest neighbours share the label" in text["Scores"]
    assert "complete collapse" in text["Training"]
    assert "no quality" in text["Agreement"]
    assert "Each task has its own loss" in text["Training"]
    assert "by chance" in text["Agreement"]
    assert "`workbench embed`" in text["Agreement"]
    first = app.table[0].value
    assert list(first.index) == ["SimCLR · 2 seeds", "Rotation", "SimSiam"]
    assert "complete collapse" in first.loc["SimSiam", "collapse check"]
    (download,) = [d for d in app.get("download_button") if d.proto.label == "Report as HTML"]
    assert download


def test_seeds_are_one_entry_and_the_address_follows_the_choice(compare, four_runs: Path) -> None:
    app = compare(four_runs, runs=ids(four_runs, "simclr", "rotation"), details="Scores")
    (choice,) = [box for box in app.multiselect if box.label == "Runs"]
    assert [len(value.split(",")) for value in choice.value] == [2, 1]
    assert any("SimCLR (2 seeds)" in option for option in choice.options)
    assert "SimCLR, 2 runs" in texts(app)
    app = choice.set_value([choice.value[1]]).run()
    assert not app.exception
    assert app.query_params["runs"] == ids(four_runs, "rotation")
    assert "SimCLR, 2 runs" not in texts(app)


def test_from_nothing_there_is_a_way_on(compare, four_runs: Path) -> None:
    app = compare(four_runs)
    (choice,) = [box for box in app.multiselect if box.label == "Runs"]
    assert choice.value == []
    assert "Pick two runs or more" in texts(app)
    app = press(app, "The two newest finished runs")
    assert len(app.query_params["runs"].split(",")) == 2
    assert "Each map is turned" in str([one.help for one in app.caption])


def test_the_newest_pilot_is_the_newest_also_while_it_runs(compare: Open, own_home: Path) -> None:
    store = Store.open(own_home)
    rows = store.runs()
    for row in rows:
        store.update(row.id, experiment="pilot-old")
    first, _ = (store.add_run(rows[0].config, digest="d", experiment="pilot-new") for _ in "ab")
    app = compare(own_home)
    assert "Watch the newest pilot (0 of 2 runs have ended)" in labels(app)
    store.update(first, state="finished", started=1.0, ended=2.0)
    app = press(compare(own_home), "The newest pilot (1 of 2 runs have ended)")
    assert app.query_params["experiment"] == "pilot-new"
    assert "Watch the newest pilot" not in " ".join(labels(app))


def test_movers_are_listed_and_selected(compare, four_runs: Path) -> None:
    first, second = ids(four_runs, "simclr").split(",")[0], ids(four_runs, "rotation")
    app = compare(four_runs, runs=f"{first},{second}", pair="true", first=first, second=second)
    assert "On average a sample lost" in texts(app)
    app = press(app, "Select the 20 most moved on the map")
    key, chosen, _ = app.session_state["picked"]
    # The first forty were turned round, and everything else lies where it lay.
    assert set(chosen) <= set(mapped(four_runs)[:40].tolist())
    assert len(chosen) == 20
    assert key.startswith("compare")
    assert "**20 samples selected**" in texts(app)
    assert "How well this selection is kept together" in texts(app)


def test_who_is_right_and_who_is_wrong(compare, four_runs: Path) -> None:
    first, second = ids(four_runs, "simclr").split(",")[0], ids(four_runs, "rotation")
    app = compare(four_runs, runs=f"{first},{second}", pair="true", first=first, second=second)
    # The first 12 validation samples are wrong in both, the next 18 in rotation alone.
    assert "SimCLR (seed 0) right, Rotation (seed 0) wrong: 18." in texts(app)
    assert "Rotation (seed 0) right, SimCLR (seed 0) wrong: 0." in texts(app)
    app = press(app, "Select these 18 on the map")
    start = dataset(four_runs).rows("validation").start
    assert app.session_state["picked"][1] == list(range(start + 12, start + 30))
    assert "**18 samples selected**" in texts(app)


def test_a_group_is_kept_told_of_selected_and_deleted(compare, own_home: Path) -> None:
    store, print_ = Store.open(own_home), dataset(own_home).info.fingerprint
    data, rows = dataset(own_home), mapped(own_home)
    assert data.info.label is not None
    threes = rows[data.target(data.info.label.name)[rows] == 3]
    named_groups.keep(store, print_, "threes", threes, viewer=LOCAL)
    app = compare(own_home, runs=ids(own_home, "simclr", "simsiam"), groups="true")
    (table,) = [t.value for t in app.dataframe if "group" in t.value.columns]
    assert table["samples"].tolist() == [len(threes)]
    kept = table.iloc[0]
    assert int(kept["SimCLR (seed 0)"].split()[0]) > 70
    assert int(kept["SimSiam (seed 0)"].split()[0]) < 30
    commands = [block.value for block in app.code]
    assert any("workbench pretrain --data groups.parquet --label group" in one for one in commands)
    app = press(app, "Select on the map")
    assert app.session_state["picked"][1] == threes.tolist()
    app = press(app, "Delete the group threes")
    assert named_groups.groups_of(store, print_) == []
    assert "There are no named groups" in texts(app)


def test_the_noise_control_is_offered_and_told(compare, own_home: Path) -> None:
    first = ids(own_home, "simclr").split(",")[0]
    app = compare(own_home, runs=f"{first},{ids(own_home, 'rotation')}")
    assert "How much do two UMAPs of one run differ?" in [button.label for button in app.button]
    # How it is made is tested beside the engine; here stands what it is said to mean.
    shutil.copy(
        paths.run_dir(own_home, ids(own_home, "simsiam")) / "map_umap.parquet",
        paths.run_dir(own_home, first) / NOISE_MAP,
    )
    app = compare(own_home, runs=f"{first},{ids(own_home, 'rotation')}")
    assert "Two UMAPs of SimCLR (seed 0) that differ only by the seed" in texts(app)
    assert "says nothing of the runs" in texts(app)


def test_a_colour_in_the_address_is_kept_and_an_unknown_one_dropped(
    compare, four_runs: Path
) -> None:
    runs = ids(four_runs, "simclr", "rotation")
    app = compare(four_runs, runs=runs, colour="right or wrong")
    assert app.query_params["colour"] == "right or wrong"
    app = compare(four_runs, runs=runs, colour="<script>")
    assert "colour" not in app.query_params


def test_a_table_says_what_the_picture_does(compare, four_runs: Path) -> None:
    app = compare(four_runs, runs=ids(four_runs, "simclr"), **{"table-compare-0": "true"})
    (table,) = [t.value for t in app.dataframe if "sample" in t.value.columns]
    assert table["sample"].tolist() == mapped(four_runs).tolist()
    data = dataset(four_runs)
    assert data.info.label is not None
    names = [data.info.label.classes[i] for i in data.target(data.info.label.name)[table["sample"]]]
    assert table["label"].tolist() == names
    search = next(field for field in app.text_input if field.label == "Search")
    app = search.set_value(data.ids[int(mapped(four_runs)[-1])]).run()
    (table,) = [t.value for t in app.dataframe if "sample" in t.value.columns]
    assert int(mapped(four_runs)[-1]) in table["sample"].tolist()
    assert len(table) < 20


def test_runs_that_are_not_finished_stand_beside_finished_ones(compare, own_home: Path) -> None:
    store = Store.open(own_home)
    config = store.runs()[0].config
    failed = store.add_run({**config, "seed": 7}, digest="f", name="the failed one")
    store.update(failed, state="failed", reason="Out of memory.", started=1.0, ended=2.0)
    stopped = store.add_run({**config, "seed": 8}, digest="g", name="the stopped one")
    store.update(stopped, state="stopped", reason="Stopped.", started=1.0, ended=2.0)
    both = f"{failed},{stopped}"
    open_ = dict.fromkeys(SECTIONS, "true")
    runs = f"{ids(own_home, 'rotation')},{both}"
    for tab in TABS:
        app = compare(own_home, runs=runs, details=tab, **open_)
        assert not app.exception
        assert "1 of 2: failed" in app.table[0].value["collapse check"].iloc[-1]
        if tab == "Training":
            assert "Out of memory." in texts(app)
    app = compare(own_home, runs=both, details="Training", **open_)
    assert "No run has made a step yet." in texts(app)
    store.delete_run(failed)
    app = compare(own_home, runs=both)
    assert f"Not here: {failed}" in texts(app)


@pytest.mark.parametrize(("details", "column"), [("Training", "check"), ("Scores", "readout")])
def test_the_tables_give_equal_runs_titles_of_their_own(
    compare, own_home: Path, details: str, column: str
) -> None:
    draw(own_home, dataset(own_home), "simclr", seed=0, wrong=12)
    runs = ids(own_home, "simclr")
    app = compare(own_home, runs=runs, details=details, checks="true", scores="true")
    (table,) = [t.value for t in app.dataframe if column in t.value.columns]
    assert table["run"].nunique() == 3


def test_a_run_whose_files_and_data_are_gone(compare, own_home: Path) -> None:
    one, other = ids(own_home, "rotation", "simsiam").split(",")
    shutil.rmtree(paths.run_dir(own_home, other))
    open_ = dict.fromkeys(SECTIONS, "true")
    app = compare(own_home, runs=f"{one},{other}", **open_)
    assert "There are no predictions to compare" in texts(app)
    shutil.rmtree(own_home / "data")
    app = compare(own_home, runs=f"{one},{other}", **open_, **{"table-compare-0": "true"})
    (table,) = [t.value for t in app.dataframe if "sample" in t.value.columns]
    assert list(table.columns) == ["sample", "split"]


def test_runs_of_different_data_stand_apart(compare, own_home: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (60, 12, 12, 3)).astype(np.uint8)
    source, data = prepare_arrays(images, own_home)
    other = draw(own_home, data, "rotation", source=source)
    open_ = dict.fromkeys(SECTIONS, "true")
    app = compare(own_home, runs=f"{ids(own_home, 'simclr')},{other}", **open_)
    text = texts(app)
    assert "Not a fair comparison" in text
    assert "not linked" in text
    assert "different data" in text


def test_without_labels_and_of_two_samples(compare, own_home: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (12, 12, 12, 3)).astype(np.uint8)
    open_ = dict.fromkeys(SECTIONS, "true")
    for count in (12, 4):
        source, data = prepare_arrays(images[:count], own_home)
        runs = [draw(own_home, data, task, source=source) for task in ("simclr", "rotation")]
        app = compare(own_home, runs=",".join(runs), **open_)
        text = texts(app)
        assert "There are no labels to score with" in text
        assert "What does each run find similar?" in text
        # Without labels nobody is right or wrong: that part is left out.
        assert "There are no predictions to compare" not in text
        assert not app.exception


@pytest.mark.parametrize("handle", ["x", "../../etc/passwd", "0123456789abcdef~../x.npy", "~"])
def test_no_file_but_an_upload_is_read_from_the_address(
    compare, four_runs: Path, handle: str
) -> None:
    app = compare(four_runs, runs=ids(four_runs, "rotation"), beside=handle, outside="true")
    assert not app.error
    assert "`workbench embed`" in texts(app)


def test_texts_are_compared_too(compare, own_home: Path) -> None:
    source = DataConfig("sample:tickets", samples=80)
    data = prepare(source, own_home)
    runs = [draw(own_home, data, task, source=source) for task in ("mlm", "simcse")]
    open_ = dict.fromkeys(SECTIONS, "true")
    app = compare(own_home, runs=",".join(runs), **open_)
    assert not app.error
    assert "words only" in pages(app)


def test_losses_of_different_tasks_have_scales_of_their_own(compare, four_runs: Path) -> None:
    app = compare(four_runs, runs=ids(four_runs, "simclr", "rotation"), details="Training")
    charts = [str(chart.proto) for chart in app.get("plotly_chart")]
    losses = [chart for chart in charts if "loss of " in chart]
    assert ["SimCLR" in chart for chart in losses] == [True, False]
    assert ["Rotation" in chart for chart in losses] == [False, True]
    assert "Each task has its own loss and scale" in texts(app)
