"""Pretraining is bit for bit the same with the labels removed, and with them shuffled.

The splits are given: where they are made, they are stratified by label, so that a data set with
labels and one without are divided differently (its notes say so).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from workbench.config import Budget, DataConfig, RunConfig
from workbench.jobs.worker import run
from workbench.store.artifacts import FolderArtifacts

WORDS = ("goal", "match", "team", "rain", "sun", "cloud", "the", "a", "and", "of")
KINDS = ("with labels", "shuffled", "without")
COUNTS = {"train": 48, "validation": 16, "test": 16}


def tables(folder: Path, column: str, values: dict[str, list[Any]]) -> dict[str, DataConfig]:
    """The same samples three times: with labels, with shuffled ones, and without."""
    out = {}
    for kind in KINDS:
        at = folder / kind.replace(" ", "_")
        at.mkdir(parents=True)
        for number, (split, samples) in enumerate(values.items()):
            table = pd.DataFrame({column: samples})
            if kind != "without":
                labels = np.array([("left", "right")[i % 2] for i in range(len(samples))])
                if kind == "shuffled":
                    labels = np.random.default_rng(number).permutation(labels)
                table["side"] = labels
            table.to_parquet(at / f"{split}.parquet")
        out[kind] = DataConfig(
            str(at),
            label=None if kind == "without" else "side",
            text=("post",) if column == "post" else None,
            image="picture" if column == "picture" else None,
        )
    return out


def pictures(folder: Path) -> dict[str, DataConfig]:
    rng = np.random.default_rng(0)
    values: dict[str, list[Any]] = {}
    for split, count in COUNTS.items():
        values[split] = []
        for number in range(count):
            path = folder / f"{split}{number}.png"
            Image.fromarray(rng.integers(0, 255, (12, 12, 3), np.uint8)).save(path)
            values[split].append(str(path))
    return tables(folder / "tables", "picture", values)


def posts(folder: Path) -> dict[str, DataConfig]:
    rng = np.random.default_rng(0)
    values: dict[str, list[Any]] = {
        split: [" ".join(rng.choice(WORDS, rng.integers(4, 12))) for _ in range(count)]
        for split, count in COUNTS.items()
    }
    return tables(folder, "post", values)


@pytest.mark.parametrize(("make", "task"), [(pictures, "simclr"), (posts, "mlm")])
def test_labels_do_not_move_a_bit_of_pretraining(
    make: Any, task: str, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    weights, losses, fingerprints = [], [], set()
    for kind, data in make(tmp_path).items():
        events = type(memory_events)()
        folder = tmp_path / "runs" / kind
        config = RunConfig(
            data,
            task,
            encoder_options={"width": 8} if task == "simclr" else {"dim": 16, "depth": 1},
            budget=Budget(steps=8),
            train={"batch_size": 16},
            eval={"label_efficiency": False, "nuisances": False},
            device="cpu",
        )
        assert run(config, events, FolderArtifacts(folder), stop_after(), home=tmp_path / "home")
        assert bool(events.told["scores"]) == (kind != "without")
        weights.append(load_file(folder / "checkpoint.safetensors"))
        losses.append(events.series("loss"))
        fingerprints |= {path.name for path in (tmp_path / "home" / "data").glob("[0-9a-f]*")}
    # Three data sets to the workbench, with check and evaluation samples of their own.
    assert len(fingerprints) == 3
    assert len(losses[0]) == 8
    assert losses[1] == losses[0]
    assert losses[2] == losses[0]
    for other in weights[1:]:
        assert other.keys() == weights[0].keys()
        assert all(torch.equal(other[name], weights[0][name]) for name in other)
