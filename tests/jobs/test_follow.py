"""Launching and waiting from a shell: what is told, Ctrl-C, and a supervisor that does not come."""

from __future__ import annotations

from pathlib import Path

import pytest
from run_making import enqueue, request

from workbench.errors import RunError
from workbench.jobs import follow, supervisor
from workbench.store.store import RunRow, Store


def test_an_equal_finished_run_is_told(
    unattended: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = request(unattended)
    (first,) = follow.launch_all(unattended, [config], notes=["Encoder: small_conv."])
    store = Store.open(unattended)
    store.claim_next()
    store.end(first, "finished")
    assert follow.launch_all(unattended, [config]) == [first]
    said = capsys.readouterr()
    assert said.out == ""
    assert "Encoder: small_conv." in said.err
    assert f"{first} is an equal finished run" in said.err
    assert "--again" in said.err


def test_waiting_tells_every_state_once_and_returns_the_rows_in_order(unattended: Path) -> None:
    store = Store.open(unattended)
    ids = [enqueue(unattended), enqueue(unattended)]
    said: list[str] = []
    states = iter(["claim", "claim", "fail", "finish"])

    def say(text: str) -> None:
        said.append(text)
        step = next(states, None)
        if step == "claim":
            store.claim_next()
        elif step == "fail":
            store.heartbeat(ids[0], "training", 0.5, 3.0)
            store.end(ids[0], "failed", reason="The disk is full.")
        elif step == "finish":
            store.end(ids[1], "finished")

    rows = follow.wait(unattended, ids, say=say)
    assert [(row.id, row.state) for row in rows] == [(ids[0], "failed"), (ids[1], "finished")]
    assert f"{ids[0]} failed: The disk is full." in said
    assert len(said) == len(set(said))


def test_what_was_decided_for_a_run_is_told_once(unattended: Path) -> None:
    store = Store.open(unattended)
    ids = [enqueue(unattended), enqueue(unattended)]
    for run_id in ids:
        store.merge_summary(run_id, {"notes": ["Batch: 64.", "About one step fits into 2 s."]})
        store.claim_next()
        store.end(run_id, "finished")
    said: list[str] = []
    follow.wait(unattended, ids, say=said.append, known=["Batch: 64."])
    assert said.count("About one step fits into 2 s.") == 1
    assert "Batch: 64." not in said


def test_progress_is_a_phase_or_a_share(unattended: Path) -> None:
    store = Store.open(unattended)
    run_id = enqueue(unattended)
    store.claim_next()

    def told() -> str | None:
        row: RunRow = store.run(run_id)
        return follow._progress(store, row)

    assert told() is None
    store.heartbeat(run_id, "evaluating", 1.0)
    assert told() == "evaluating"
    store.heartbeat(run_id, "training", 0.25, 12.3)
    assert told() == "training 25%, 12 s left"


def test_waiting_ends_when_no_supervisor_comes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "ensure", lambda home: None)
    monkeypatch.setattr(follow, "_ALONE_SECONDS", 0.1)
    with pytest.raises(RunError, match=r"supervisor\.log"):
        follow.wait(home, [enqueue(home)], say=lambda text: None)


def test_a_second_ctrl_c_leaves_the_run(unattended: Path) -> None:
    store = Store.open(unattended)
    run_id = enqueue(unattended)
    store.claim_next()
    interrupts = 0

    def say(text: str) -> None:
        nonlocal interrupts
        if "running" in text or "stopping" in text:
            interrupts += 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        follow.wait(unattended, [run_id], say=say)
    assert interrupts == 2
    assert store.run(run_id).state == "stopping"
