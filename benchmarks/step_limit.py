"""How fast a trainer could be: its step on views that are ready, without data and augmentations."""

from __future__ import annotations

import time

import torch

from workbench.tasks.base import Context
from workbench.training.trainer import Trainer

_COLD_STEPS = 3


def samples_per_second(trainer: Trainer, seconds: float) -> float:
    """Samples a second of forward, backward and optimizer step, timed for ``seconds``."""
    batch = trainer.samples.batch(trainer.order.positions(0))
    with torch.no_grad():
        views = trainer.task.views(trainer.module, batch, trainer.augment, trainer.rng)
    views.inputs = tuple(trainer.placement.arrange(x) for x in views.inputs)
    done, began = 0, 0.0
    while not began or time.perf_counter() - began < seconds:
        if done == _COLD_STEPS and not began:
            trainer.placement.synchronize()
            done, began = 0, time.perf_counter()
        trainer.optimizer.zero_grad(set_to_none=True)
        with trainer.placement.autocast():
            loss = trainer.task.loss(trainer.module, views, Context()).loss
        loss.backward()  # type: ignore[no-untyped-call]
        trainer.optimizer.step()
        done += 1
    trainer.placement.synchronize()
    return done * batch.size / (time.perf_counter() - began)
