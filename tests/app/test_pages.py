"""Every page runs without a browser: alone, deep-linked, with bad parameters, before any run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from page_reading import html
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.app import settings
from workbench.store.store import Store

ENTRY = Path(settings.__file__).with_name("entry.py")
PAGES = (
    "start",
    "data",
    "augment",
    "pretrain",
    "runs",
    "compare",
    "inspect_run",
    "try_it",
    "learn",
)
_SECONDS = 90


@pytest.fixture
def app_at() -> Iterator[object]:
    """Makes an app on a home; the settings are the environment's again after the test."""

    def make(home: Path, **more: object) -> AppTest:
        settings.use(settings.AppSettings(home, **more))  # type: ignore[arg-type]
        return AppTest.from_file(str(ENTRY), default_timeout=_SECONDS)

    yield make
    settings.use(None)


def opened(app: AppTest, page: str, **query: str) -> AppTest:
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page(str(paths.pages_dir() / f"{page}.py")).run()


def texts(app: AppTest) -> str:
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.error, app.warning, app.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_in_an_empty_home(app_at, tmp_path: Path, page: str) -> None:
    app = opened(app_at(tmp_path), page)
    assert not app.exception
    assert len(app.title) == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_finished_runs(app_at, finished_home: Path, page: str) -> None:
    app = opened(app_at(finished_home), page)
    assert not app.exception
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
    app_at, finished_home: Path, page: str, query: dict[str, str]
) -> None:
    app = opened(app_at(finished_home), page, **query)
    assert not app.exception


def test_start_asks_which_model_is_broken_and_answers(app_at, tmp_path: Path) -> None:
    app = app_at(tmp_path).run()
    assert "One of these models is broken" in texts(app)
    assert "complete collapse" not in texts(app), "the answer must not be on the page before"
    guess = next(button for button in app.button if button.label == "A is broken")
    guess.click().run()
    assert not app.exception
    assert "No, it is B" in texts(app)
    assert "collapse" in texts(app)


def test_a_finished_run_shows_its_verdict_gain_and_buttons(app_at, finished_home: Path) -> None:
    row = Store.open(finished_home).runs()[0]
    app = opened(app_at(finished_home), "runs", run=row.id)
    assert not app.exception
    assert "Nearest neighbours share the label" in texts(app)
    labels = [button.label for button in app.button]
    assert "Run again" in labels
    assert "Compare" in labels
    assert "Stop" not in labels


def test_compare_says_what_was_shown_and_what_not(app_at, finished_home: Path) -> None:
    ids = [row.id for row in Store.open(finished_home).runs()]
    app = opened(app_at(finished_home), "compare", runs=",".join(ids))
    assert not app.exception
    said = texts(app)
    assert "points over the untrained encoder" in said or "not distinguishable" in said
    assert "does not rank methods" in said
    assert "With one seed a task this is an observation" in said


def test_others_may_not_stop_a_run(app_at, finished_home: Path) -> None:
    row = Store.open(finished_home).runs()[0]
    app = opened(app_at(finished_home, host="0.0.0.0"), "runs", run=row.id)
    assert not app.exception
    delete = [button for button in app.button if button.label == "Delete this run"]
    assert all(button.disabled for button in delete) or not delete


def test_off_loopback_a_path_outside_the_data_folder_is_refused(app_at, tmp_path: Path) -> None:
    app = opened(app_at(tmp_path, host="0.0.0.0"), "pretrain", data=str(tmp_path))
    assert not app.exception
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
    app_at, finished_home: Path, source: str, task: str
) -> None:
    app = opened(app_at(finished_home), "pretrain", data=source, tasks=task)
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert "what the model sees and must answer" in texts(app)
    assert "original" in texts(app) + html(app)


def test_pretrain_breaks_a_method_on_purpose(app_at, finished_home: Path) -> None:
    app = opened(app_at(finished_home), "pretrain", data="sample:digits", tasks="vicreg")
    (choice,) = [box for box in app.selectbox if box.label == "Break it on purpose"]
    choice.set_value("vicreg_no_variance").run()
    assert not app.exception
    assert "may become one point" in texts(app)
    assert any("--set variance=0" in code.value for code in app.code)
