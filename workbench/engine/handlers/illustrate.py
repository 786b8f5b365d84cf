"""The engine's ``illustrate``: a task's views of given samples, made as training makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy.typing as npt

from workbench.config import RunConfig
from workbench.engine.handlers import samples
from workbench.engine.wire import Message


def illustrate(request: Message, home: Path) -> Message:
    """What a task's model sees and must answer, for given samples."""
    import torch

    from workbench.augment.policy import Policy
    from workbench.requests import validation
    from workbench.tasks.base import IllustrationData
    from workbench.training import instances

    config = RunConfig.from_json(request.values["config"])
    data = samples.dataset(home, str(config.data.fingerprint))
    config = validation.validate(config, data.info)
    task, encoder = instances.task_of(config), instances.encoder_of(config)
    seed = int(request.values["seed"])
    torch.manual_seed(seed)
    module = task.build(encoder.build(data.info), data.info)
    batch = samples.batch(data, request.values["rows"], task.needs.labels)
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        policy = Policy(config.augment or (), data.info, data)
        views = task.views(module, batch, policy, rng)
    words = samples.vocabulary(data.folder)
    drawn = task.illustrate(views, batch, IllustrationData(data.info, words))
    arrays: dict[str, npt.NDArray[Any]] = {}
    rows = []
    for row in drawn.rows:
        panels = []
        for panel in row:
            name = str(len(arrays)) if panel.image is not None else None
            if panel.image is not None:
                arrays[str(name)] = panel.image
            tokens = [list(token) for token in panel.tokens] if panel.tokens is not None else None
            panels.append(
                {"caption": panel.caption, "role": panel.role, "image": name, "tokens": tokens}
            )
        rows.append(panels)
    return Message({"question": drawn.question, "rows": rows}, arrays)
