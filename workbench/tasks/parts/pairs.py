"""For tasks that compare two augmented views of each sample."""

from __future__ import annotations

from typing import Any

from workbench.lazy import torch
from workbench.tasks.parts.numerics import at_least
from workbench.tasks.parts.render import image_panel, original_panel
from workbench.tasks.records import Augmenter, Batch, Illustration, IllustrationData, Role, Views

_MOST_BYTES = 64 * 2**20


def two_views(batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
    """Two views of each sample, drawn independently of each other from the same policy."""
    return Views(inputs=several_views(batch, augment, rng, 2))


def several_views(
    batch: Batch, augment: Augmenter, rng: torch.Generator, count: int, **how: Any
) -> tuple[torch.Tensor, ...]:
    """``count`` views of each sample, drawn independently of each other. how: size and scale, as
    ``augment`` takes them.

    As many views as fit into 64 MiB of pixels are made in one call, which starts fewer kernels.
    """
    one = batch.clean().nbytes
    together = max(1, min(count, _MOST_BYTES // max(1, one)))
    views: list[torch.Tensor] = []
    while len(views) < count:
        now = min(together, count - len(views))
        views += augment(batch.repeated(now), rng, **how).chunk(now)
    return tuple(views)


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
