"""What the engine's answers are on the asking side. Needs nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import RequestError


@dataclass(frozen=True)
class Job:
    """A long request: ``state`` is running, done or failed; share in [0, 1] of ``text``."""

    id: str
    state: str
    text: str
    share: float
    fingerprint: str | None = None
    error: Mapping[str, Any] | None = None

    def raise_error(self) -> None:
        """Raise the RequestError that a failed job ended with."""
        if self.error is not None:
            raise RequestError(**self.error)


@dataclass(frozen=True)
class Preview:
    """originals and each of ``views``: uint8 (n, H, W, C), or texts as lists of tokens.

    steps: names of the augmentations, in order. alone: each alone on the originals. after: the
    view after each of them; all with the draws of the first of ``views``. warnings: which
    augmentations do not suit the data, and why. notes: what was decided while they were prepared.
    """

    originals: Any
    views: tuple[Any, ...]
    steps: tuple[str, ...]
    alone: tuple[Any, ...]
    after: tuple[Any, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Cost:
    """Milliseconds a view of each step alone and of all together, in a batch of ``batch``."""

    each: tuple[float, ...]
    whole: float
    batch: int


@dataclass(frozen=True)
class NewSamples:
    """h: float32 (m, dim) of the samples at positions ``kept`` int64 (m,) among those given.
    notes: one for each given: why it was not read, or what was done to it, or "". pixels: uint8
    (m, C, H, W) as the encoder got them, and originals: one for each given, with size and
    ``picture``; or pieces: tokens of each text, in letters."""

    h: npt.NDArray[np.float32]
    kept: npt.NDArray[np.int64]
    notes: tuple[str, ...]
    pixels: npt.NDArray[np.uint8] | None = None
    originals: tuple[Mapping[str, Any], ...] = ()
    pieces: tuple[tuple[str, ...], ...] = ()
