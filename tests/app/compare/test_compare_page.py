"""The Compare page with seeds, decisions, and hidden test scores."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from page_reading import texts
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.config import Budget, DataConfig, RunConfig
from workbench.data.dataset import Dataset
from workbench.jobs import launch
from workbench.requests import validation
from workbench.store.store import Store
from workbench.stored_runs import hidden_test

Open = Callable[..., AppTest]
TASKS = {"simclr": 0.30, "moco_v2": 0.10}


def summary(level: float) -> dict[str, Any]:
    """Scores of the test split at ``level``, and of validation 5 points below."""
    out: dict[str, Any] = {
        "training": {"steps": 5, "seconds": 1.0, "device": "cpu"},
        "verdict": {"label": "no sign of collapse", "reason": "Std is 0.9.", "metrics": {}},
        "notes": [],
    }
    for prefix, split, value in (("", "test", level), ("validation_", "validation", level - 0.05)):
        shared = {"protocol": "knn", "metric": "accuracy", "target": "label", "n": 300}
        shared |= {"split": split, "value": value, "low": value - 0.02, "high": value + 0.02}
        out[f"{prefix}scores"] = [{**shared, "features": "trained", "representation": "h"}]
        out[f"{prefix}gains"] = [{**shared, "over": "random init"}]
    return out


@pytest.fixture
def scored_home(home: Path) -> Path:
    """A home with three seeds of two tasks, scored without having been trained."""
    prepared = (Dataset.open(path.parent) for path in (home / "data").glob("*/info.json"))
    info = next(data.info for data in prepared if data.info.name == "digits")
    store = Store.open(home)
    for task, level in TASKS.items():
        for seed in range(3):
            asked = RunConfig(
                DataConfig("sample:digits"), task, budget=Budget(seconds=20), seed=seed
            )
            config = validation.validate(dataclasses.replace(asked, encoder="small_conv"), info)
            run_id = store.add_run(config.to_json(), digest=f"{task}{seed}")
            store.update(run_id, state="finished", started=1.0, ended=2.0)
            store.merge_summary(run_id, summary(level + seed / 100))
    return home


@pytest.fixture
def opened(open_page: Open, scored_home: Path) -> AppTest:
    """The page with all of them, and their scores."""
    ids = ",".join(row.id for row in reversed(Store.open(scored_home).runs()))
    return open_page(scored_home, "compare", runs=ids, details="Scores")


def fingerprint(home: Path) -> str:
    return str(Store.open(home).runs()[0].config["data"]["fingerprint"])


def test_seeds_stand_together_and_each_task_has_a_decision(opened: AppTest) -> None:
    text = texts(opened)
    assert "SimCLR, mean of 3 runs: 31.0 points above the untrained encoder" in text
    assert "SimCLR gained more than MoCo v2 (+20.0 points" in text
    assert "Test scores of 6 runs on digits have been open here" in text
    overview, table = [t.value for t in opened.table]
    assert overview.loc["SimCLR · 3 seeds", "gain"].startswith("+31.0")
    assert table.loc["SimCLR"].iloc[0] == "run next"
    assert table.loc["MoCo v2"].iloc[0] == "ruled out"
    assert "Decided on validation samples" in text


def test_the_decision_is_started_by_one_click_and_by_its_command(
    opened: AppTest, scored_home: Path
) -> None:
    assert (
        "Next: run longer (1 run, about 2 min of training).** SimCLR: Gain on validation"
        in texts(opened)
    )
    (command,) = [block.value for block in opened.code if "workbench pretrain" in block.value]
    assert "--task simclr" in command
    assert "--seconds 100" in command
    (button,) = [one for one in opened.button if one.label == "Start it"]
    app = button.click().run()
    assert not app.exception
    new = Store.open(scored_home).runs()[0]
    assert (new.config["task"], new.config["budget"]) == ("simclr", {"seconds": 100.0})
    launch.stop(scored_home, new.id)


def test_more_seeds_join_the_pilot_that_they_complete(open_page: Open, scored_home: Path) -> None:
    store = Store.open(scored_home)
    chosen = [row for row in store.runs() if row.config["seed"] == 0]
    for row in chosen:
        store.merge_summary(row.id, summary(0.30))
        store.update(row.id, experiment="pilot-a")
    app = open_page(scored_home, "compare", runs=",".join(row.id for row in chosen))
    assert "Next: add seeds (4 runs" in texts(app)
    (button,) = [one for one in app.button if one.label == "Start them"]
    button.click().run()
    new = [row for row in store.runs() if row.state == "queued"]
    assert [row.experiment for row in new] == ["pilot-a"] * 4
    # Opened again while they wait, the page leads to them and starts none twice.
    again = open_page(scored_home, "compare", runs=",".join(row.id for row in chosen))
    assert "Started already: 4 of 4 runs are queued or running." in texts(again)
    shown = {one.label for one in again.button}
    assert "See them" in shown
    assert "Start them" not in shown
    for row in new:
        launch.stop(scored_home, row.id)


def test_while_a_run_is_queued_there_is_no_decision(open_page: Open, scored_home: Path) -> None:
    store = Store.open(scored_home)
    done, queued = store.runs()[:2]
    store.update(queued.id, state="queued")
    app = open_page(scored_home, "compare", runs=f"{done.id},{queued.id}")
    assert "Next: wait for 1 run to end." in texts(app)
    assert not [one for one in app.button if one.label in ("Start it", "Start them")]


def test_the_switch_shows_validation_until_the_runs_are_confirmed(
    opened: AppTest, scored_home: Path
) -> None:
    (switch,) = [t for t in opened.toggle if t.label == "Hide test scores"]
    assert switch.value is False
    app = switch.set_value(True).run()
    assert not app.exception
    store = Store.open(scored_home)
    assert hidden_test.visibility(store, fingerprint(scored_home)).hidden
    text = texts(app)
    assert "Test scores of these data are hidden" in text
    assert "SimCLR, mean of 3 runs: 26.0 points" in text
    assert "31.0" not in text
    # They had been open before, which no switch undoes.
    assert "6 runs on digits have been open here" in text

    (button,) = [b for b in app.button if b.label == "Show test scores"]
    app = button.click().run()
    assert not app.exception
    assert len(hidden_test.visibility(store, fingerprint(scored_home)).confirmed) == 6
    assert "SimCLR, mean of 3 runs: 31.0 points" in texts(app)
    assert not [b for b in app.button if b.label == "Show test scores"]


def test_the_list_of_runs_shows_no_test_score_of_a_closed_run(
    opened: AppTest, scored_home: Path
) -> None:
    store = Store.open(scored_home)
    hidden_test.switch(store, fingerprint(scored_home), on=True)
    row = next(row for row in store.runs() if row.config["task"] == "simclr")
    opened.query_params.clear()
    opened.query_params["view"] = "Table"
    app = opened.switch_page(str(paths.pages_dir() / "runs.py")).run()
    assert not app.exception
    shown = [str(v) for frame in app.dataframe for v in frame.value.get("gain in points", [])]
    assert shown
    assert all(
        "+25." in v or "+26." in v or "+27." in v or "+5." in v or "+6." in v or "+7." in v
        for v in shown
    )
    app.query_params["run"] = row.id
    app = app.switch_page(str(paths.pages_dir() / "runs.py")).run()
    assert "validation samples; test scores are hidden" in texts(app)


def test_who_may_not_change_the_runs_may_not_move_the_switch(
    open_page: Open, scored_home: Path
) -> None:
    run = Store.open(scored_home).runs()[0].id
    app = open_page(scored_home, "compare", host="0.0.0.0", runs=run)
    (switch,) = [t for t in app.toggle if t.label == "Hide test scores"]
    assert switch.disabled
