"""Convolutional nets that start from patches or from identities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import workbench as wb
from workbench import paths
from workbench.data.dataset import Dataset
from workbench.encoders.conv import ResNet18, SmallConv
from workbench.tasks.byol import BYOL
from workbench.training.fresh import fresh_module


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Images whose neighbouring pixels and channels are alike."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 255, (300, 8, 8, 1)).repeat(4, axis=1).repeat(4, axis=2)
    images = np.clip(coarse + rng.integers(-30, 30, (300, 32, 32, 3)), 0, 255).astype(np.uint8)
    home = Path(tmp_path_factory.mktemp("home"))
    loaded = wb.load(images, home=home)
    return Dataset.open(paths.cache_dir(home) / loaded.info.fingerprint)


@pytest.mark.parametrize("encoder", [SmallConv, ResNet18])
def test_a_whitened_first_layer_gives_uncorrelated_outputs(data: Dataset, encoder: type) -> None:
    declared = encoder(whiten=True)
    torch.manual_seed(0)
    net = declared.build(data.info)
    declared.start(net, data)
    first = net.body[0]
    half = min(27, first.weight.shape[0] // 2)
    assert torch.equal(first.weight[:half], -first.weight[half : 2 * half])
    images = torch.from_numpy(data.images[data.rows("train")]).float() / 255
    with torch.no_grad():
        outputs = torch.nn.functional.conv2d(
            net.normalise(images), first.weight[:half], stride=first.stride
        )
    covariance = torch.cov(outputs.transpose(0, 1).flatten(1))
    apart = covariance - torch.eye(half)
    assert apart.abs().max() < 0.3, "variance 1, no covariance"


def test_identities_pass_the_inputs_on(data: Dataset) -> None:
    declared = SmallConv(identity=True)
    torch.manual_seed(0)
    net = declared.build(data.info)
    declared.start(net, data)
    second = net.body[3]
    x = torch.randn(2, 32, 8, 8)
    torch.testing.assert_close(second(x)[:, :32], x[:, :, ::2, ::2])
    assert second.weight[32:].std() > 0, "the others stay random"


def test_a_start_draws_nothing_and_a_teacher_starts_alike(data: Dataset) -> None:
    plain = fresh_module(BYOL(), SmallConv(), data, 0).module
    after = torch.rand(1)
    started = fresh_module(BYOL(), SmallConv(whiten=True), data, 0).module
    assert torch.equal(torch.rand(1), after)
    again = fresh_module(BYOL(), SmallConv(whiten=True), data, 0).module
    first = [module.encoder.body[0].weight for module in (plain, started, again)]
    assert torch.equal(first[1], first[2])
    assert not torch.equal(first[0], first[1])
    copies = [
        weight
        for name, weight in started.named_parameters()
        if weight.shape == first[1].shape and name != "encoder.body.0.weight"
    ]
    assert copies
    assert all(torch.equal(weight, first[1]) for weight in copies), "the teacher's"
