"""Heads that only some methods have: a predictor, and a projector that ends in a batch norm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.lazy import nn, torch
from workbench.tasks.parts import heads

if TYPE_CHECKING:
    from workbench.tasks.records import Views


def predictor(kind: str, width: int, hidden: int) -> nn.Module:
    """A network that guesses one view's projection from the other's: (B, width) to (B, width).

    kind: ``mlp``, one hidden layer; ``none``, the projection itself; ``fixed``, an mlp that keeps
    its random weights.
    """
    if kind == "none":
        return nn.Identity()
    return heads.projector((width, hidden, width)).requires_grad_(kind != "fixed")


def with_output_norm(projector: nn.Sequential) -> nn.Sequential:
    """The projector followed by a batch norm without weights, as in SimSiam, NNCLR and MoCo v3.

    Each dimension of a batch of projections then has mean 0 and deviation 1.
    """
    last: Any = projector[-1]
    return nn.Sequential(*projector, nn.BatchNorm1d(last.out_features, affine=False))


def teacher_projects(module: Any, views: Views) -> torch.Tensor:
    """float32 (2B, out): the teacher's projections of the first views, then of the second.

    In one pass, as ``pairs.project_both`` does for the student. No gradient is recorded.
    """
    with torch.no_grad():
        z: torch.Tensor = module.teacher.projector(module.teacher.encoder(torch.cat(views.inputs)))
    return z.float()
