"""The batch size of a run: by the user, the device, the encoder, the texts and their number."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.dataset import Dataset
from workbench.encoders.base import EncoderKind
from workbench.training.setup import choose_batch


@pytest.fixture
def intents(home: Path) -> Dataset:
    return prepare(DataConfig("sample:intents"), home)


@pytest.mark.parametrize(("kind", "size"), [("bag", 256), ("text", 32), (None, 32)])
def test_a_bag_of_words_takes_more_texts_a_step(
    intents: Dataset, kind: EncoderKind | None, size: int
) -> None:
    assert choose_batch(None, intents, "cpu", kind)[0] == size


def test_long_texts_make_small_steps_but_for_a_bag_of_words(home: Path) -> None:
    tickets = prepare(DataConfig("sample:tickets"), home)
    small, note = choose_batch(None, tickets, "cuda", "text")
    assert small < 256
    assert "tokens on average" in note
    assert choose_batch(None, tickets, "cpu", "bag")[0] == 256


def test_a_gpu_takes_as_many_for_every_encoder(intents: Dataset) -> None:
    assert choose_batch(None, intents, "cuda", "text")[0] == 256
    assert choose_batch(None, intents, "cuda", "bag")[0] == 256


def test_what_the_user_asks_for_is_taken_up_to_all_samples(intents: Dataset) -> None:
    count = intents.info.counts["train"]
    assert choose_batch(7, intents, "cpu", "bag") == (7, "Batch: 7.")
    size, note = choose_batch(10 * count, intents, "cpu", "bag")
    assert size == count
    assert f"instead of {10 * count}" in note


def test_an_epoch_has_two_steps_at_least(home: Path) -> None:
    few = prepare(DataConfig("sample:intents", samples=60), home)
    count = few.info.counts["train"]
    size, note = choose_batch(None, few, "cpu", "bag")
    assert size == count // 2
    assert f"has {count} samples" in note
