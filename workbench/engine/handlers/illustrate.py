"""The engine's ``illustrate``: a task's views of given samples, made as training makes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from workbench.engine.handlers.parts import samples
from workbench.engine.requests import IllustrateRequest
from workbench.engine.wire import Message

if TYPE_CHECKING:
    from workbench.tasks.base import Illustration

REQUEST = IllustrateRequest


def handle(request: IllustrateRequest, home: Path) -> Message:
    """An ``IllustrationRecord``: what a task's model sees and must answer."""
    import torch

    from workbench.augment.policy import Policy
    from workbench.requests import validation
    from workbench.tasks.base import IllustrationData
    from workbench.training import instances
    from workbench.training.fresh import fresh_module

    data = samples.dataset(home, str(request.config.data.fingerprint))
    config = validation.validate(request.config, data.info)
    task, encoder = instances.task_of(config), instances.encoder_of(config)
    module = fresh_module(task, encoder, data, request.seed).module
    batch = samples.batch(data, request.rows, task.needs.labels)
    rng = torch.Generator().manual_seed(request.seed)
    with torch.no_grad():
        policy = Policy(config.augment or (), data.info, data)
        views = task.views(module, batch, policy, rng)
    words = samples.vocabulary(data.folder)
    return _packed(task.illustrate(views, batch, IllustrationData(data.info, words)))


def _packed(illustration: Illustration) -> Message:
    """As ``replies.unpack_illustration`` reads it: ``image`` names an array."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    rows = []
    for row in illustration.rows:
        panels: list[dict[str, Any]] = []
        for panel in row:
            name = str(len(arrays)) if panel.image is not None else None
            if panel.image is not None:
                arrays[str(name)] = panel.image
            tokens = [list(token) for token in panel.tokens] if panel.tokens is not None else None
            panels.append(
                {"caption": panel.caption, "role": panel.role, "image": name, "tokens": tokens}
            )
        rows.append(panels)
    return Message({"question": illustration.question, "rows": rows}, arrays)
