"""A run on data whose test samples lie in training too: every score of classes is given without
them as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from workbench.config import Budget, DataConfig, RunConfig
from workbench.data import prepare, quality
from workbench.jobs.worker import run
from workbench.scoring.finetuning import score
from workbench.store.artifacts import FolderArtifacts

WORDS = {"sport": ["goal", "match", "team", "score"], "sky": ["rain", "sun", "cloud", "wind"]}


def write_texts(folder: Path) -> DataConfig:
    """120 training texts and 60 of test, of which 24 are training texts."""
    rng = np.random.default_rng(0)
    rows = []
    for number in range(200):
        topic = ("sport", "sky")[number % 2]
        text = " ".join([*rng.choice(WORDS[topic], 4), f"number{number}"])
        rows.append(json.dumps({"text": text, "topic": topic}))
    folder.mkdir()
    parts = {"train": rows[:120], "validation": rows[120:160], "test": rows[160:196] + rows[:24]}
    for split, lines in parts.items():
        (folder / f"{split}.jsonl").write_text("\n".join(lines))
    return DataConfig(str(folder))


def test_scores_are_given_without_copies_too(
    tmp_path: Path, home: Path, memory_events: Any, stop_after: Any
) -> None:
    config = RunConfig(
        data=write_texts(tmp_path / "texts"),
        task="mlm",
        encoder="text_mini",
        budget=Budget(steps=1),
        train={"batch_size": 16},
        eval={"label_efficiency": False},
        device="cpu",
    )
    data = prepare(config.data, home)
    rows = {"test": np.arange(data.rows("test").start, data.rows("test").stop)}
    assert quality.copies_of_training(data, rows)["test"].sum() == 24
    seen = []
    for name in ("first", "second"):
        assert run(config, memory_events, FolderArtifacts(tmp_path / name), stop_after(), home=home)
        seen.append(memory_events.told)
    scores = [row for row in seen[0]["scores"] if row["protocol"] in ("knn", "linear probe")]
    assert {row["features"] for row in scores} == {
        *("trained", "random init", "tf-idf", "lsa", "word vectors"),
    }
    for row in scores:
        assert row["n"] == 60
        assert row["without_copies"]["n"] == 36
        assert row["without_copies"]["low"] <= row["without_copies"]["high"]
    assert all("without_copies" not in row for row in seen[0]["validation_scores"])
    # The second run takes the baselines from the shelf.
    kept = [[r for r in one["scores"] if r["features"] != "trained"] for one in seen]
    assert kept[0] == kept[1]


def test_fine_tuning_is_scored_without_copies_too() -> None:
    truth = np.arange(20) % 2
    right = np.stack([truth, truth])
    wrong = right.copy()
    wrong[:, 10:] = 1 - wrong[:, 10:]
    copied = np.arange(20) < 10
    scores, _ = score({"trained": wrong, "random init": right}, truth, 5, "label", copied)
    by = {(row["features"], row["metric"]): row for row in scores}
    assert by["trained", "accuracy"]["value"] == 0.5
    assert by["trained", "accuracy"]["without_copies"]["value"] == 0
    assert by["random init", "macro_f1"]["without_copies"]["value"] == 1
    assert {row["without_copies"]["n"] for row in scores} == {10}
