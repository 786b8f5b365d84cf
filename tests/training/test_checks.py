"""The check during training: which samples it is of, and which kNN accuracy it measures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from workbench import registry
from workbench.augment.policy import Policy
from workbench.config import DataConfig
from workbench.data import prepare
from workbench.evaluation import knn
from workbench.training import check_sample, device
from workbench.training.checks import Checker
from workbench.training.encode import encode_rows


@pytest.mark.parametrize(("samples", "split"), [(5, "train"), (200, "validation")])
def test_too_few_validation_samples_give_way_to_training_samples(
    home: Path, samples: int, split: str
) -> None:
    data = prepare(DataConfig("sample:digits", samples=samples), home)
    assert (data.info.counts.get("validation", 0) < 2) == (split == "train")
    placement = device.choose("cpu", "fp32", "conv", None)
    checker = Checker(registry.task("simclr")(), data, Policy((), data.info), placement, 1e6)
    assert checker.split == split
    assert len(checker.positions) > 1
    assert checker.views is not None
    assert 1 < len(checker.views.positions) <= len(checker.positions)


@pytest.mark.parametrize("k", [1, 5, 20])
def test_neighbours_are_counted_as_the_evaluation_counts_them(home: Path, k: int) -> None:
    data = prepare(DataConfig("sample:digits", samples=600), home)
    placement = device.choose("cpu", "fp32", "conv", None)
    task = registry.task("rotation")()
    torch.manual_seed(0)
    module = task.build(registry.encoder("small_conv")().build(data.info), data.info)
    checker = Checker(task, data, Policy((), data.info), placement, 1e6, k)
    result = checker.check(module, 0)
    labels = data.target("label")[data.rows(checker.split)][checker.positions]
    assert result.knn == knn.agreement(result.h, labels, k)
    # The formula itself, one sample at a time: the nearest others vote by exp(cosine / 0.07).
    h = result.h / np.linalg.norm(result.h, axis=1, keepdims=True)
    k = knn.neighbours_for(labels, k)
    hits = 0
    for i, row in enumerate(h):
        cosines = h.astype(np.float64) @ row
        cosines[i] = -np.inf
        nearest = np.argsort(-cosines)[:k]
        votes = np.bincount(labels[nearest], np.exp(cosines[nearest] / 0.07))
        hits += int(votes.argmax() == labels[i])
    assert result.knn == pytest.approx(hits / len(h), abs=1.5 / len(h))


def test_texts_are_checked_in_the_order_of_the_sample_whatever_their_length(home: Path) -> None:
    """They are encoded by length, and stored as pages expect them."""
    data = prepare(DataConfig("sample:intents"), home)
    placement = device.choose("cpu", "fp32", "text", None)
    task = registry.task("simcse")()
    torch.manual_seed(0)
    module = task.build(registry.encoder("text_mini")().build(data.info), data.info)
    checker = Checker(task, data, Policy((), data.info), placement, 1e6)
    result = checker.check(module, 0)
    rows = check_sample.rows(data.info, len(checker.positions))
    one_by_one = encode_rows(module.encoder, data, rows, placement, 1)
    assert np.allclose(result.h, one_by_one, atol=1e-5)
    assert len(np.unique(one_by_one.round(4), axis=0)) > len(rows) / 2
    assert result.z is not None
    with torch.no_grad():
        z = task.project(module.eval(), torch.from_numpy(one_by_one))
    assert z is not None
    assert np.allclose(result.z, z.numpy(), atol=1e-4)
