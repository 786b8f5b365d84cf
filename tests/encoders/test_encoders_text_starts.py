"""Text encoders that start from the word vectors of their corpus."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from how_to import QUICK, run_python

import workbench as wb
from workbench import paths
from workbench.data.corpus.token_table import Kind, token_table
from workbench.data.dataset import SPECIAL_TOKENS, Dataset
from workbench.encoders.text import TextMini
from workbench.tasks.mlm import MLM
from workbench.training.fresh import fresh_module


def prepared(texts: list[str], home: Path) -> Dataset:
    loaded = wb.load(texts, home=home)
    return Dataset.open(paths.cache_dir(home) / loaded.info.fingerprint)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Texts whose words come in two groups that never meet."""
    rng = np.random.default_rng(0)
    animals, places = (
        ["cat", "dog", "cow", "hen", "owl", "bee"],
        ["rome", "oslo", "lima", "bonn", "kyiv", "baku"],
    )
    texts = []
    for i in range(400):
        names, verbs = ((animals, ("runs", "eats")), (places, ("lies", "in")))[i % 2]
        words = [*rng.choice(names, 3), rng.choice(verbs), *rng.choice(names, 2)]
        texts.append(" ".join(words))
    return prepared(texts, tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("kind", ["corpus", "texts"])
def test_tokens_that_are_used_alike_start_alike_at_the_scale_of_a_fresh_table(
    data: Dataset, kind: Kind
) -> None:
    fresh = fresh_module(MLM(), TextMini(), data, 0).module.encoder.embedding.weight
    started = fresh_module(MLM(), TextMini(vectors=kind), data, 0).module.encoder
    weight = started.embedding.weight.detach()
    vectors = torch.zeros(len(weight), 64)
    known_vectors = torch.from_numpy(token_table(data, 64, kind).vectors)
    vectors[:, : known_vectors.shape[1]] = known_vectors
    known = vectors.any(dim=1)
    assert known.sum() >= 16
    assert weight[known].std().item() == pytest.approx(fresh[known].std().item(), rel=1e-4)
    product = weight[known] @ weight[known].T
    wanted = vectors[known] @ vectors[known].T
    assert torch.corrcoef(torch.stack([product.ravel(), wanted.ravel()]))[0, 1] > 0.999
    assert torch.equal(weight[~known], fresh[~known].detach()), "others keep what was drawn"
    assert not vectors[: len(SPECIAL_TOKENS)].any()


def test_the_start_is_the_same_each_time_and_its_first_seconds_count(data: Dataset) -> None:
    first, second = (fresh_module(MLM(), TextMini(vectors="corpus"), data, 0) for _ in range(2))
    for name, weight in first.module.state_dict().items():
        assert torch.equal(weight, second.module.state_dict()[name]), name
    assert first.seconds == second.seconds == token_table(data, 64).seconds > 0
    assert fresh_module(MLM(), TextMini(), data, 0).seconds == 0


def test_texts_of_one_word_leave_the_table_as_it_was_drawn(tmp_path: Path) -> None:
    data = prepared(["one", "two", "three"] * 20, tmp_path)
    plain, started = (
        fresh_module(MLM(), TextMini(vectors=name), data, 0).module.encoder.embedding.weight
        for name in ("random", "corpus")
    )
    assert torch.equal(plain, started)


def test_the_start_is_part_of_the_training_time(tmp_path: Path) -> None:
    words = ["--data", "sample:intents", "--task", "mlm", "--steps", "2", "--json", *QUICK]
    words = ["pretrain", *words, "--set", "encoder.vectors=corpus"]
    run = json.loads(run_python(["-m", "workbench", *words], tmp_path))
    data = Dataset.open(paths.cache_dir(tmp_path / "home") / run["config"]["data"]["fingerprint"])
    assert run["training"]["seconds"] > token_table(data, 64).seconds > 0
    assert any("start took" in note for note in run["notes"])
