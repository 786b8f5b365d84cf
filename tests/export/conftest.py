"""Finished runs on disk without training: real data, a fresh encoder's weights, stored numbers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from workbench import paths
from workbench.config import Budget, RunConfig
from workbench.data import prepare_arrays
from workbench.data.dataset import Dataset
from workbench.maps.pca import pca
from workbench.store.store import RunRow, Store
from workbench.stored_runs.stored_run import StoredRun
from workbench.training import instances

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 255, (60, 12, 12, 3)).astype(np.uint8)
LABELS = ["cat", "dog"] * 30
WORDS = ("red", "green", "blue", "fast", "slow", "car", "tree", "house", "runs", "stands")
TEXTS = [" ".join(RNG.choice(WORDS, 8)) for _ in range(60)]


@dataclass(frozen=True)
class Stored:
    """A finished run with its data set and the encoder whose weights it has."""

    run: StoredRun
    data: Dataset
    encoder: nn.Module

    @property
    def home(self) -> Path:
        return self.run.home

    @property
    def row(self) -> RunRow:
        return self.run.row


MakeRun = Callable[..., Stored]


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Makes a finished run on images, or on texts; more: keys of the summary that differ."""

    def make(
        task: str = "simclr",
        *,
        encoder: str = "small_conv",
        texts: bool = False,
        name: str = "",
        gain: float = 0.2,
        **summary: Any,
    ) -> Stored:
        home = tmp_path / "home"
        source: Any = TEXTS if texts else IMAGES
        read, data = prepare_arrays(source, home, labels=LABELS)
        read = dataclasses.replace(read, fingerprint=data.info.fingerprint)
        config = RunConfig(read, task, encoder=encoder, augment=(), budget=Budget(steps=5))
        torch.manual_seed(0)
        built = instances.encoder_of(config).build(data.info).eval()
        store = Store.open(home)
        run_id = store.add_run(config.to_json(), digest=f"{task}{name}", name=name)
        store.update(run_id, state="finished", started=1.7e9, ended=1.7e9 + 5)
        store.merge_summary(run_id, _summary(gain) | summary)
        store.write_metrics(run_id, _metrics())
        folder = paths.run_dir(home, run_id)
        folder.mkdir(parents=True)
        weights = {k: v.contiguous().clone() for k, v in built.state_dict().items()}
        save_file(weights, str(folder / "encoder.safetensors"))
        (folder / "config.json").write_text(json.dumps(config.to_json()), "utf-8")
        _write_map(folder, data.info.counts["train"])
        return Stored(StoredRun(home, store.run(run_id)), data, built)

    return make


def _summary(gain: float) -> dict[str, Any]:
    measured = {"metric": "accuracy", "target": "label", "n": 12}
    interval = {"value": gain, "low": gain - 0.1, "high": gain + 0.1}
    score = {"features": "trained", "representation": "h", "split": "test"}
    return {
        "training": {"steps": 5, "seconds": 1.0, "device": "cpu"},
        "verdict": {
            "label": "dimensional collapse",
            "reason": "The strongest direction holds 97 %.",
            "metrics": {},
        },
        "gains": [{**measured, **interval, "protocol": "knn", "over": "random init"}],
        "scores": [{**measured, **score, **interval, "protocol": "knn"}],
        "notes": ["Batch: 30 (the training split has 60 samples)."],
        "versions": {"workbench": "0.1.0", "torch": "2.13.0"},
        "chance": 0.7,
    }


def _metrics() -> list[tuple[str, int, float]]:
    names = ("check.z.std_sqrt_d", "check.z.rankme_ratio", "loss")
    return [(name, step, 1 / (1 + step)) for name in names for step in range(5)]


def _write_map(folder: Path, count: int) -> None:
    xy, _ = pca(RNG.standard_normal((count, 5)))
    columns = {"row": np.arange(count), "x": xy[:, 0], "y": xy[:, 1]}
    pq.write_table(pa.table({**columns, "split": ["train"] * count}), folder / "map_pca.parquet")
    (folder / "map.json").write_text('{"pca": {"trustworthiness": 0.91}}', "utf-8")
    spectrum = {"h": {"trained": [2.0, 1.0], "untrained": [1.0, 1.0]}}
    (folder / "spectrum.json").write_text(json.dumps(spectrum), "utf-8")
