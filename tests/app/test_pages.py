"""Every page opens without a browser: by deep link, with bad parameters, before any run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import end_engine
from page_reading import button, html, labels, press, texts
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.app import settings
from workbench.store.store import Store

ENTRY = Path(settings.__file__).with_name("entry.py")
# A page that is added is tested without a change here.
PAGES = sorted(path.stem for path in paths.pages_dir().glob("*.py"))


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home without runs. Pages that need data prepare them in it, with one engine."""
    home = tmp_path_factory.mktemp("empty") / "home"
    yield home
    end_engine(home)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_in_an_empty_home(open_page, empty_home: Path, page: str) -> None:
    app = open_page(empty_home, page)
    assert len(app.title) == 1


def test_the_entry_opens_on_start(open_page, empty_home: Path) -> None:
    app = open_page(empty_home)
    assert "What does a pretext task teach" in app.title[0].value


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_finished_runs(open_page, finished_home: Path, page: str) -> None:
    app = open_page(finished_home, page)
    assert not app.error


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("runs", {"run": "../../etc/passwd"}),
        ("runs", {"run": "simclr-nothere"}),
        ("compare", {"runs": "x,y,<script>"}),
        ("compare", {"experiment": "none"}),
        ("data", {"data": "/no/such/folder"}),
        ("data", {"data": "sample:nothing"}),
        ("pretrain", {"data": "sample:digits", "tasks": "nothing,../x"}),
        ("pretrain", {"data": "sample:digits", "size": "9999999999", "samples": "-3"}),
    ],
)
def test_anything_may_stand_in_the_address(
    open_page, finished_home: Path, page: str, query: dict[str, str]
) -> None:
    assert not open_page(finished_home, page, **query).exception


def test_start_asks_which_model_is_broken_and_answers(open_page, empty_home: Path) -> None:
    app = open_page(empty_home, "start")
    assert "One of these models is broken" in texts(app)
    assert "complete collapse" not in texts(app), "the answer must not be on the page before"
    press(app, "A is broken")
    assert "No, it is B" in texts(app)
    assert "collapse" in texts(app)


def test_a_finished_run_shows_its_verdict_gain_and_buttons(open_page, finished_home: Path) -> None:
    row = Store.open(finished_home).runs()[0]
    app = open_page(finished_home, "runs", run=row.id)
    assert "Nearest neighbours share the label" in texts(app)
    assert "Run again" in labels(app)
    assert "Compare" in labels(app)
    assert "Stop" not in labels(app)


def test_compare_says_what_was_shown_and_what_not(open_page, finished_home: Path) -> None:
    ids = [row.id for row in Store.open(finished_home).runs()]
    app = open_page(finished_home, "compare", runs=",".join(ids), details="Scores")
    text = texts(app)
    assert "points above the untrained encoder" in text or "no clear difference" in text
    assert "does not rank methods" in text
    assert "One seed a task: may be luck" in text


def test_others_may_not_stop_a_run(open_page, finished_home: Path) -> None:
    row = Store.open(finished_home).runs()[0]
    app = open_page(finished_home, "runs", host="0.0.0.0", run=row.id)
    assert button(app, "Delete this run").disabled


def test_off_loopback_a_path_outside_the_data_folder_is_refused(open_page, tmp_path: Path) -> None:
    app = open_page(tmp_path, "pretrain", host="0.0.0.0", data=str(tmp_path))
    assert "does not read paths outside" in texts(app)


@pytest.mark.parametrize(
    ("source", "task"),
    [
        ("sample:digits", "simclr"),
        ("sample:digits", "rotation"),  # pictures, and the answer in words
        ("sample:digits", "jigsaw"),
        ("sample:intents", "mlm"),
        ("sample:tickets", "sentence_order"),
    ],
)
def test_pretrain_shows_what_the_model_sees(
    open_page, finished_home: Path, source: str, task: str
) -> None:
    app = open_page(finished_home, "pretrain", data=source, tasks=task)
    assert not app.error
    assert not app.warning
    assert "what the model sees and must answer" in texts(app)
    assert "original" in texts(app) + html(app)


@pytest.mark.parametrize("room", ["", "tulip42"])
def test_a_damaged_store_is_an_error_on_the_page(tmp_path: Path, room: str) -> None:
    (tmp_path / "store.db").write_bytes(b"x" * 9000)
    settings.use(settings.AppSettings(tmp_path, room=room, proxied=bool(room)))
    try:
        app = AppTest.from_file(str(ENTRY), default_timeout=60).run()
    finally:
        settings.use(None)
    assert not app.exception
    assert "doctor --repair" in app.error[0].value


def test_pretrain_breaks_a_method_on_purpose(open_page, finished_home: Path) -> None:
    app = open_page(finished_home, "pretrain", data="sample:digits", tasks="vicreg")
    (choice,) = [box for box in app.selectbox if box.label == "Break it on purpose"]
    choice.set_value("vicreg_no_variance").run()
    assert "may become one point" in texts(app)
    assert any("--set variance=0" in code.value for code in app.code)
