"""Keeping the test split closed: what is shown, what opens it, and how looks are counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench import paths
from workbench.errors import RequestError
from workbench.store.store import RunRow, Store
from workbench.stored_runs import compare, hidden_test, run_text
from workbench.stored_runs.stored_run import StoredRun

DATA = {"source": "/some/where/photos/", "fingerprint": "abc"}
TEST, VALIDATION = 0.9, 0.8


def rows_of(split: str, value: float) -> dict[str, list[dict[str, Any]]]:
    shared = {"protocol": "knn", "metric": "accuracy", "target": "label", "n": 4, "split": split}
    numbers = {"value": value, "low": value - 0.03, "high": value + 0.03}
    score = {"features": "trained", "representation": "h"}
    return {
        "scores": [shared | numbers | score],
        "gains": [shared | numbers | {"over": "random init"}],
    }


def finished(
    store: Store, *, task: str = "simclr", ended: float = 1.0, data: Any = None, labels: bool = True
) -> RunRow:
    config = {
        "task": task,
        "seed": 0,
        "encoder": "small_conv",
        "budget": {"steps": 3},
        "data": data or DATA,
    }
    run_id = store.add_run(config, digest="d")
    store.update(run_id, state="finished", ended=ended)
    if labels:
        beside = rows_of("validation", VALIDATION)
        told = {f"validation_{name}": rows for name, rows in beside.items()}
        store.merge_summary(run_id, {**rows_of("test", TEST), **told})
    return store.run(run_id)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path)


def shown(home: Path, row: RunRow) -> tuple[str, set[float], set[str]]:
    run = StoredRun(home, row).record()
    rows = [*run["scores"], *run["gains"]]
    return run["test"], {r["value"] for r in rows}, {r["split"] for r in rows}


def test_data_without_labels_have_no_test_scores_to_look_at(store: Store) -> None:
    row = finished(store, labels=False)
    beside = rows_of("test", TEST)["scores"][0] | {"protocol": "nuisance probe"}
    store.merge_summary(row.id, {"scores": [beside], "gains": []})
    assert hidden_test.looks(store, row.config).runs == 0
    finished(store)
    assert hidden_test.looks(store, row.config).runs == 1


def test_a_data_set_is_open_until_somebody_closes_it(store: Store, tmp_path: Path) -> None:
    row = finished(store)
    assert hidden_test.visibility(store, "abc") == hidden_test.Visibility()
    assert shown(tmp_path, row) == ("open", {TEST}, {"test"})


def test_closed_runs_show_validation_alone(store: Store, tmp_path: Path) -> None:
    row, other = finished(store), finished(store, data={"source": "x", "fingerprint": "xyz"})
    hidden_test.switch(store, "abc", on=True)
    assert shown(tmp_path, row) == ("closed", {VALIDATION}, {"validation"})
    assert shown(tmp_path, other) == ("open", {TEST}, {"test"})
    assert hidden_test.hidden_runs(store, [row, other]) == {row.id}
    text = run_text.run_text(StoredRun(tmp_path, row).record())
    assert "scores on the validation split" in text
    assert f"workbench confirm-test {row.id}" in text
    assert "0.900" not in text
    hidden_test.switch(store, "abc", on=False)
    assert shown(tmp_path, row)[0] == "open"


def test_a_run_without_validation_scores_shows_none(store: Store, tmp_path: Path) -> None:
    row = finished(store)
    store.merge_summary(row.id, {"validation_scores": [], "validation_gains": []})
    hidden_test.switch(store, "abc", on=True)
    assert shown(tmp_path, store.run(row.id)) == ("closed", set(), set())


def test_confirming_opens_the_chosen_run_and_is_kept(store: Store, tmp_path: Path) -> None:
    first, second = finished(store, ended=2e9), finished(store, ended=2e9)
    hidden_test.switch(store, "abc", on=True)
    assert hidden_test.confirm(store, [first]) == [first.id]
    assert hidden_test.visibility(store, "abc").confirmed == (first.id,)
    assert shown(tmp_path, store.run(first.id))[:2] == ("open", {TEST})
    assert shown(tmp_path, second)[0] == "closed"
    (note,) = store.run(first.id).summary["notes"]
    assert "of 0 runs on these data had been open before" in note
    assert hidden_test.confirm(store, [first]) == []
    # Closing once more, and opening in between, leaves what was confirmed.
    hidden_test.switch(store, "abc", on=False)
    hidden_test.switch(store, "abc", on=True)
    assert hidden_test.visibility(store, "abc").confirmed == (first.id,)


def test_a_run_that_has_not_finished_is_not_confirmed_and_none_beside_it(store: Store) -> None:
    row = finished(store)
    queued = store.run(store.add_run({"task": "t", "data": DATA}, digest="d"))
    hidden_test.switch(store, "abc", on=True)
    with pytest.raises(RequestError, match="has no test scores"):
        hidden_test.confirm(store, [row, queued])
    assert hidden_test.visibility(store, "abc").confirmed == ()


def test_looks_are_the_runs_whose_test_scores_were_to_be_seen(store: Store) -> None:
    seen = finished(store)
    finished(store, labels=False)
    finished(store, data={"source": "x", "fingerprint": "xyz"})
    assert hidden_test.looks(store, seen.config).runs == 1
    hidden_test.switch(store, "abc", on=True)
    # Finished before the switch was moved: it had been open. Those after it are not.
    later = [finished(store, ended=4e9) for _ in range(3)]
    found = hidden_test.looks(store, seen.config)
    assert (found.runs, found.closed, found.name) == (1, True, "photos")
    hidden_test.confirm(store, later[:2])
    assert hidden_test.looks(store, seen.config).runs == 3
    hidden_test.switch(store, "abc", on=False)
    assert hidden_test.looks(store, seen.config).runs == 4


def test_moving_the_switch_to_where_it_stands_forgets_nothing(store: Store) -> None:
    since = hidden_test.switch(store, "abc", on=True).since
    assert hidden_test.switch(store, "abc", on=True).since == since


def write_predictions(path: Path, right: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {"row": list(range(20)), "truth": [1] * 20}
    pq.write_table(pa.table({**known, "knn": [1] * right + [0] * (20 - right)}), path)


def test_predictions_of_the_test_are_not_read_while_it_is_closed(
    store: Store, tmp_path: Path
) -> None:
    runs = [finished(store, task=task) for task in ("simclr", "moco_v2")]
    for row, right in zip(runs, (18, 4), strict=True):
        folder = paths.run_dir(tmp_path, row.id)
        write_predictions(folder / "predictions.parquet", right)
        write_predictions(folder / "predictions_validation.parquet", 22 - right)
    (pair,) = compare.compare_runs([StoredRun(tmp_path, row) for row in runs])["comparison"][
        "pairs"
    ]
    # Runs are compared on validation samples, whether or not test scores are shown.
    assert (pair["only_a"], pair["only_b"], pair["split"]) == (0, 14, "validation")
    hidden_test.switch(store, "abc", on=True)
    for row in runs:
        # Whoever opened it now would fail.
        (paths.run_dir(tmp_path, row.id) / "predictions.parquet").write_bytes(b"closed")
    document = compare.compare_runs([StoredRun(tmp_path, row) for row in runs])
    (pair,) = document["comparison"]["pairs"]
    assert (pair["only_a"], pair["only_b"]) == (0, 14)
    assert all("predictions" not in run["artifacts"] for run in document["runs"])
    text = compare.compare_text(document)
    assert "Test scores of these data are hidden" in text
    assert "+90.0" not in text


def test_one_open_and_one_closed_run_are_set_in_no_order(store: Store, tmp_path: Path) -> None:
    first, second = finished(store, ended=2e9), finished(store, task="moco_v2", ended=2e9)
    hidden_test.switch(store, "abc", on=True)
    hidden_test.confirm(store, [first])
    document = compare.compare_runs(
        [StoredRun(tmp_path, row) for row in (store.run(first.id), second)]
    )
    assert not document["comparison"]["fair"]
    assert "some validation scores" in document["comparison"]["problems"][0]
