"""A policy: a list of augmentations as one function from a batch to one view of each sample.

Neighbours are folded: consecutive geometry augmentations read the pixels once, consecutive linear
colour augmentations multiply them once. Values are clamped to [0, 1] once, after the last of them
(torchvision clamps after each).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from workbench import options, registry
from workbench.augment.base import (
    Augmentation,
    ColourAugmentation,
    GeometryAugmentation,
    LinearColour,
)
from workbench.augment.crops import Crop
from workbench.augment.parts.passes import background, place, recolour, resize
from workbench.data.dataset import DataInfo, Dataset
from workbench.lazy import torch

if TYPE_CHECKING:
    from workbench.config import AugmentStep
    from workbench.tasks.base import Batch

Pass = Literal["geometry", "colour", "plain"]


class StepEffect(NamedTuple):
    """What one step of a policy does to a batch.

    name: of its augmentation. alone: the batch after this step alone. after: the batch after all
    steps up to this one. Both as a policy returns them.
    """

    name: str
    alone: torch.Tensor
    after: torch.Tensor


class Policy:
    """The augmentations of a run. Call it for one view of every sample of a batch.

    data: the samples, for augmentations that prepare themselves with them (synonyms); not needed
    for the others. Raises RequestError for a step that is not registered, an option out of range,
    or data that cannot give what an augmentation needs.
    """

    def __init__(self, steps: Sequence[AugmentStep], info: DataInfo, data: Dataset | None = None):
        self.steps = tuple(steps)
        self.info = info
        self.augmentations: tuple[Augmentation, ...] = tuple(
            options.build(
                registry.augmentation(step.name), step.options, prefix=f"--augment {step.name}."
            )
            for step in self.steps
        )
        if data is not None:
            self.augmentations = tuple(each.prepare(data) for each in self.augmentations)

    def __call__(
        self,
        batch: Batch,
        rng: torch.Generator,
        *,
        size: int | None = None,
        scale: tuple[float, float] | None = None,
    ) -> torch.Tensor:
        """float (B, C, H, W) in [0, 1] from images, int64 (B, L) from tokens.

        Every sample has its own draw from ``rng``, a generator on the batch's device.
        size: side of the view in pixels, if it differs from the data's. scale: smallest and
        largest share of the area that crops keep, in place of their own; a policy without crops
        begins with one.
        """
        augmentations = self.augmentations
        if scale is not None and batch.images is not None:
            augmentations = _with_crops(augmentations, scale)
        return self._view(augmentations, batch, rng, size)

    def effects(self, batch: Batch, rng: torch.Generator) -> list[StepEffect]:
        """What each step does, in order; ``after`` of the last one is what the policy gives.

        A step alone has the same draws as in its place; where a step before it changes the length
        of texts, the numbers of draws differ. ``rng`` is left as one call of the policy leaves it.
        """
        start = reached = rng.get_state()
        effects = []
        for count, step in enumerate(self.steps, start=1):
            rng.set_state(reached)
            alone = self._view(self.augmentations[count - 1 : count], batch, rng, None)
            rng.set_state(start)
            after = self._view(self.augmentations[:count], batch, rng, None)
            reached = rng.get_state()
            effects.append(StepEffect(step.name, alone, after))
        return effects

    def notes(self) -> list[str]:
        """What was decided while the steps were prepared, one sentence each."""
        return [note for each in self.augmentations for note in each.notes()]

    def warnings(self) -> list[str]:
        """One sentence for each step that does not suit the data."""
        reasons = ((each.name, each.warning(self.info)) for each in self.augmentations)
        return [
            f"The augmentation '{name}' does not suit '{self.info.name}': {reason}."
            for name, reason in reasons
            if reason is not None
        ]

    def _view(
        self,
        augmentations: Sequence[Augmentation],
        batch: Batch,
        rng: torch.Generator,
        size: int | None,
    ) -> torch.Tensor:
        """The batch after ``augmentations``; size: side of the view in pixels, None: the data's."""
        x = batch.clean()
        target = (size, size) if size is not None and batch.images is not None else None
        if target is not None and not any(
            isinstance(each, GeometryAugmentation) for each in augmentations
        ):
            x = resize(x, target)
        for kind, run in groupby(augmentations, key=_pass):
            if kind == "geometry":
                x = self._place(x, list(run), rng, target)
            elif kind == "colour":
                x = _recolour(x, list(run), rng)
            else:
                for each in run:
                    x = each.apply(x, rng)
        return x

    def _place(
        self,
        x: torch.Tensor,
        run: Sequence[Augmentation],
        rng: torch.Generator,
        target: tuple[int, int] | None,
    ) -> torch.Tensor:
        """x after consecutive geometry augmentations; target: (height, width) of the view."""
        size = (x.shape[2], x.shape[3])
        total = torch.eye(3, device=x.device).expand(len(x), 3, 3)
        for each in run:
            assert isinstance(each, GeometryAugmentation)
            total = total @ each.matrices(len(x), size, rng)
        return place(x, total, target or size, background(self.info))


def _with_crops(
    augmentations: Sequence[Augmentation], scale: tuple[float, float]
) -> tuple[Augmentation, ...]:
    """The same with every crop at this scale; with a crop in front if there is none."""
    if not any(isinstance(each, Crop) for each in augmentations):
        return (Crop(scale=scale), *augmentations)
    return tuple(
        dataclasses.replace(each, scale=scale) if isinstance(each, Crop) else each
        for each in augmentations
    )


def _pass(each: Augmentation) -> Pass:
    """The pass over the pixels that an augmentation belongs to."""
    if isinstance(each, GeometryAugmentation):
        return "geometry"
    return "colour" if isinstance(each, ColourAugmentation) else "plain"


def _recolour(x: torch.Tensor, run: Sequence[Augmentation], rng: torch.Generator) -> torch.Tensor:
    """x after consecutive colour augmentations. Linear ones are multiplied into one matrix; one
    that has to see the pixels ends the product before it."""
    total: torch.Tensor | None = None
    mean = x.mean(dim=(2, 3))
    for each in run:
        assert isinstance(each, ColourAugmentation)
        if isinstance(each, LinearColour):
            matrix = each.colours_of(mean, rng)
        else:
            if total is not None:
                x, total = recolour(x, total), None
                mean = x.mean(dim=(2, 3))
            matrix = each.colours(x, rng)
        mean = _through(matrix, mean[:, :, None])[:, :, 0]
        total = matrix if total is None else _after(matrix, total)
    return x if total is None else recolour(x, total)


def _through(matrix: torch.Tensor, colours: torch.Tensor) -> torch.Tensor:
    """float (B, C, N): colours, float (B, C, N), mapped by a matrix, float (B, C, C + 1)."""
    return torch.baddbmm(matrix[:, :, -1:], matrix[:, :, :-1], colours)


def _after(second: torch.Tensor, first: torch.Tensor) -> torch.Tensor:
    """float (B, C, C + 1): the matrix of applying ``first`` and then ``second``."""
    linear, offset = second[:, :, :-1] @ first, second[:, :, -1:]
    return torch.cat([linear[:, :, :-1], linear[:, :, -1:] + offset], dim=2)
