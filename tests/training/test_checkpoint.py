"""What a checkpoint keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from workbench.run_folder import CHECKPOINT
from workbench.store.artifacts import FolderArtifacts
from workbench.training import checkpoint
from workbench.training.checkpoint import Choices, Counters


@pytest.mark.parametrize("fused", [False, True])
def test_an_optimizer_goes_on_where_it_was_whatever_the_layout_of_its_weights(
    tmp_path: Path, fused: bool
) -> None:
    """A fused optimizer reads both as they lie in memory, and a file keeps no layout."""

    def fresh() -> tuple[nn.Module, torch.optim.Optimizer]:
        torch.manual_seed(0)
        net = nn.Conv2d(8, 16, 3)
        net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return net, torch.optim.AdamW(net.parameters(), lr=0.01, fused=fused)

    def steps(net: nn.Module, optimizer: torch.optim.Optimizer, seeds: range) -> None:
        for seed in seeds:
            x = torch.randn(4, 8, 6, 6, generator=torch.Generator().manual_seed(seed))
            optimizer.zero_grad()
            net(x.contiguous(memory_format=torch.channels_last)).square().mean().backward()
            optimizer.step()

    whole, first, second = fresh(), fresh(), fresh()
    steps(*whole, range(6))
    steps(*first, range(3))
    files = FolderArtifacts(tmp_path)
    checkpoint.save(files, *first, {}, Counters(step=3), Choices(4, 1, "fp32"))
    assert checkpoint.load(files.path(CHECKPOINT), *second)[0].step == 3
    steps(*second, range(3, 6))
    for one, other in zip(whole[0].parameters(), second[0].parameters(), strict=True):
        assert torch.equal(one, other)
