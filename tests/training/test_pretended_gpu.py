"""Every task steps on a pretended GPU: nothing stays on the processor, and nothing waits for it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from pretended_gpu import DEVICE, GpuGenerator, GpuTensor, MixedDevicesError, pretend_gpu
from torch import nn

from workbench import registry
from workbench.augment.policy import Policy
from workbench.config import DataConfig, RunConfig
from workbench.data import prepare
from workbench.data.dataset import Dataset
from workbench.requests import validation
from workbench.tasks.base import Context
from workbench.training import instances, optimizer
from workbench.training.batches import SplitData

BATCH = 16
SOURCES = {
    "image": DataConfig("sample:shapes", samples=120),
    "text": DataConfig("sample:tickets", samples=120),
}
# How often a step may make the host wait. Which tokens are masked, and how long the texts of a
# batch are, decides shapes; so does the size of the blocks of i_jepa. All others never wait.
MOST_WAITS = {
    "bart_denoising": 4,
    "causal_lm": 3,
    "electra": 8,
    "half_split": 1,
    "i_jepa": 2,
    "mlm": 3,
    "nsp": 3,
    "sentence_order": 1,
    "simcse": 1,
    "span_corruption": 6,
    "token_order": 3,
    "tsdae": 4,
    "word_halves": 3,
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    home = tmp_path_factory.mktemp("pretended")
    return {modality: prepare(config, home) for modality, config in SOURCES.items()}


def _step(name: str, data: Dataset, device: torch.device, rng: torch.Generator) -> float:
    """The loss of one whole training step on ``device``."""
    config = validation.validate(RunConfig(SOURCES[data.info.modality], name), data.info)
    task, encoder = instances.task_of(config), instances.encoder_of(config)
    torch.manual_seed(0)
    module = task.build(encoder.build(data.info), data.info).to(device)
    policy = Policy(config.augment or (), data.info, data)
    label = data.info.label.name if task.needs.labels and data.info.label else None
    batch = SplitData(data, "train", device, labels=label).batch(np.arange(BATCH))
    recipe = optimizer.recipe(task.optimum, instances.train_options(config), BATCH)
    made = optimizer.build(recipe, task, module)
    with torch.no_grad():
        views = task.views(module, batch, policy, rng)
    loss = task.loss(module, views, Context()).loss
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(module.parameters(), 1.0)
    made.step()
    task.after_step(module, 0.5)
    value = loss.detach()
    return float(value.on_processor if isinstance(value, GpuTensor) else value)


@pytest.mark.parametrize("name", sorted(registry.tasks()))
def test_a_step_stays_on_the_gpu(name: str, prepared: dict[str, Dataset]) -> None:
    data = prepared["image" if "image" in registry.task(name).modalities else "text"]
    with pretend_gpu() as waits:
        rng = GpuGenerator()
        rng.manual_seed(0)
        loss = _step(name, data, DEVICE, rng)
    assert sum(waits.values()) <= MOST_WAITS.get(name, 0), waits
    on_processor = _step(name, data, torch.device("cpu"), torch.Generator().manual_seed(0))
    assert loss == pytest.approx(on_processor, rel=1e-5)


def test_a_tensor_left_on_the_processor_fails() -> None:
    with pretend_gpu(), pytest.raises(MixedDevicesError, match="tensors"):
        torch.ones(3, device=DEVICE) + torch.ones(3)


def test_a_parameter_left_on_the_processor_fails() -> None:
    with pretend_gpu(), pytest.raises(MixedDevicesError, match="tensors"):
        nn.Linear(3, 2)(torch.ones(1, 3, device=DEVICE))


@pytest.mark.parametrize("inside", [torch.device("cpu"), DEVICE])
def test_a_generator_of_the_wrong_device_fails(inside: torch.device) -> None:
    with pretend_gpu():
        wrong = torch.Generator() if inside == DEVICE else GpuGenerator()
        with pytest.raises(MixedDevicesError, match="generator"):
            torch.rand(3, generator=wrong, device=inside)
        with pytest.raises(MixedDevicesError, match="generator"):
            torch.ones(3, device=inside).uniform_(generator=wrong)


def test_what_makes_the_host_wait_is_counted() -> None:
    with pretend_gpu() as waits:
        x = torch.arange(4.0, device=DEVICE)
        assert x.sum().item() == 6.0
        assert float(x[1]) == 1.0
        assert x.tolist() == [0.0, 1.0, 2.0, 3.0]
        assert len(x[x > 1]) == 2
        assert len(torch.nonzero(x)) == 3
        assert x.cpu().shape == (4,)
        if x.any():
            x += 1
    assert waits == Counter(
        {"item": 3, "tolist": 1, "mask as an index": 1, "nonzero": 1, "copy to the processor": 1}
    )


def test_a_number_of_the_processor_may_be_used_on_the_gpu() -> None:
    with pretend_gpu() as waits:
        out = torch.ones(3, device=DEVICE) * torch.tensor(2.0)
    assert out.device == DEVICE
    assert not waits


def test_the_tests_watch_every_task_that_waits(tmp_path: Path) -> None:
    assert MOST_WAITS.keys() <= registry.tasks().keys()
