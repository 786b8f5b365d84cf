"""The base of all encoders: a declaration with options that builds a torch module.

The module takes what the trainer has: images as float (B, C, H, W) in [0, 1], or token ids as int64
(B, L) with PAD at the end. It normalises images itself, with mean and std of the training split as
buffers, so that an exported encoder takes plain pixels. It returns the representation h, float
(B, dim). Each kind offers more:

conv   ``maps(x) -> (B, channels, h, w)``, the feature maps before pooling; ``forward`` pools them;
       ``patch``, ``grid``, ``patchify``, ``unpatchify`` and ``tokens(x, keep, masked)`` as vit's.
vit    ``patch`` (side in pixels), ``grid`` (rows, columns), ``patchify(x) -> (B, P, patch_dim)``
       of raw pixels in [0, 1], ``unpatchify`` its inverse, and
       ``tokens(x, keep=None, masked=None) -> (B, P or K, dim)``: keep int64 (B, K) encodes only
       those patches (MAE); masked bool (B, P) replaces those patches by the mask token (SimMIM).
       Any input size that the patch divides: positions are fixed sine-cosine of the grid.
text   ``tokens(ids) -> (B, L, dim)`` for L up to ``length``; ``embedding`` (of tokens, its weight
       float (vocabulary, dim)), ``vocabulary``, ``length``; ``forward`` is the mean over real
       tokens. ``causal`` and ``dropout`` are options of the encoder and hold for both.
bag    ``embedding``, ``vocabulary``, ``length`` as text's; ``forward`` is a weighted mean, and
       there are no ``tokens``: it suits tasks that compare whole texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from workbench.declared import Declared, Kind

if TYPE_CHECKING:
    from torch import nn

    from workbench.data.dataset import DataInfo, Dataset

EncoderKind = Literal["conv", "vit", "text", "bag"]


@dataclass(frozen=True)
class Encoder(Declared):
    """Base of all encoders. Subclasses are frozen dataclasses of options.

    default_of_kind: whether a run gets it when its request names no encoder and its task prefers
    this kind. One encoder of each kind declares it: what learns visibly within minutes on two
    cores.
    """

    declares: ClassVar[Kind] = "encoder"
    kind: ClassVar[EncoderKind]
    default_of_kind: ClassVar[bool] = False

    @property
    def token_width(self) -> int | None:
        """Numbers of a token, where the encoder declares them as its option ``dim``."""
        dim = getattr(self, "dim", None)
        return dim if isinstance(dim, int) else None

    def check(self, info: DataInfo) -> None:
        """Raise RequestError, with the remedy, if this encoder cannot take the data."""

    def build(self, info: DataInfo) -> nn.Module:
        """A fresh module with attribute ``dim: int``; its weights come from torch's global seed."""
        raise NotImplementedError

    def notes(self, data: Dataset) -> tuple[str, ...]:
        """What it decides by the data, as sentences for the run's notes; as a rule nothing."""
        return ()

    def start(self, net: nn.Module, data: Dataset) -> float:
        """Change fresh weights by what the training samples tell without labels; as a rule nothing.

        net: what ``build`` gave. The same data give the same weights: nothing is drawn from torch's
        global seed. The untrained encoder that a run is compared with has started alike. Returns
        the seconds that count as training time. Where a later run reads what an earlier one has
        made, these are the seconds that it took to make.
        """
        return 0.0
