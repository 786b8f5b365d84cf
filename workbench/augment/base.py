"""What an augmentation is: options, and a batched operation in which each sample has its own draw.

Three kinds, so that a policy can fold neighbours into one pass (see ``workbench.augment.policy``):
``GeometryAugmentation`` gives one affine map a sample, ``ColourAugmentation`` one 3 x 4 colour
matrix a sample, and a plain ``Augmentation`` maps the batch itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.declared import Declared, Kind

if TYPE_CHECKING:
    import torch

    from workbench.data.dataset import DataInfo, Dataset


@dataclass(frozen=True)
class Augmentation(Declared):
    """Base of all augmentations. Subclasses are frozen dataclasses of options.

    Families: geometry, colour, noise, masks, medical, surface, text.
    domains: what kind of pictures it makes sense for, in words, shown beside it.
    """

    declares: ClassVar[Kind] = "augmentation"
    domains: ClassVar[str] = ""

    def warning(self, info: DataInfo) -> str | None:
        """Why this augmentation does not suit the data, or None."""
        return None

    def prepare(self, data: Dataset) -> Augmentation:
        """This augmentation with what it has to know of the data besides its description.

        Called once by a policy that is given the data, before the first ``apply`` (synonyms are
        found in the training texts). Raises RequestError if the data cannot give it.
        """
        return self

    def notes(self) -> tuple[str, ...]:
        """What was decided for the user in ``prepare``, one plain sentence each."""
        return ()

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """The augmented batch, of the same shape, dtype and range.

        Images: x is float (B, C, H, W) in [0, 1]. Texts: x is int64 (B, L) of token ids padded
        with PAD at the end; the result may be narrower but never wider.
        Every sample has its own draw from ``rng`` (a generator on x's device).
        """
        raise NotImplementedError


@dataclass(frozen=True)
class GeometryAugmentation(Augmentation):
    """An augmentation that is one affine map of the plane a sample."""

    def matrices(self, batch: int, size: tuple[int, int], rng: torch.Generator) -> torch.Tensor:
        """float (B, 3, 3): from output to input, both in [-1, 1] with (x, y, 1) as columns.

        The convention of ``torch.nn.functional.affine_grid`` with ``align_corners=False``.
        size is (height, width) of the input in pixels.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class ColourAugmentation(Augmentation):
    """An augmentation that is one affine map of the colour space a sample."""

    def colours(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """float (B, C, C + 1): new pixel = M[:, :, :C] @ pixel + M[:, :, C], clamped to [0, 1].

        x is the batch before this map (its statistics may be used, as contrast does).
        """
        raise NotImplementedError
