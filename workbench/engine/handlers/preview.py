"""The engine's ``preview``: augmented views of given samples, by what training calls."""

from __future__ import annotations

from pathlib import Path

from workbench.engine.handlers.parts import samples
from workbench.engine.replies import Preview
from workbench.engine.requests import PreviewRequest
from workbench.engine.wire import Message

REQUEST = PreviewRequest
MOST_VIEWS = 8


@samples.one_core()
def handle(request: PreviewRequest, home: Path) -> Message:
    """A ``Preview``: whole views, and each step alone on the original and as the last of the list.

    The first view and all that is shown of the steps come from the same draws.
    """
    import torch

    from workbench.augment.policy import Policy

    data = samples.dataset(home, request.fingerprint)
    batch = samples.batch(data, request.rows)
    policy = Policy(request.steps, data.info, data)
    show = samples.shower(data)
    first = request.seed * MOST_VIEWS
    seeds = range(first, first + min(request.views, MOST_VIEWS))
    originals = show(batch.clean())
    views = tuple(show(policy(batch, torch.Generator().manual_seed(seed))) for seed in seeds)
    effects = policy.effects(batch, torch.Generator().manual_seed(first))
    return Preview(
        originals,
        views,
        tuple(effect.name for effect in effects),
        tuple(show(effect.alone) for effect in effects),
        tuple(show(effect.after) for effect in effects),
        tuple(policy.warnings()),
        tuple(policy.notes()),
    ).message()
