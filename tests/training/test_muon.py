"""Muon: orthogonal steps for convolutions, AdamW's own steps for everything else."""

from __future__ import annotations

import copy

import torch
from torch import nn

from workbench.encoders.nets.blocks import TransformerBlock
from workbench.training import optimizer as optimizer_module
from workbench.training.muon import Muon, orthogonal


def test_singular_values_move_to_about_one() -> None:
    for shape in ((8, 30), (30, 8)):
        torch.manual_seed(0)
        matrix = torch.randn(shape) @ torch.diag(torch.logspace(0, -1, shape[1]))
        values = torch.linalg.svdvals(orthogonal(matrix))
        assert 0.6 < values.min() < values.max() < 1.3, values


def test_convolutions_move_by_an_orthogonal_matrix_of_the_size_of_adamw() -> None:
    layer = nn.Conv2d(3, 16, 3, bias=False)
    before = layer.weight.detach().clone()
    optimizer = Muon([{"params": [layer.weight]}], 0.1, 0.0, (0.9, 0.999))
    (layer(torch.randn(4, 3, 8, 8)) ** 2).mean().backward()
    optimizer.step()
    moved = (layer.weight.detach() - before).flatten(1) / 0.1
    assert 0.1 < moved.square().mean().sqrt() < 0.3
    values = torch.linalg.svdvals(moved) / (0.2 * 27**0.5)
    assert 0.6 < values.min() < values.max() < 1.3, values


def test_everything_else_moves_as_with_adamw() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 7), nn.LayerNorm(7), nn.Linear(7, 2))
    other = copy.deepcopy(net)
    ours = Muon([{"params": list(net.parameters())}], 0.01, 0.1, (0.9, 0.95))
    theirs = torch.optim.AdamW(other.parameters(), 0.01, (0.9, 0.95), weight_decay=0.1)
    for _ in range(5):
        x = torch.randn(20, 5)
        for module, optimizer in ((net, ours), (other, theirs)):
            optimizer.zero_grad()
            (module(x) ** 2).mean().backward()
            optimizer.step()
    for a, b in zip(net.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_named_matrices_move_as_convolutions_do() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(27, 16, bias=False)
    before = layer.weight.detach().clone()
    optimizer = Muon([{"params": [layer.weight]}], 0.1, 0.0, (0.9, 0.999), matrices=[layer.weight])
    (layer(torch.randn(8, 27)) ** 2).mean().backward()
    optimizer.step()
    values = torch.linalg.svdvals((layer.weight.detach() - before) / 0.1) / (0.2 * 27**0.5)
    # Eight samples give a gradient of rank eight.
    assert 0.6 < values[:8].min() < values.max() < 1.3, values


def test_a_transformer_gives_the_matrices_of_its_blocks_and_no_embedding() -> None:
    block = TransformerBlock(8, 2)
    net = nn.ModuleDict({"table": nn.Embedding(5, 8), "block": block, "head": nn.Linear(8, 3)})
    found = {id(weight) for weight in optimizer_module._block_matrices(net)}
    assert found == {
        id(layer.weight) for layer in (block.qkv, block.join, block.mlp[0], block.mlp[2])
    }  # fmt: skip


def test_a_stopped_run_goes_on_with_its_momentum() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 2))
    x = torch.randn(6, 3, 8, 8)

    def steps(module: nn.Module, optimizer: torch.optim.Optimizer, count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            (module(x) ** 2).mean().backward()
            optimizer.step()

    def fresh(module: nn.Module) -> Muon:
        return Muon([{"params": list(module.parameters())}], 0.01, 0.0, (0.9, 0.999))

    whole, stopped = copy.deepcopy(net), copy.deepcopy(net)
    steps(whole, fresh(whole), 6)
    first = fresh(stopped)
    steps(stopped, first, 3)
    second = fresh(stopped)
    second.load_state_dict(first.state_dict())
    steps(stopped, second, 3)
    for a, b in zip(whole.parameters(), stopped.parameters(), strict=True):
        assert torch.equal(a, b)
