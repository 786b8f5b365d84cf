"""Collapse checks during training: metrics of h, z and augmented views of one fixed sample."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save_file
from torch import nn

from workbench.data.dataset import Dataset, SplitName
from workbench.diagnostics.metrics import summarise
from workbench.diagnostics.views import summarise_views
from workbench.evaluation import knn
from workbench.tasks.base import Augmenter, Task
from workbench.training import check_sample
from workbench.training.batches import SplitData
from workbench.training.device import Placement
from workbench.training.encode import encoding, encoding_order, inputs
from workbench.training.view_sample import ViewSample

# The sample is as large as this many operations allow, so that fifty checks are a small part of a
# run of minutes on two cores. It does not depend on a stopwatch.
_FLOPS = 6e9
_SMALLEST, _LARGEST = 256, 1000


class NotFiniteError(ArithmeticError):
    """Embeddings or losses are NaN or Inf at ``step``: the weights have diverged."""

    def __init__(self, message: str, step: int):
        super().__init__(message)
        self.step = step


@dataclass(frozen=True)
class CheckResult:
    """Numbers of one check. h, z: float32 (n, d) embeddings of the fixed sample.

    z_metrics also hold ``alignment``, ``lidar`` and ``lidar_ratio`` of augmented views, where the
    task has a projection; notes name those that cannot be measured. knn: share of samples whose
    neighbours in h share their label, in [0, 1] (``evaluation.knn.agreement``).
    """

    step: int
    h: npt.NDArray[np.float32]
    z: npt.NDArray[np.float32] | None
    h_metrics: dict[str, float]
    z_metrics: dict[str, float] | None
    knn: float | None
    notes: tuple[str, ...] = ()

    def scalars(self) -> dict[str, float]:
        """The check as metrics of the run: ``check.h.rankme`` and so on."""
        out = {f"check.h.{name}": value for name, value in self.h_metrics.items()}
        if self.z_metrics is not None:
            out |= {f"check.z.{name}": value for name, value in self.z_metrics.items()}
        if self.knn is not None:
            out["check.knn"] = self.knn
        return out


class Checker:
    """Embeds one fixed sample of the validation split, un-augmented, in eval mode; and for tasks
    with a projection, augmented views of a part of it.

    flops_a_sample: operations of a forward pass; they decide how large the sample is. neighbours:
    k of the kNN accuracy.
    """

    def __init__(
        self,
        task: Task,
        data: Dataset,
        augment: Augmenter,
        placement: Placement,
        flops_a_sample: float,
        neighbours: int = knn.NEIGHBOURS,
    ):
        self._task = task
        self._placement = placement
        self._neighbours = neighbours
        self.split: SplitName = check_sample.split_of(data.info)
        self._samples = SplitData(data, self.split, placement.device)
        size = int(np.clip(_FLOPS / max(1.0, flops_a_sample), _SMALLEST, _LARGEST))
        self.positions = check_sample.positions(data.info, size)
        first = data.rows(self.split).start
        self._order, self._at_once = encoding_order(data, self.positions + first)
        self.views: ViewSample | None = None
        # A task that learns from labels cannot make its views of the check sample, which has none.
        if task.joint_embedding and not task.needs.labels:
            seed = check_sample.seed_of(data.info)
            self.views = ViewSample(task, self._samples, augment, placement, self.positions, seed)
        label = data.info.label
        self._labels: npt.NDArray[np.int64] | None = None
        if label is not None:
            self._labels = data.target(label.name)[data.rows(self.split)][self.positions]

    @torch.no_grad()
    def check(self, module: nn.Module, step: int) -> CheckResult:
        """Embed and measure. The module's mode is restored afterwards.

        Raises NotFiniteError if an embedding is NaN or Inf, and MemoryFullError.
        """
        was_training = module.training
        module.eval()
        hs, zs = [], []
        for batch in self._samples.in_order(self._at_once, self.positions[self._order]):
            with encoding(batch.size), self._placement.autocast():
                h = module.encoder(inputs(batch, self._placement))  # type: ignore[operator]
                z = self._task.project(module, h)
            hs.append(h.float().cpu().numpy())
            if z is not None:
                zs.append(z.float().cpu().numpy())
        views = self.views.embed(module) if zs and self.views is not None else None
        module.train(was_training)
        back = np.argsort(self._order)
        h_all = np.concatenate(hs)[back]
        z_all = np.concatenate(zs)[back] if zs else None
        embeddings = (array for array in (h_all, z_all, views) if array is not None)
        if not all(np.isfinite(array).all() for array in embeddings):
            raise NotFiniteError("the embeddings became NaN or Inf", step)
        z_metrics = None if z_all is None else summarise(z_all)
        notes: tuple[str, ...] = ()
        if z_metrics is not None and views is not None:
            z_metrics |= summarise_views(views)
            notes = _without_lidar(views.shape) if "lidar" not in z_metrics else ()
        return CheckResult(
            step=step,
            h=h_all,
            z=z_all,
            h_metrics=summarise(h_all),
            z_metrics=z_metrics,
            knn=self._agreement(h_all),
            notes=notes,
        )

    def _agreement(self, h: npt.NDArray[np.float32]) -> float | None:
        """Accuracy of neighbours within the sample; None without labels of two classes."""
        if self._labels is None:
            return None
        return knn.agreement(h, self._labels, self._neighbours)


def _without_lidar(shape: tuple[int, ...]) -> tuple[str, ...]:
    n, q, d = shape
    return (
        f"LiDAR is not measured: {q} views of each of {n} samples are too few for projections of "
        f"{d} dimensions.",
    )


def store(result: CheckResult, path: Path) -> None:
    """Write the embeddings of a check to ``path``: float16 ``h``, and ``z`` if there is one."""
    arrays: dict[str, npt.NDArray[np.float16]] = {"h": result.h.astype(np.float16)}
    if result.z is not None:
        arrays["z"] = result.z.astype(np.float16)
    save_file(arrays, str(path))
