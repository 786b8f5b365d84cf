"""The base of all augmentations: options, and an operation on a batch that draws for each sample.

There are three kinds, so that a policy can fold neighbours into one pass (see
``workbench.augment.policy``). A ``GeometryAugmentation`` gives one affine map of the plane for
each sample, a ``ColourAugmentation`` one affine map of the colour space. A plain ``Augmentation``
changes the batch itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.declared import Declared, Kind, Modality

if TYPE_CHECKING:
    import torch

    from workbench.data.dataset import DataInfo, Dataset


@dataclass(frozen=True)
class Augmentation(Declared):
    """Base of all augmentations. Subclasses are frozen dataclasses of options.

    Families: geometry, colour, noise, masks, medical, surface, text.
    domains: the kind of data it makes sense for, in words, shown beside it.
    invariance_rank: its place in the list of augmentations that every run is tried for invariance
    to, low numbers first. None: only runs that train with it are tried.
    """

    declares: ClassVar[Kind] = "augmentation"
    domains: ClassVar[str] = ""
    invariance_rank: ClassVar[int | None] = None

    def warning(self, info: DataInfo) -> str | None:
        """Why this augmentation does not suit the data, or None."""
        return None

    def adapted(self, info: DataInfo) -> Augmentation | None:
        """This augmentation as it suits the data; None where it is better left out.

        A preset calls it for each of its steps, so that a published recipe suits tiny images, gray
        images and data in which something small decides. It may give another augmentation. A step
        that the user names is taken as it is.
        """
        return self

    @classmethod
    def invariance_trials(cls, info: DataInfo) -> tuple[Augmentation, ...]:
        """The settings in which every run on such data is tried for invariance to it.

        With an ``invariance_rank``: its default options. Without one: no setting.
        """
        return () if cls.invariance_rank is None else (cls(),)

    def prepare(self, data: Dataset) -> Augmentation:
        """This augmentation with what it has to know of the samples, such as a table of synonyms.

        A policy that is given the data calls it once, before the first ``apply``. Raises
        RequestError if the data cannot give what is needed.
        """
        return self

    def notes(self) -> tuple[str, ...]:
        """What ``prepare`` decided for the user, one plain sentence each."""
        return ()

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """The augmented batch, of the same shape, dtype and range.

        Images: x is float (B, C, H, W) in [0, 1]. Texts: x is int64 (B, L) of token ids with PAD at
        the end; the result may be narrower but never wider. x itself stays as it is.
        Every sample has its own draw from ``rng``, a generator on x's device.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class GeometryAugmentation(Augmentation):
    """An augmentation that is one affine map of the plane for each sample."""

    family: ClassVar[str] = "geometry"
    modalities: ClassVar[tuple[Modality, ...]] = ("image",)

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        """float (B, 3, 3): from view to image, both in [-1, 1], for columns (x, y, 1).

        The convention of ``torch.nn.functional.affine_grid`` with ``align_corners=False``.
        size: (height, width) of the image in pixels.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class ColourAugmentation(Augmentation):
    """An augmentation that is one affine map of the colour space for each sample."""

    family: ClassVar[str] = "colour"
    modalities: ClassVar[tuple[Modality, ...]] = ("image",)

    def colours(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """float (B, C, C + 1): new pixel = M[:, :, :C] @ pixel + M[:, :, C], clamped to [0, 1].

        x: float (B, C, H, W), the batch before this map. Its statistics may be used, as contrast
        uses the mean.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class LinearColour(ColourAugmentation):
    """A colour map that needs to know nothing of an image but its mean colour.

    Neighbours of this kind fold into one matrix exactly: the mean colour after the first is known
    without looking at the pixels.
    """

    def colours_of(self, mean: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """float (B, C, C + 1) as ``colours``; mean: float (B, C), the mean colour of each image."""
        raise NotImplementedError

    def colours(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return self.colours_of(x.mean(dim=(2, 3)), rng)
