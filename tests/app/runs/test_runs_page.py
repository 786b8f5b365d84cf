"""The Runs page in every state: none, queued, running, stopped, failed, finished with labels and
without, somebody else's, stored ones; filters, tags, editing, deleting."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from page_reading import button, labels, press, texts
from page_reading import html as cards
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.app.runs import card
from workbench.app.shared import run_words
from workbench.store.rows import RunRow
from workbench.store.store import Store

Open = Callable[..., AppTest]


@pytest.fixture
def opened(open_page: Open) -> Open:
    """Opens the page on a home, at an address."""

    def make(home: Path, **query: str) -> AppTest:
        return open_page(home, "runs", **query)

    return make


def add(home: Path, **values: object) -> str:
    """A run like the first finished one, in another state."""
    store = Store.open(home)
    like = store.runs()[-1]
    run_id = store.add_run(like.config, digest="d", owner=str(values.pop("owner", "")))
    summary = values.pop("summary", {})
    store.merge_summary(run_id, summary)  # type: ignore[arg-type]
    if values:
        store.update(run_id, **values)
    return run_id


def test_without_runs_it_offers_to_start_one_or_to_look_at_stored_ones(
    opened: Open, tmp_path: Path
) -> None:
    app = opened(tmp_path)
    assert "No runs yet." in texts(app)
    assert "Start one" in labels(app)
    press(app, "SimCLR")
    assert "a stored demo run" in texts(app)
    assert "Clone" in labels(app)
    assert not {"Run again", "Stop", "Delete this run", "Save"} & set(labels(app))


def test_no_card_or_row_says_how_long_ago_as_it_is_not_drawn_again(opened: Open, own: Path) -> None:
    Store.open(own).update(add(own), created=datetime(2026, 3, 5, 9, 7, tzinfo=UTC).timestamp())
    add(own, state="running", started=1.0)
    shown = cards(opened(own))
    assert "5 Mar 2026, 09:07" in shown
    assert " ago" not in shown
    (table,) = opened(own, view="Table").dataframe
    assert "2026-03-05 09:07" in list(table.value["created"])


def test_finished_runs_are_cards_with_map_verdict_gain_and_loss(opened: Open, own: Path) -> None:
    shown = cards(opened(own))
    assert shown.count('src="data:image/png;base64,') == 2
    assert shown.count('src="data:image/svg+xml;base64,') == 2
    assert "SimCLR (seed 0)" in shown
    assert "points above the untrained encoder" in shown
    assert 'alt="Map of SimCLR (seed 0)' in shown
    assert "coloured by class" in shown


def test_a_tick_draws_runs_that_train_and_no_queued_ones(
    opened: Open, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, at_once, in_tick = card.card, [], []

    def counted(row: RunRow, *more: object, **others: object) -> str:
        ticks = any(frame.function == "_watch" for frame in inspect.stack(0))
        (in_tick if ticks else at_once).append(row.state)
        return draw(row, *more, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(card, "card", counted)
    for state in ("running", "queued", "queued"):
        add(own, state=state)
    shown = cards(opened(own))
    assert in_tick == ["running"]
    assert at_once.count("queued") == 2
    assert "Queued, number 2 in line." in shown


@pytest.mark.parametrize(
    ("values", "words", "buttons"),
    [
        ({}, "Queued, number 1 in line.", {"Stop", "Clone", "Delete this run"}),
        ({"state": "running", "started": 1.0}, "Starting.", {"Stop", "Clone"}),
        (
            {"state": "stopped", "started": 1.0, "ended": 9.0},
            "Stopped after 8 s.",
            {"Resume", "Run again", "Clone", "Delete this run"},
        ),
        (
            {"state": "failed", "started": 1.0, "ended": 9.0, "reason": "the loss became nan.\nx"},
            "Failed after 8 s. the loss became nan.",
            {"Resume", "Run again", "Clone", "Delete this run"},
        ),
    ],
    ids=["queued", "running", "stopped", "failed"],
)
def test_each_state_says_what_it_is_and_what_can_be_done(
    opened: Open, own: Path, values: dict[str, object], words: str, buttons: set[str]
) -> None:
    run_id = add(own, **values)
    assert words in cards(opened(own))
    app = opened(own, run=run_id)
    assert words in texts(app)
    every = {"Stop", "Resume", "Run again", "Clone", "Delete this run", "Compare", "Inspect"}
    assert set(labels(app)) & every == buttons


def test_a_run_with_a_damaged_configuration_is_not_run_again(opened: Open, own: Path) -> None:
    run_id = add(own, state="stopped", started=1.0, ended=9.0)
    with sqlite3.connect(own / "store.db") as store:
        store.execute("UPDATE runs SET config = '{not json' WHERE id = ?", (run_id,))
    app = opened(own, run=run_id)
    press(app, "Run again")
    assert "doctor --repair" in app.error[-1].value
    assert Store.open(own).count(("queued",)) == 0


def test_a_running_run_shows_how_far_it_is(opened: Open, own: Path) -> None:
    run_id = add(own, state="running", started=1.0)
    store = Store.open(own)
    store.heartbeat(run_id, "training", 0.25, 30.0)
    store.write_metrics(run_id, [("loss", step, 5.0 - step / 10) for step in range(20)])
    shown = cards(opened(own))
    assert "Training, about 30 s of training left." in shown
    assert '<progress value="0.250"' in shown
    app = opened(own, run=run_id)
    assert len(app.get("plotly_chart")) == 1


def test_without_labels_or_with_two_samples_there_is_no_score_and_it_says_so(
    opened: Open, own: Path
) -> None:
    checked = {"label": "too early to say", "reason": "Two samples.", "metrics": {}}
    ended = {"state": "finished", "started": 1.0, "ended": 2.0, "summary": {"verdict": checked}}
    run_id = add(own, **ended)
    shown = cards(opened(own))
    assert "No score: the data have no labels." in shown
    assert "No map" in shown
    app = opened(own, run=run_id)
    assert "No score: the data have no labels. Inspect shows" in texts(app)
    assert "Collapse check: too early to say" in texts(app)


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        ({}, "the data have no labels"),
        ({"scores": [{"protocol": "nuisance probe"}]}, "the data have no labels"),
        ({"unscored": True}, "too slow for scores in this training time"),
        ({"scores": [{"protocol": "knn"}, {"protocol": "nuisance probe"}]}, ""),
    ],
)
def test_a_run_without_class_scores_says_why(summary: Any, words: str) -> None:
    said = run_words.no_score(summary)
    assert words in said
    assert bool(said) == bool(words)


@pytest.mark.parametrize("run_id", ["simclr-nothere", "../../etc/passwd", "<script>"])
def test_a_run_that_is_not_there_leads_back(opened: Open, own: Path, run_id: str) -> None:
    app = opened(own, run=run_id)
    assert "There is no run of this id here" in texts(app)
    assert "All runs" in labels(app)


def test_a_broken_map_leaves_a_card_without_one(opened: Open, own: Path) -> None:
    run_id = Store.open(own).runs()[0].id
    for kind in ("pca", "umap"):
        path = paths.run_dir(own, run_id) / f"map_{kind}.parquet"
        if path.exists():
            path.write_bytes(b"half")
    assert cards(opened(own)).count('src="data:image/png;base64,') == 1


def test_others_see_a_run_and_may_clone_it_and_nothing_else(opened: Open, own: Path) -> None:
    run_id = add(own, owner="Ada", state="stopped", started=1.0, ended=2.0)
    app = opened(own, host="0.0.0.0", run=run_id)
    assert "only Ada stops, edits or deletes it" in texts(app)
    for label in ("Resume", "Delete this run", "Save"):
        assert button(app, label).disabled
    assert not button(app, "Clone").disabled


def test_name_tags_and_note_are_edited(opened: Open, own: Path) -> None:
    run_id = Store.open(own).runs()[0].id
    app = opened(own, run=run_id)
    fields = {box.label: box for box in app.main.text_input}
    fields["Name"].set_value("the good one")
    fields["Tags"].set_value("Thesis, b")
    app.text_area[0].set_value("seen in week 3")
    press(app, "Save")
    row = Store.open(own).run(run_id)
    assert (row.name, row.tags, row.note) == ("the good one", ("b", "thesis"), "seen in week 3")
    assert "the good one" in texts(app)
    fields = {box.label: box for box in app.main.text_input}
    fields["Tags"].set_value("a;b")
    press(app, "Save")
    assert "cannot be a tag" in texts(app)
    assert Store.open(own).run(run_id).tags == ("b", "thesis")


def test_filters_stand_in_the_address(opened: Open, own: Path) -> None:
    Store.open(own).change_tags(Store.open(own).runs()[0].id, ["thesis"], [])
    app = opened(own, tag="thesis")
    assert len(app.checkbox) == 1
    assert "tag thesis" in texts(app)
    press(app, "Show all")
    assert len(app.checkbox) == 2
    assert len(opened(own, find="ROTAT").checkbox) == 1
    assert "No run is like that" in texts(opened(own, find="nothing such"))
    assert len(opened(own, tag="no-such-tag", state="?", owner="<b>", page="x").checkbox) == 2


def test_many_runs_come_by_pages(opened: Open, own: Path) -> None:
    store = Store.open(own)
    like = store.runs()[0]
    for number in range(30):
        run_id = store.add_run(like.config, digest="d", name=f"number {number:02d}")
        store.update(run_id, state="stopped", created=float(number))
    app = opened(own)
    assert len(app.checkbox) == 24
    assert "1 to 24 of 32 runs" in texts(app)
    app = opened(own, page="2")
    assert len(app.checkbox) == 8
    assert "25 to 32 of 32 runs" in texts(app)
    assert "1 to 24 of 32 runs" in texts(opened(own, page="9"))
    assert "number 00" not in cards(opened(own))


def test_chosen_runs_are_compared(opened: Open, own: Path) -> None:
    app = opened(own)
    app.checkbox[0].set_value(True).run()
    app.checkbox[1].set_value(True).run()
    assert not app.exception
    assert "Compare 2 runs" in labels(app)
    assert app.query_params["pick"]


def test_no_more_than_six_are_chosen(opened: Open, own: Path) -> None:
    ids = [add(own, state="stopped", started=1.0, ended=2.0) for _ in range(6)]
    app = opened(own, pick=",".join(ids))
    assert "Compare 6 runs" in labels(app)
    assert sorted(box.disabled for box in app.checkbox) == [False] * 6 + [True] * 2


def test_deleting_asks_first_and_leads_back(opened: Open, own: Path) -> None:
    run_id = Store.open(own).runs()[0].id
    app = opened(own, run=run_id)
    assert "removed for good" in texts(app)
    press(app, "Delete this run")
    assert Store.open(own).find(run_id) is None
    assert not paths.run_dir(own, run_id).exists()
    assert len(app.checkbox) == 1


def test_the_table_is_there_for_many(opened: Open, own: Path) -> None:
    app = opened(own, view="Table")
    (table,) = app.dataframe
    assert list(table.value["run"]) == ["Rotation (seed 0)", "SimCLR (seed 0)"]
    assert not app.checkbox


def test_no_two_runs_of_the_page_have_one_title(opened: Open, own: Path) -> None:
    first = Store.open(own).runs()[-1].id
    twin = add(own, state="stopped", started=1.0, ended=2.0)
    store = Store.open(own)
    for run_id in (first, twin):
        store.update(run_id, experiment="pilot-1")
    shown = cards(opened(own))
    for run_id in (first, twin):
        assert f"<h3>SimCLR (seed 0), {run_id}</h3>" in shown
    assert "<h3>Rotation (seed 0)</h3>" in shown
    (table,) = opened(own, view="Table").dataframe
    assert table.value["run"].is_unique
    (pills,) = opened(own, experiment="pilot-1", run=twin).button_group
    assert len(set(pills.options)) == 2


def test_a_pilot_counts_its_runs_and_leads_on(opened: Open, own: Path) -> None:
    store = Store.open(own)
    first, second = store.runs()
    for row in (first, second):
        store.update(row.id, experiment="pilot-1")
    store.update(first.id, started=100.0, ended=340.0)
    store.update(second.id, state="queued", started=None, ended=None)
    app = opened(own, experiment="pilot-1")
    (bar,) = app.get("progress")
    assert bar.proto.text == "1 of 2 runs of this pilot have ended, about 4 min left"
    assert "Compare them" in labels(app)
    shown = cards(app)
    assert shown.index("SimCLR") < shown.index("Rotation"), "in the order in which they ran"
    assert "There are no runs of this pilot here." in texts(opened(own, experiment="none"))
