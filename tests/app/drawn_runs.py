"""Finished runs on disk without training: real data, drawn embeddings, and what is written of
them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from workbench import paths
from workbench.config import Budget, DataConfig, RunConfig
from workbench.data import sampling
from workbench.data.dataset import Dataset
from workbench.data.thumbnails import thumbnails
from workbench.evaluation import run_files
from workbench.maps.pca import pca
from workbench.requests import validation
from workbench.store.store import Store


def dataset(home: Path, name: str = "digits") -> Dataset:
    """The prepared data set of this name in a home."""
    found = (Dataset.open(path.parent) for path in (home / "data").glob("*/info.json"))
    return next(data for data in found if data.info.name == name)


def features(data: Dataset, *, apart: float = 3.0, seed: int = 0) -> np.ndarray:
    """float32 (n, 16) of the mapped samples: classes ``apart`` from each other, and noise."""
    rows = sampling.map_rows(data, sampling.choose(data))
    h = np.random.default_rng(seed).standard_normal((len(rows), 16)).astype(np.float32)
    if data.info.label is not None:
        labels = data.target(data.info.label.name)[rows] % 16
        h += apart * np.eye(16, dtype=np.float32)[labels]
    return h


def draw(
    home: Path,
    data: Dataset,
    task: str = "simclr",
    *,
    h: np.ndarray | None = None,
    seed: int = 0,
    wrong: int = 10,
    level: float = 0.3,
    verdict: str = "no sign of collapse",
    source: DataConfig | None = None,
) -> str:
    """Write a finished run; its id. h: of the mapped samples. wrong: how many of the first
    validation samples are mistaken. level: the gain and the score of neighbours. source: where the
    data are from, for other than sample data."""
    store = Store.open(home)
    source = source or DataConfig(f"sample:{data.info.name}")
    source = dataclasses.replace(source, fingerprint=data.info.fingerprint)
    config = validation.validate(
        RunConfig(source, task, budget=Budget(steps=5), seed=seed), data.info
    )
    run_id = store.add_run(config.to_json(), digest=f"{task}{seed}")
    h = features(data, seed=seed) if h is None else h
    _files(paths.run_dir(home, run_id), data, h, wrong)
    store.update(run_id, state="finished", started=1.0, ended=2.0, map_state="ready")
    store.merge_summary(run_id, _summary(data, level, verdict))
    store.write_metrics(run_id, [("loss", step, 5.0 - step / 2) for step in range(1, 6)])
    return run_id


def _files(folder: Path, data: Dataset, h: np.ndarray, wrong: int) -> None:
    folder.mkdir(parents=True)
    rows = sampling.map_rows(data, sampling.choose(data))
    trained = rows < data.rows("train").stop
    u = np.random.default_rng(99).standard_normal(h.shape).astype(np.float32)
    arrays = {}
    for split, of in (("train", trained), ("validation", ~trained)):
        if of.any():
            arrays |= {f"index_{split}": rows[of], f"h_{split}": h[of], f"u_{split}": u[of]}
    save_file(
        {k: np.ascontiguousarray(v) for k, v in arrays.items()}, folder / "embeddings.safetensors"
    )
    splits = ["train" if one else "validation" for one in trained]
    flat = pca(h)[0]
    run_files.write_map(folder / "map_pca.parquet", rows, flat, splits)
    run_files.write_map(folder / "map_umap.parquet", rows, flat[:, ::-1] ** 3, splits)
    told = {kind: {"trustworthiness": 0.91, "n": len(rows)} for kind in ("pca", "umap")}
    (folder / "map.json").write_text(json.dumps(told))
    if data.info.modality == "image":
        np.save(folder / "thumbnails.npy", thumbnails(data, rows, side=28))
    at = data.rows("validation")
    if data.info.label is not None and at.stop > at.start:
        truth = data.target(data.info.label.name)[at]
        answers = truth.copy()
        answers[:wrong] = (answers[:wrong] + 1) % len(data.info.label.classes)
        run_files.write_predictions(
            folder / "predictions_validation.parquet", np.arange(at.start, at.stop), truth,
            {"knn": answers},
        )  # fmt: skip


def _summary(data: Dataset, level: float, verdict: str) -> dict[str, Any]:
    out: dict[str, Any] = {
        "training": {"steps": 5, "seconds": 1.0, "device": "cpu"},
        "verdict": {"label": verdict, "reason": "A plain reason.", "metrics": {"z.rankme": 3.0}},
        "notes": [],
        "chance": 4.9,
    }
    if data.info.label is None:
        return out | {"scores": [], "gains": []}
    for prefix, split in (("", "test"), ("validation_", "validation")):
        shared = {"protocol": "knn", "metric": "accuracy", "target": "label", "n": 300}
        shared |= {"split": split, "low": level - 0.02, "high": level + 0.02, "value": level}
        kinds = (("trained", 0.0), ("random init", -0.1), ("raw input", -0.05))
        out[f"{prefix}scores"] = [
            {**shared, "features": name, "representation": "h", "value": level + less,
             "low": level + less - 0.02, "high": level + less + 0.02}
            for name, less in kinds
        ]  # fmt: skip
        out[f"{prefix}gains"] = [{**shared, "over": "random init"}]
    return out
