"""Projections of augmented views of a part of the check sample, for alignment and LiDAR."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from workbench.tasks.base import Augmenter, Batch, Task
from workbench.training.batches import SplitData
from workbench.training.device import Placement
from workbench.training.encode import encoding

# Views of a sample; a quarter of the check sample has them. Together these are as many embeddings
# as the check makes without views, so that a check costs about twice as much. Four views leave
# enough degrees of freedom within samples for LiDAR, and enough samples for as many directions.
VIEWS = 4
FEWEST = 64
# Samples at a time, so that views take no more memory than in training.
_BATCH = 64


class ViewSample:
    """The same views of the same samples at every check, made as training makes them.

    positions: int64 (N,), the check sample within its split; a quarter of it is taken, or 64 if
    that is more. seed: of the choice and of every draw, so that training's random numbers do not
    change.
    """

    def __init__(
        self,
        task: Task,
        samples: SplitData,
        augment: Augmenter,
        placement: Placement,
        positions: npt.NDArray[np.int64],
        seed: int,
    ):
        self._task, self._samples = task, samples
        self._augment, self._placement = augment, placement
        self._seed = seed
        size = min(len(positions), max(FEWEST, len(positions) // VIEWS))
        drawn = np.random.default_rng(seed).permutation(len(positions))[:size]
        self.positions: npt.NDArray[np.int64] = positions[np.sort(drawn)]

    @torch.no_grad()
    def embed(self, module: nn.Module) -> npt.NDArray[np.float32]:
        """float32 (n, 4, d): projections z of four views of each sample.

        The first two are a pair of one draw of the task's views. module: in eval mode, before and
        after. Only dropout is switched on meanwhile, because it is part of the views of training
        (in SimCSE, the only part).
        """
        device = self._placement.device
        rng = torch.Generator(device=device).manual_seed(self._seed)
        dropouts = [m for m in module.modules() if isinstance(m, nn.Dropout)]
        parts = []
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(self._seed)
            for dropout in dropouts:
                dropout.train()
            for batch in self._samples.in_order(_BATCH, self.positions):
                views = self._views(module, batch, rng)
                z = [self._project(module, view).float().cpu().numpy() for view in views]
                parts.append(np.stack(z, axis=1))
            for dropout in dropouts:
                dropout.eval()
        return np.concatenate(parts)

    def _views(self, module: nn.Module, batch: Batch, rng: torch.Generator) -> list[torch.Tensor]:
        """``VIEWS`` views of the size of the first one (in multi-crop, the large ones)."""
        views: list[torch.Tensor] = []
        while len(views) < VIEWS:
            inputs = self._task.views(module, batch, self._augment, rng).inputs
            views += [x for x in inputs if x.ndim == 2 or x.shape == inputs[0].shape]
        return views[:VIEWS]

    def _project(self, module: nn.Module, view: torch.Tensor) -> torch.Tensor:
        view = self._placement.arrange(view)
        with encoding(len(view)), self._placement.autocast():
            h = module.encoder(view)  # type: ignore[operator]
            z = self._task.project(module, h)
        assert z is not None
        return z
