"""Runs page by page: filters, facets, and what a live page asks for at every tick."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import sqlalchemy as sa

from workbench.store.store import RunFilter, Store
from workbench.stored_runs.removal import data_removal


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.open(tmp_path)
    for number in range(30):
        run_id = store.add_run(
            {
                "task": "simclr" if number % 2 else "rotation",
                "encoder": "small_conv",
                "data": {"source": "sample:digits" if number < 20 else "/data/photos"},
            },
            digest=str(number),
            owner="Ada" if number % 3 else "Bob",
            name=f"run {number:02d}",
        )
        store.update(run_id, created=float(number))
        if number == 7:
            store.update(run_id, note="the 50% one")
            store.change_tags(run_id, ["thesis", "odd one"], [])
    return store


def test_pages_are_newest_first_and_know_how_many_there_are(store: Store) -> None:
    first, total = store.page(RunFilter(), limit=24)
    second, again = store.page(RunFilter(), offset=24, limit=24)
    assert (total, again) == (30, 30)
    assert [row.name for row in first[:2]] == ["run 29", "run 28"]
    assert [row.name for row in second] == [f"run {n:02d}" for n in range(5, -1, -1)]
    assert store.page(RunFilter(), offset=48) == ([], 0)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (RunFilter(owner="Bob"), 10),
        (RunFilter(data="/data/photos"), 10),
        (RunFilter(tag="thesis"), 1),
        (RunFilter(tag="odd one"), 1),
        (RunFilter(tag="thes"), 0),
        (RunFilter(text="ROTATION"), 15),
        (RunFilter(text="50%"), 1),
        (RunFilter(text="%"), 1),
        (RunFilter(text="run 1", owner="Ada"), 7),
        (RunFilter(states=("finished",)), 0),
        (RunFilter(states=("queued", "running")), 30),
    ],
)
def test_filters(store: Store, wanted: RunFilter, count: int) -> None:
    rows, total = store.page(wanted, limit=100)
    assert (len(rows), total) == (count, count)


def test_facets_are_what_the_runs_differ_in(store: Store) -> None:
    found = store.facets()
    assert found.owners == ("Ada", "Bob")
    assert found.tags == ("odd one", "thesis")
    assert found.data == ("/data/photos", "sample:digits")


def test_tags_are_given_and_taken_away(store: Store) -> None:
    run_id = store.page(RunFilter(tag="thesis"))[0][0].id
    store.change_tags(run_id, ["b", "a"], ["thesis"])
    assert store.run(run_id).tags == ("a", "b", "odd one")


def test_a_tick_asks_once_for_all(store: Store) -> None:
    ids = [row.id for row in store.runs(limit=3)]
    store.heartbeat(ids[0], "training", 0.5, 10.0)
    store.write_metrics(ids[0], [("loss", step, 1.0 / (step + 1)) for step in range(500)])
    store.write_metrics(ids[1], [("loss", 1, 1.0), ("other", 1, 2.0)])
    assert list(store.heartbeats(ids)) == [ids[0]]
    assert store.heartbeats(ids)[ids[0]].progress == 0.5
    curves = store.curves(ids, "loss", 40)
    assert set(curves) == set(ids[:2])
    assert len(curves[ids[0]]) <= 42
    assert curves[ids[0]][0] == (0, 1.0)
    assert curves[ids[0]][-1][0] == 499
    assert curves[ids[1]] == [(1, 1.0)]
    assert store.states([*ids, "gone-222222"]) == dict.fromkeys(ids, ("queued", "none"))


def test_finished_runs_of_a_kind(store: Store) -> None:
    assert store.finished_with("simclr", "small_conv", 5) == []
    newest = next(row for row in store.runs() if row.config["task"] == "simclr")
    store.update(newest.id, state="finished")
    assert [row.id for row in store.finished_with("simclr", "small_conv", 5)] == [newest.id]
    assert store.finished_with("simclr", "vit_mini", 5) == []


def test_a_list_of_runs_reads_no_summaries(store: Store) -> None:
    run_id = store.page(RunFilter(), limit=1)[0][0].id
    store.merge_summary(run_id, {"notes": ["long"]})
    read: list[str] = []

    def record(_: object, __: object, statement: str, *more: object) -> None:
        read.append(statement.partition("FROM")[0])

    sa.event.listen(sa.Engine, "before_cursor_execute", record)
    try:
        rows = store.runs(summaries=False)
        users = data_removal.runs_on_data(store)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", record)
    assert len(read) == 2
    assert not any("summary" in columns for columns in read)
    full = {row.id: row for row in store.runs()}
    assert full[run_id].summary == {"notes": ["long"]}
    assert [dataclasses.replace(full[row.id], summary={}) for row in rows] == rows
    assert len(users["None"].live) == 30
