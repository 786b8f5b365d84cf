"""Measures what few steps a penalty cost scores with few labels, and what they save.

    python benchmarks/probe_steps.py --data FOLDER [--sets NAME ...]

FOLDER holds data sets by name. Features are those of an untrained encoder, and pixels or words.
Every fit is made with the steps of ``evaluation.logistic`` and to the minimum. One thread, at most
2,500 training samples. Writes the section ``probe_steps`` of RESULTS.md.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from machine import describe
from rows import put
from threadpoolctl import threadpool_limits

from workbench.config import Budget, DataConfig, RunConfig
from workbench.data import prepare, sampling
from workbench.evaluation import baselines, logistic
from workbench.evaluation.feature_scores import FEW, Setup
from workbench.evaluation.forms import first_form
from workbench.evaluation.protocols import score
from workbench.requests import validation
from workbench.scoring.word_features import word_features
from workbench.training import device, instances
from workbench.training.batches import SplitData
from workbench.training.encode import encode_rows, untrained

TASKS = {"cifar10": "simclr", "banking77": "simcse", "newsgroups20": "simcse"}
LIMITS = {"train": 2_500, "validation": 600, "test": 1_500}


def features(folder: Path, name: str, home: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """All kinds of features of a data set by split, and its classes."""
    source = DataConfig(str(folder / name), samples=8_000)
    data = prepare(source, home)
    config = validation.validate(RunConfig(source, TASKS[name], budget=Budget(steps=1)), data.info)
    encoder = instances.encoder_of(config)
    placement = device.choose("cpu", "fp32", encoder.kind, None)
    torch.manual_seed(0)
    net = untrained(encoder.build(data.info), SplitData(data, "train", placement.device), placement)
    rows = sampling.choose(data, limits=LIMITS)
    found: dict[str, Any] = {
        "untrained": {s: encode_rows(net, data, index, placement) for s, index in rows.items()}
    }
    if data.info.modality == "image":
        found["raw input"] = {s: baselines.raw_input(data.images, i) for s, i in rows.items()}
    else:
        texts = {s: [data.texts[i] for i in index] for s, index in rows.items()}
        counted, _ = word_features(texts)
        found |= {kind: first_form(features) for kind, features in counted.items()}
    assert data.info.label is not None
    column = data.target(data.info.label.name)
    return found, {split: column[index] for split, index in rows.items()}


def measure(name: str, splits: Any, labels: Any) -> tuple[dict[str, float], float]:
    """Test accuracy in per cent by protocol and labels a class, and seconds of processor."""
    began = time.process_time()
    scored = score(name, splits, labels, (FEW,), Setup("label"))
    took = time.process_time() - began
    return {
        str(row["labels_per_class"]): 100 * row["value"]
        for row in scored.scores
        if row["metric"] == "accuracy"
    }, took


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=list(TASKS))
    given = parser.parse_args()
    few = logistic.PATH_STEPS, logistic.SPARSE_PATH_STEPS
    exact = logistic.MOST_STEPS, logistic.MOST_SPARSE_STEPS
    lines = [
        "## Steps of the probe",
        "",
        f"`python benchmarks/probe_steps.py --data FOLDER`, {describe()}. One thread. Test "
        f"accuracy with {few[0]} steps a penalty ({few[1]} for word counts), less that with "
        f"{exact[0]} ({exact[1]}), in points, by labels a class.",
        "",
        "| data | features | 1 | 5 | 10 | 50 | 100 | seconds | before |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as home, threadpool_limits(1):
        for name in given.sets:
            found, labels = features(given.data, name, Path(home))
            for kind, splits in found.items():
                logistic.PATH_STEPS, logistic.SPARSE_PATH_STEPS = exact
                before, slow = measure(kind, splits, labels)
                logistic.PATH_STEPS, logistic.SPARSE_PATH_STEPS = few
                now, fast = measure(kind, splits, labels)
                cells = [
                    f"{now[level] - before[level]:+.1f}" if level in now else ""
                    for level in ("1", "5", "10", "50", "100")
                ]
                line = f"| {name} | {kind} | {' | '.join(cells)} | {fast:.1f} | {slow:.1f} |"
                print(line, flush=True)
                lines.append(line)
    put("probe_steps", "\n".join(lines))


if __name__ == "__main__":
    main()
