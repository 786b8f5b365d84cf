"""What an encoder is: a declaration with options that builds a torch module.

The module takes what the trainer has: images as float (B, C, H, W) in [0, 1] (it normalises them
itself, with the training split's mean and std as buffers, so that an exported encoder takes plain
pixels), or token ids as int64 (B, L) padded with PAD. It returns the representation h, float
(B, dim). By kind it offers more:

conv   ``maps(x) -> (B, channels, h, w)``, the feature maps before pooling; ``forward`` pools them;
       ``patch``, ``grid``, ``patchify``, ``unpatchify`` and ``tokens(x, keep)`` as vit's below.
vit    ``patch`` (side in pixels), ``grid`` (rows, columns), ``patchify(x) -> (B, P, patch_dim)``
       of raw pixels in [0, 1], ``unpatchify`` its inverse, and
       ``tokens(x, keep=None, masked=None) -> (B, P or K, dim)``: keep int64 (B, K) encodes only
       those patches (MAE); masked bool (B, P) replaces those patches by the mask token (SimMIM).
       Any input size that the patch divides: positions are fixed sine-cosine of the grid.
text   ``tokens(ids) -> (B, L, dim)`` for L up to ``length``; ``embedding`` (of tokens, its weight
       float (vocabulary, dim)), ``vocabulary``, ``length``; ``forward`` is the mean over real
       tokens. ``causal`` and ``dropout`` are options of the encoder and hold for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from workbench.declared import Declared, Kind

if TYPE_CHECKING:
    from torch import nn

    from workbench.data.dataset import DataInfo

EncoderKind = Literal["conv", "vit", "text"]


@dataclass(frozen=True)
class Encoder(Declared):
    """Base of all encoders. Subclasses are frozen dataclasses of options."""

    declares: ClassVar[Kind] = "encoder"
    kind: ClassVar[EncoderKind]

    def check(self, info: DataInfo) -> None:
        """Raise RequestError, with the remedy, if this encoder cannot take the data."""

    def build(self, info: DataInfo) -> nn.Module:
        """A fresh module with attribute ``dim: int``; its weights come from torch's global seed."""
        raise NotImplementedError
