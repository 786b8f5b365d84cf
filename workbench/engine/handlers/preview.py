"""The engine's answer to ``preview``: augmented views of given samples, by what training calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from workbench.config import AugmentStep
from workbench.engine.handlers import samples
from workbench.engine.wire import Message

MOST_VIEWS = 8


@samples.one_core()
def preview(request: Message, home: Path) -> Message:
    """Whole views, and each step apart: alone on the original, and as the last of a sequence.

    The first view and all that is shown of the steps come from the same draws.
    """
    import torch

    from workbench.augment.policy import Policy

    asked = request.values
    data = samples.dataset(home, asked["fingerprint"])
    steps = [AugmentStep(step["name"], step["options"]) for step in asked["steps"]]
    batch = samples.batch(data, asked["rows"])
    policy = Policy(steps, data.info, data)
    show = samples.shower(data)
    first = int(asked["seed"]) * MOST_VIEWS
    out: dict[str, Any] = {"originals": show(batch.clean())}
    for i in range(min(int(asked["views"]), MOST_VIEWS)):
        out[f"view{i}"] = show(policy(batch, torch.Generator().manual_seed(first + i)))
    parts = policy.effects(batch, torch.Generator().manual_seed(first))
    for i, part in enumerate(parts):
        out |= {f"alone{i}": show(part.alone), f"after{i}": show(part.after)}
    values = {
        "parts": [part.name for part in parts],
        "warnings": policy.warnings(),
        "notes": policy.notes(),
        **{name: value for name, value in out.items() if isinstance(value, list)},
    }
    arrays = {name: value for name, value in out.items() if isinstance(value, np.ndarray)}
    return Message(values, arrays)
