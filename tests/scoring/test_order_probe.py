"""The order probe of real runs: texts are cut at sentences, and both encoders are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.config import Budget, DataConfig, RunConfig
from workbench.data import prepare
from workbench.jobs.worker import run
from workbench.scoring.order_probe import halves_of
from workbench.store.artifacts import FolderArtifacts


def test_texts_are_cut_where_the_sentence_nearest_to_the_middle_begins(home: Path) -> None:
    data = prepare(DataConfig("sample:tickets"), home)
    rows = np.arange(200)
    kept, swapped = halves_of(data, rows)
    moved = 0
    for row, whole, other in zip(rows.tolist(), kept, swapped, strict=True):
        assert sorted(whole.tolist()) == sorted(other.tolist())
        cut = next(
            at
            for at in range(len(whole))
            if np.array_equal(np.concatenate([whole[at:], whole[:at]]), other)
        )
        starts = data.sentences[data.sentence_offsets[row] : data.sentence_offsets[row + 1]]
        moved += int(cut + data.offsets[row] in starts.tolist())
    assert moved > 190


@pytest.mark.parametrize(("task", "probed"), [("sentence_order", True), ("mlm", False)])
def test_tasks_on_order_are_read_on_order(
    task: str, probed: bool, tmp_path: Path, home: Path, memory_events: Any, stop_after: Any
) -> None:
    config = RunConfig(
        data=DataConfig("sample:tickets"),
        task=task,
        budget=Budget(steps=2),
        train={"batch_size": 16},
        eval={"label_efficiency": False, "nuisances": False},
        device="cpu",
    )
    prepare(config.data, home)
    assert run(config, memory_events, FolderArtifacts(tmp_path), stop_after(), home=home)
    told = memory_events.told
    rows = [row for row in told["scores"] if row["protocol"] == "order probe"]
    assert [row["features"] for row in rows] == (["trained", "random init"] if probed else [])
    gains = [row for row in told["gains"] if row["protocol"] == "order probe"]
    assert len(gains) == int(probed)
