"""The bag of words: a weighted mean that does not see order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import workbench as wb
from workbench import paths
from workbench.data.dataset import PAD, SPECIAL_TOKENS, Dataset
from workbench.encoders import text_bag
from workbench.encoders.text_bag import TextBag
from workbench.errors import RequestError
from workbench.requests import validation
from workbench.tasks.mlm import MLM

FIRST = len(SPECIAL_TOKENS)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    rng = np.random.default_rng(0)
    words = ["the", "red", "blue", "sun", "moon", "sea", "hill"]
    chance = np.array([0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    texts = [" ".join(rng.choice(words, 8, p=chance)) for _ in range(300)]
    home = tmp_path_factory.mktemp("home")
    loaded = wb.load(texts, home=home)
    return Dataset.open(paths.cache_dir(Path(home)) / loaded.info.fingerprint)


@pytest.mark.parametrize("residual", [False, True])
def test_h_is_the_weighted_mean_and_blind_to_order(data: Dataset, residual: bool) -> None:
    declared = TextBag(dim=16, residual=residual, vectors="random", weighting="frequency")
    torch.manual_seed(0)
    net = declared.build(data.info)
    declared.start(net, data)
    ids = torch.tensor([[FIRST, FIRST + 1, FIRST + 1, PAD], [PAD] * 4])
    weight, table = net.weights, net.embedding.weight
    one, two = weight[FIRST], 2 * weight[FIRST + 1]
    expected = (one * table[FIRST] + two * table[FIRST + 1]) / (one + two)
    h = net(ids)
    # The residual layer begins as nothing.
    torch.testing.assert_close(h[0], expected)
    assert not h[1].any(), "a text of padding alone is nowhere else"
    torch.testing.assert_close(h[0], net(ids[:, [1, 3, 0, 2]])[0])


def test_frequent_words_count_less_as_the_paper_says(data: Dataset) -> None:
    rows = data.rows("train")
    tokens = np.asarray(data.tokens[data.offsets[rows.start] : data.offsets[rows.stop]])
    net = TextBag().build(data.info)
    TextBag(rare=0.01, weighting="frequency").start(net, data)
    for token in np.unique(tokens):
        share = float((tokens == token).mean())
        assert net.weights[token].item() == pytest.approx(0.01 / (0.01 + share), rel=1e-5)
    plain = TextBag().build(data.info)
    TextBag(weighting="mean").start(plain, data)
    assert torch.equal(plain.weights, torch.ones_like(plain.weights))


def test_in_long_texts_frequent_words_count_less_and_it_is_said(data: Dataset) -> None:
    short, long = TextBag(), TextBag()
    assert short.notes(data) == (
        "Bag of words: all words count alike (texts have 8 tokens on average).",
    )
    net = short.build(data.info)
    short.start(net, data)
    assert torch.equal(net.weights, torch.ones_like(net.weights))
    assert TextBag(weighting="mean").notes(data) == ()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(text_bag, "_LONG", 8)
        assert "frequent words count less" in long.notes(data)[0]
        long.start(net, data)
    assert net.weights.min() < 0.1


def test_tasks_that_ask_for_single_words_do_not_take_it() -> None:
    with pytest.raises(RequestError, match="cannot train the encoder 'text_bag'"):
        validation.check_pair(MLM(), TextBag())


def test_what_the_start_told_stays_in_the_second_half(data: Dataset) -> None:
    declared = TextBag(dim=16)
    net = declared.build(data.info)
    declared.start(net, data)
    ids = torch.tensor([[FIRST, FIRST + 1, PAD], [FIRST + 2, FIRST + 3, FIRST + 4]])
    before = net(ids)
    assert before.shape == (2, net.dim) == (2, 32)
    torch.testing.assert_close(before[:, :16], before[:, 16:])
    torch.testing.assert_close(before[:, :16].norm(dim=1), torch.ones(2))
    net(ids)[:, :16].sum().backward()
    with torch.no_grad():
        net.embedding.weight -= net.embedding.weight.grad
    after = net(ids)
    torch.testing.assert_close(after[:, 16:], before[:, 16:])
    assert (after[:, :16] - before[:, :16]).abs().max() > 1e-3

    loaded = declared.build(data.info)
    loaded.load_state_dict(net.state_dict())
    torch.testing.assert_close(loaded(ids), after)


def test_weights_of_a_version_without_a_start_are_read(data: Dataset) -> None:
    older = TextBag(dim=16, keep_start=False).build(data.info)
    net = TextBag(dim=16).build(data.info)
    net.load_state_dict(older.state_dict())
    ids = torch.tensor([[FIRST, FIRST + 1, PAD]])
    assert net.dim == 16
    torch.testing.assert_close(net(ids), older(ids))


@pytest.mark.parametrize("changes", [{"vectors": "random"}, {"keep_start": False}])
def test_without_a_start_to_keep_h_is_one_mean(data: Dataset, changes: dict[str, object]) -> None:
    net = TextBag(dim=16, **changes).build(data.info)  # type: ignore[arg-type]
    assert net.dim == 16
    assert "start" not in net.state_dict()
