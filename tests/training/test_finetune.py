"""Fine-tuning on a few labels: it learns, repeats, chooses on validation, and leaves no trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.dataset import Dataset
from workbench.encoders.conv import SmallConv
from workbench.encoders.text import TextMini
from workbench.evaluation.label_efficiency import draw
from workbench.training import finetune
from workbench.training.batches import SplitData
from workbench.training.device import choose
from workbench.training.encode import untrained
from workbench.training.finetune import Labelled, fine_tune

PLACEMENT = choose("cpu", "fp32", "conv", 8)


@pytest.fixture
def digits(digits_home: Path) -> Dataset:
    return prepare(DataConfig("sample:digits"), digits_home)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "STEPS", 40)


def encoder_for(data: Dataset, seed: int = 0) -> torch.nn.Module:
    torch.manual_seed(seed)
    encoder = SmallConv(width=8).build(data.info)
    return untrained(encoder, SplitData(data, "train", PLACEMENT.device), PLACEMENT)


def part(data: Dataset, split: Any, most: int = 200) -> Labelled:
    rows = np.arange(data.rows(split).start, data.rows(split).stop)[:most]
    return Labelled(rows, data.target("label")[rows])


def drawn(data: Dataset, level: int, number: int = 0) -> Labelled:
    train = part(data, "train", 10**6)
    places = draw(train.classes, level, number, 0)
    return Labelled(train.rows[places], train.classes[places])


def tune(data: Dataset, encoder: torch.nn.Module, **changes: Any) -> Any:
    test = part(data, "test")
    known: dict[str, Any] = {
        "draws": [drawn(data, 10)],
        "validation": part(data, "validation", 100),
        "test": test.rows,
        "n_classes": 10,
        "placement": PLACEMENT,
    }
    return fine_tune(encoder, data, **(known | changes))


def test_ten_labels_a_class_teach_the_digits(digits: Dataset) -> None:
    encoder = encoder_for(digits)
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    generator = torch.get_rng_state()
    found = tune(digits, encoder)
    truth = part(digits, "test").classes
    assert found.predicted.shape == (1, len(truth))
    assert (found.predicted[0] == truth).mean() > 0.5
    assert found.learning_rate == finetune.LEARNING_RATES[int(np.argmax(found.hits))]
    assert torch.equal(generator, torch.get_rng_state())
    after = encoder.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    again = tune(digits, encoder)
    assert (again.predicted == found.predicted).all()
    assert again.hits == found.hits


def test_the_rate_is_chosen_by_validation_labels(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rate of 0 for the encoder, and one that learns: validation tells them apart; where its
    labels are those of the rate that learns nothing, that one is taken."""
    monkeypatch.setattr(finetune, "LEARNING_RATES", (0.0, 5e-3))
    encoder = encoder_for(digits)
    assert tune(digits, encoder).learning_rate == 5e-3
    monkeypatch.setattr(finetune, "LEARNING_RATES", (0.0,))
    rows = part(digits, "validation", 100).rows
    lazy = tune(digits, encoder, test=rows).predicted[0]
    monkeypatch.setattr(finetune, "LEARNING_RATES", (0.0, 5e-3))
    assert tune(digits, encoder, validation=Labelled(rows, lazy)).learning_rate == 0.0


def test_the_first_draw_chooses_for_all(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, draws = encoder_for(digits), [drawn(digits, 10, number) for number in range(2)]
    both = tune(digits, encoder, draws=draws)
    assert both.predicted.shape[0] == 2
    first = tune(digits, encoder, draws=draws[:1])
    assert (both.learning_rate, both.hits) == (first.learning_rate, first.hits)
    assert (both.predicted[0] == first.predicted[0]).all()
    assert (both.predicted[1] != both.predicted[0]).any()


def test_without_validation_the_middle_rate_is_taken(digits: Dataset) -> None:
    nobody = Labelled(np.empty(0, np.int64), np.empty(0, np.int64))
    found = tune(digits, encoder_for(digits), validation=nobody)
    assert found.learning_rate == finetune.LEARNING_RATES[1]
    assert found.hits == ()


def test_one_label_of_two_classes_is_enough_to_run(digits: Dataset) -> None:
    """Batch norms see a batch of two, and predict with the whole split's statistics."""
    few = drawn(digits, 1)
    two = Labelled(few.rows[few.classes < 2], few.classes[few.classes < 2])
    assert len(two.rows) == 2
    found = tune(digits, encoder_for(digits), draws=[two])
    assert set(np.unique(found.predicted)) <= {0, 1}


def test_texts_are_tuned_as_they_are(tmp_path: Path) -> None:
    topics = {"sport": ("goal", "match", "team"), "sky": ("rain", "sun", "cloud")}
    rng = np.random.default_rng(0)
    lines = ["text,topic"]
    for number in range(120):
        topic = ("sport", "sky")[number % 2]
        lines.append(f"the {' '.join(rng.choice(topics[topic], 4))} number{number},{topic}")
    (tmp_path / "posts.csv").write_text("\n".join(lines), "utf-8")
    data = prepare(DataConfig(str(tmp_path / "posts.csv"), label="topic"), tmp_path / "home")
    torch.manual_seed(0)
    encoder = TextMini(dim=16, depth=1).build(data.info)
    parts = {}
    for split in ("train", "validation", "test"):
        rows = np.arange(data.rows(split).start, data.rows(split).stop)
        parts[split] = Labelled(rows, data.target("topic")[rows])
    found = fine_tune(
        encoder, data, [parts["train"]], parts["validation"], parts["test"].rows, 2, PLACEMENT
    )
    assert found is not None
    assert (found.predicted[0] == parts["test"].classes).mean() > 0.9


def test_a_stop_ends_it_between_two_steps(digits: Dataset, stop_after: Any) -> None:
    control = stop_after(7)
    assert tune(digits, encoder_for(digits), should_stop=control.should_stop) is None
    assert control.asked == 8


def test_batch_norms_predict_with_statistics_of_the_training_split(digits: Dataset) -> None:
    tuner = finetune._Tuner(digits, 10, PLACEMENT, 0, lambda: False)
    model: Any = tuner.fit(encoder_for(digits), drawn(digits, 5), 1e-3, 0)
    seen: list[torch.Tensor] = []
    first: Any = next(m for m in model["encoder"].modules() if isinstance(m, torch.nn.BatchNorm2d))
    handle = first.register_forward_pre_hook(lambda _, x: seen.append(x[0].detach()))
    batch = SplitData(digits, "train", PLACEMENT.device).batch(np.arange(719))
    model["encoder"](batch.clean())
    handle.remove()
    means = seen[0].mean(dim=(0, 2, 3))
    assert first.running_mean is not None
    assert torch.allclose(first.running_mean, means, atol=0.05 * float(means.abs().max()))
