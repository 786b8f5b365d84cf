"""A run as commands show it: JSON that any reader takes, text, and the exit status."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from workbench.config import DataConfig, RunConfig
from workbench.store.store import RunRow, Store
from workbench.stored_runs import compare, run_text
from workbench.stored_runs.run_record import run_line
from workbench.stored_runs.stored_run import StoredRun

SCORE = {
    "protocol": "knn",
    "metric": "accuracy",
    "representation": "h",
    "target": "label",
    "split": "test",
    "n": 719,
}


@pytest.fixture(scope="module")
def rows(finished_home: Path) -> list[RunRow]:
    return Store.open(finished_home).runs(states=("finished",))


@pytest.fixture(scope="module")
def document(finished_home: Path, rows: list[RunRow]) -> dict[str, Any]:
    return StoredRun(finished_home, rows[0]).record()


def test_a_run_in_json_has_what_the_commands_promise(document: dict[str, Any]) -> None:
    assert {
        "id",
        "status",
        "config",
        "training",
        "verdict",
        "scores",
        "gains",
        "notes",
        "versions",
        "artifacts",
    } <= set(document)
    assert document["status"] == "finished"
    assert {"label", "reason", "since_step", "metrics"} <= set(document["verdict"])
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    keys = [
        tuple(str(row.get(k)) for k in (*SCORE, "features", "labels_per_class") if k != "n")
        for row in document["scores"]
    ]
    assert len(keys) == len(set(keys)), "one entry a key"
    assert all(row["low"] is not None and row["high"] is not None for row in document["scores"])


def test_artifacts_are_files_that_are_there(document: dict[str, Any]) -> None:
    assert {"config", "log", "encoder", "embeddings", "map_pca"} <= set(document["artifacts"])
    assert all(Path(path).is_file() for path in document["artifacts"].values())
    assert not any(name.startswith(".") for name in document["artifacts"])


def test_curves_hold_every_point_and_no_nan(finished_home: Path, rows: list[RunRow]) -> None:
    curves = StoredRun(finished_home, rows[0]).record(curves=True)["curves"]
    assert [step for step, _ in curves["loss"]] == list(range(1, 13))
    assert {"check.h.rankme", "check.knn", "samples_per_second"} <= set(curves)
    json.dumps(curves, allow_nan=False)


def test_a_queued_run_is_json_too(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    config = RunConfig(DataConfig("sample:digits"), "simclr").to_json()
    row = store.run(store.add_run(config, digest="d"))
    document = StoredRun(tmp_path, row).record()
    assert (document["status"], document["verdict"], document["scores"]) == ("queued", None, [])
    assert run_text.run_text(document) == f"{row.id}  queued"


def test_text_names_the_gain_first_and_every_baseline_by_its_name(rows: list[RunRow]) -> None:
    def score(features: str, value: float) -> dict[str, Any]:
        return {
            **SCORE,
            "features": features,
            "value": value,
            "low": value - 0.02,
            "high": value + 0.02,
        }

    gain = {**SCORE, "over": "random init", "value": 0.1, "low": 0.05, "high": 0.15}
    text = run_text.run_text(
        {
            **run_line(rows[0]),
            "verdict": {"label": "low rank", "reason": "It uses few directions."},
            "gains": [gain, {**gain, "over": "raw input"}],
            "scores": [score("trained", 0.9), score("random init", 0.8), score("raw input", 0.7)],
        }
    )
    assert "knn of label, accuracy: +10.0 [+5.0, +15.0]" in text
    assert text.count("+10.0") == 1, "gains over other baselines are told by their scores"
    assert "trained 90.0% [88.0%, 92.0%]; untrained encoder 80.0%" in text
    assert "pixels only 70.0%" in text
    assert text.index("gain over the untrained encoder") < text.index("scores on the test split")
    assert "collapse check: low rank. It uses few directions." in text


def test_text_puts_each_score_under_its_own_split(rows: list[RunRow]) -> None:
    told = {**SCORE, "features": "trained", "value": 0.5, "low": 0.4, "high": 0.6}
    group = {**told, "protocol": "nuisance", "target": "group", "split": "train"}
    run = {**run_line(rows[0]), "verdict": None, "gains": [], "scores": [told, group]}
    text = run_text.run_text(run)
    assert text.index("scores on the test split") < text.index("knn of label")
    assert text.index("scores on the train split") < text.index("nuisance of group")


def test_text_says_why_a_run_has_no_scores(document: dict[str, Any]) -> None:
    why = "No labelled sample in the test split, so no scores."
    bare = document | {"gains": [], "scores": [], "notes": ["Batch: 64.", why]}
    assert why in run_text.run_text(bare).splitlines()  # type: ignore[arg-type]
    assert why not in run_text.run_text(document | {"notes": [why]})  # type: ignore[arg-type]


def test_the_exit_status_is_of_all_runs(rows: list[RunRow]) -> None:
    failed = dataclasses.replace(rows[0], state="failed", reason="The disk is full.")
    assert run_text.exit_status(rows) == 0
    assert run_text.exit_status([*rows, failed]) == 1
    assert "failed" in run_text.rows_text([run_line(failed)])
    assert "workbench pretrain" in run_text.rows_text([])


def test_two_runs_side_by_side(finished_home: Path, rows: list[RunRow]) -> None:
    document = compare.compare_runs([StoredRun(finished_home, row) for row in rows])
    assert [run["id"] for run in document["runs"]] == [row.id for row in rows]
    json.dumps(document, allow_nan=False)
    text = compare.compare_text(document)
    lines = text.splitlines()
    assert len([line for line in lines[1:3] if "[" in line]) == 2, text
    assert all(sentence in lines for sentence in document["comparison"]["sentences"])
