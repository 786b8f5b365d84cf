"""The queue serves the second run of a class's pair before it begins another pair."""

from __future__ import annotations

from pathlib import Path

from workbench.store.queue import PAIRS
from workbench.store.store import Store


def claimed_owners(store: Store, count: int) -> list[str]:
    """The owners of the runs that are taken from the queue, in order; each finishes at once."""
    owners = []
    for _ in range(count):
        row = store.claim_next()
        assert row is not None
        store.update(row.id, state="finished")
        owners.append(row.owner)
    return owners


def add(store: Store, owner: str, seed: int, experiment: str | None) -> str:
    return store.add_run(
        {"task": "simclr", "seed": seed}, digest="d", owner=owner, experiment=experiment
    )


def test_a_begun_pair_is_completed_before_the_next_owner(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    for seed, owner in enumerate(("ada", "bob", "cyd")):
        for _ in range(2):
            add(store, owner, seed, f"{PAIRS}pilot-1")
    assert claimed_owners(store, 6) == ["ada", "ada", "bob", "bob", "cyd", "cyd"]


def test_other_runs_of_an_owner_wait_for_their_turn(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    for owner in ("ada", "bob"):
        for _ in range(2):
            add(store, owner, 1, None)
    assert claimed_owners(store, 4) == ["ada", "bob", "ada", "bob"]
    # A further pair of an owner, with another seed, is a new pair.
    for seed in (1, 1, 2, 2):
        add(store, "ada", seed, f"{PAIRS}pilot-1")
    add(store, "bob", 1, None)
    assert claimed_owners(store, 5) == ["ada", "ada", "bob", "ada", "ada"]


def test_a_damaged_configuration_does_not_stop_the_queue(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    store.add_run({"task": "simclr", "seed": [1]}, digest="d", owner="ada", experiment=f"{PAIRS}x")
    assert claimed_owners(store, 1) == ["ada"]
