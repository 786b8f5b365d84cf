"""Limits of an owner: each is named with its value, set in words, and lifted by none."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from workbench.config import Budget
from workbench.errors import RequestError
from workbench.store import limits
from workbench.store.store import Store

VISITOR = "~0123456789abcdef"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path)


def add(store: Store, owner: str, seconds: float = 60.0, **values: Any) -> str:
    run_id = store.add_run({"task": "t", "budget": {"seconds": seconds}}, digest="d", owner=owner)
    if values:
        store.update(run_id, **values)
    return run_id


def check(store: Store, owner: str, *budgets: Budget, disk_mb: float = 0.0) -> None:
    pending = store.runs(states=("queued", "running", "stopping"))
    limits.check_runs(limits.values(store), owner, pending, budgets, disk_mb)


@pytest.mark.parametrize(
    ("limit", "value", "budget", "disk_mb"),
    [
        ("queued", 1, Budget(seconds=5), 0),
        ("visitors-queued", 1, Budget(seconds=5), 0),
        ("run-seconds", 4, Budget(seconds=5), 0),
        ("run-steps", 4, Budget(steps=5), 0),
        ("run-epochs", 4, Budget(epochs=5), 0),
        ("waiting-seconds", 64, Budget(seconds=5), 0),
        ("disk-mb", 4, Budget(seconds=5), 5),
    ],
)
def test_a_launch_over_a_limit_is_refused_with_its_value_and_what_to_do(
    store: Store, limit: str, value: float, budget: Budget, disk_mb: float
) -> None:
    add(store, VISITOR)
    check(store, VISITOR, budget, disk_mb=disk_mb)
    limits.put(store, limit, value)
    with pytest.raises(RequestError, match=rf"may (have|take) {value}\b") as refused:
        check(store, VISITOR, budget, disk_mb=disk_mb)
    assert refused.value.remedy
    limits.put(store, limit, None)
    check(store, VISITOR, budget, disk_mb=disk_mb)


@pytest.mark.parametrize(("limit", "value"), [("uploads", 2), ("upload-mb", 12)])
def test_an_upload_over_a_limit_is_refused(store: Store, limit: str, value: float) -> None:
    limits.check_upload(limits.values(store), "Ada", 2, 10.0, 5.0)
    limits.put(store, limit, value)
    with pytest.raises(RequestError, match=rf"may (keep|upload) {value}\b"):
        limits.check_upload(limits.values(store), "Ada", 2, 10.0, 5.0)


def test_an_owner_runs_at_most_as_many_at_once_as_the_limit_says(store: Store) -> None:
    add(store, "Ada", state="running")
    ada, bob, nobody = add(store, "Ada"), add(store, "Bob"), add(store, "")
    limits.put(store, "running", 1)
    claimed = [row.id for row in iter(store.claim_next, None)]
    assert sorted(claimed) == sorted([bob, nobody])
    limits.put(store, "running", None)
    row = store.claim_next()
    assert row is not None
    assert row.id == ada


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("queued=3", ("queued", 3.0)),
        (" disk-mb = 0.5 ", ("disk-mb", 0.5)),
        ("uploads=NONE", ("uploads", None)),
    ],
)
def test_a_limit_is_set_in_words(text: str, expected: tuple[str, float | None]) -> None:
    assert limits.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["queed=3", "queued", "queued=", "queued=-1", "queued=nan", "=", "queued=1e99"]
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(RequestError) as refused:
        limits.parse(text)
    assert refused.value.field == "--limit"


def test_the_setting_of_earlier_versions_is_read(store: Store) -> None:
    assert limits.value(store, "queued") == 12
    store.set_setting("owner_limit", 7)
    assert limits.value(store, "queued") == 7
    limits.put(store, "queued", None)
    assert limits.value(store, "queued") == math.inf
