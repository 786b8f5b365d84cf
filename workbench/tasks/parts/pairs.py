"""For tasks that compare two augmented views of each sample."""

from __future__ import annotations

from typing import Any

from workbench.lazy import torch
from workbench.tasks.parts.numerics import at_least
from workbench.tasks.parts.render import image_panel, original_panel
from workbench.tasks.records import Augmenter, Batch, Illustration, IllustrationData, Role, Views


def two_views(batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
    """Two views of each sample, drawn independently of each other from the same policy."""
    # In one call: half as many kernels as in two.
    first, second = augment(batch.repeated(2), rng).chunk(2)
    return Views(inputs=(first, second))


def project_both(module: Any, views: Views) -> torch.Tensor:
    """float32 (2B, out): projections of the first views, then of the second.

    Both go through the network in one pass, so that batch norm sees one distribution.
    Raises RequestError for fewer than two samples.
    """
    at_least(views.inputs[0].shape[0], 2, "the task compares views of different samples")
    z: torch.Tensor = module.projector(module.encoder(torch.cat(views.inputs)))
    return z.float()


def illustrate_pair(
    views: Views, batch: Batch, data: IllustrationData, question: str, *, second: Role
) -> Illustration:
    """Original, first view, second view; ``second`` says what the second one is to the model."""
    first_views, second_views = views.inputs
    return Illustration(
        question,
        tuple(
            (
                original_panel(batch, row, data),
                image_panel(first_views[row], "augmented view 1", "sees"),
                image_panel(second_views[row], "augmented view 2", second),
            )
            for row in range(batch.size)
        ),
    )
