"""What people do with runs: equal requests, shares of the queue, stop, resume, delete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from run_making import request

from workbench.config import Budget
from workbench.errors import RequestError
from workbench.jobs import launch
from workbench.store.store import Store


def finished(home: Path, run_id: str) -> None:
    """As if a worker had finished the run."""
    store = Store.open(home)
    assert store.claim_next() is not None
    assert store.end(run_id, "finished")


def test_an_equal_request_in_steps_gives_the_finished_run(unattended: Path) -> None:
    first = launch.launch(unattended, request(unattended))
    assert not first.reused
    assert not launch.launch(unattended, request(unattended)).reused, "it has not finished yet"
    finished(unattended, first.run_id)
    equal = launch.launch(unattended, request(unattended), experiment="pilot-1")
    assert equal == launch.Launch(first.run_id, reused=True)
    assert Store.open(unattended).run(first.run_id).experiment == "pilot-1"
    for other in (
        launch.launch(unattended, request(unattended), again=True),
        launch.launch(unattended, request(unattended, seed=1)),
        launch.launch(unattended, request(unattended, steps=4)),
    ):
        assert not other.reused
        assert other.run_id != first.run_id


def test_requests_in_seconds_are_never_equal(unattended: Path) -> None:
    config = request(unattended, budget=Budget(seconds=1.0))
    first = launch.launch(unattended, config)
    finished(unattended, first.run_id)
    assert not launch.launch(unattended, config).reused


def test_versions_and_device_make_requests_differ(
    unattended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = launch.launch(unattended, request(unattended))
    finished(unattended, first.run_id)
    monkeypatch.setattr(launch.hardware, "device_name", lambda: "NVIDIA H100")
    assert not launch.launch(unattended, request(unattended)).reused


def test_a_launched_run_is_described_in_store_and_folder(unattended: Path) -> None:
    config = request(unattended)
    run_id = launch.launch(unattended, config, owner="Ada", name="first").run_id
    row = Store.open(unattended).run(run_id)
    assert (row.state, row.owner, row.name, row.config) == (
        "queued",
        "Ada",
        "first",
        config.to_json(),
    )
    stored = json.loads((unattended / "runs" / run_id / "config.json").read_text())
    assert stored == config.to_json()


def test_an_owner_has_a_share_of_the_queue(unattended: Path) -> None:
    store = Store.open(unattended)
    store.set_setting("owner_limit", 2)
    configs = [request(unattended, seed=seed) for seed in range(4)]
    ids = [launch.launch(unattended, config, owner="Ada").run_id for config in configs[:2]]
    with pytest.raises(RequestError, match="Ada has 2 runs"):
        launch.launch(unattended, configs[2], owner="Ada")
    launch.launch(unattended, configs[2], owner="Bob")
    for config in configs:
        launch.launch(unattended, config)
    launch.stop(unattended, ids[0])
    launch.launch(unattended, configs[3], owner="Ada")


def test_stop_all_stops_what_waits_and_asks_what_runs(unattended: Path) -> None:
    store = Store.open(unattended)
    ids = [launch.launch(unattended, request(unattended, seed=seed)).run_id for seed in range(3)]
    store.claim_next()
    assert launch.stop_all(unattended) == 3
    assert [store.run(run_id).state for run_id in ids] == ["stopping", "stopped", "stopped"]
    assert launch.stop_all(unattended) == 0


def test_only_stopped_or_failed_runs_resume(unattended: Path) -> None:
    store = Store.open(unattended)
    run_id = launch.launch(unattended, request(unattended)).run_id
    with pytest.raises(RequestError, match="is queued"):
        launch.resume(unattended, run_id)
    launch.stop(unattended, run_id)
    launch.resume(unattended, run_id)
    row = store.run(run_id)
    assert (row.state, row.stop_requested, row.reason, row.ended) == ("queued", False, None, None)
    finished(unattended, run_id)
    with pytest.raises(RequestError, match="is finished"):
        launch.resume(unattended, run_id)


def test_deleting_removes_row_and_files_but_no_live_run(unattended: Path) -> None:
    store = Store.open(unattended)
    queued, live = (
        launch.launch(unattended, request(unattended, seed=seed)).run_id for seed in (0, 1)
    )
    launch.delete(unattended, queued)
    assert store.find(queued) is None
    assert not (unattended / "runs" / queued).exists()
    store.claim_next()
    with pytest.raises(RequestError, match=f"workbench stop {live}"):
        launch.delete(unattended, live)
    assert (unattended / "runs" / live).exists()
    with pytest.raises(RequestError, match="unknown run"):
        launch.delete(unattended, queued)


def test_the_place_in_the_queue_is_the_order_in_which_runs_are_taken(unattended: Path) -> None:
    store = Store.open(unattended)
    for owner, count in (("Ada", 3), ("Bob", 1), ("Eve", 2)):
        for _ in range(count):
            launch.launch(unattended, request(unattended), owner=owner)
    places = {row.id: store.queue_position(row.id) for row in store.runs()}
    taken = [store.claim_next() for _ in range(6)]
    assert [places[row.id] for row in taken if row] == [1, 2, 3, 4, 5, 6]
    assert store.queue_position(taken[0].id if taken[0] else "") is None
