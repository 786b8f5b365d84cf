"""Muon for convolutions and the matrices of transformer blocks, AdamW for everything else.

A matrix's momentum is made orthogonal before it is applied: all directions of its rows move alike,
not only those with large gradients. K. Jordan et al. 2024, "Muon: An optimizer for hidden
layers in neural networks" (the Newton-Schulz iteration and its coefficients); J. Liu et al. 2025,
"Muon is Scalable for LLM Training", arXiv 2502.16982, equation 4: updates are scaled to the size of
AdamW's, so that its learning rates hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

_MOMENTUM = 0.95
_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5
_ADAMW_SIZE = 0.2
_EPS = 1e-8


class Muon(torch.optim.Optimizer):
    """groups: as AdamW takes them. lr, weight_decay and betas: of groups that name none. matrices:
    the weights with two dimensions that Muon moves; those with four it always moves."""

    def __init__(
        self,
        groups: Iterable[dict[str, Any]],
        lr: float,
        weight_decay: float,
        betas: tuple[float, float],
        matrices: Iterable[torch.Tensor] = (),
    ):
        super().__init__(groups, {"lr": lr, "weight_decay": weight_decay, "betas": betas})
        self._matrices = frozenset(map(id, matrices))

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One update of every parameter that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                if weight.ndim == 4 or id(weight) in self._matrices:
                    self._move_matrix(weight, group["lr"])
                else:
                    self._move(weight, group["lr"], group["betas"])

    def _move_matrix(self, weight: torch.Tensor, rate: float) -> None:
        state = self.state[weight]
        if not state:
            state["mean"] = torch.zeros_like(weight)
        state["mean"].lerp_(weight.grad, 1 - _MOMENTUM)
        ahead = weight.grad.lerp(state["mean"], _MOMENTUM)  # type: ignore[union-attr]
        matrix = orthogonal(ahead.flatten(1))
        size = _ADAMW_SIZE * max(matrix.shape) ** 0.5
        weight.add_(matrix.view(weight.shape), alpha=-rate * size)

    def _move(self, weight: torch.Tensor, rate: float, betas: tuple[float, float]) -> None:
        state = self.state[weight]
        if not state:
            state["step"] = 0
            state["mean"], state["square"] = torch.zeros_like(weight), torch.zeros_like(weight)
        state["step"] += 1
        state["mean"].lerp_(weight.grad, 1 - betas[0])
        state["square"].mul_(betas[1]).addcmul_(weight.grad, weight.grad, value=1 - betas[1])
        unbiased = [1 - beta ** state["step"] for beta in betas]
        scale = (state["square"] / unbiased[1]).sqrt_().add_(_EPS)
        weight.addcdiv_(state["mean"], scale, value=-rate / unbiased[0])


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """float (n, m): ``matrix`` with its singular values moved to about 1 (0.7 to 1.2)."""
    a, b, c = _COEFFICIENTS
    x: torch.Tensor = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(_ITERATIONS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if matrix.shape[0] > matrix.shape[1] else x
