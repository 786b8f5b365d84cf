"""What writing the samples of a data set finds out about them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SampleFacts:
    """The fields of ``DataInfo`` that come from the samples (see there), and notes.

    size, channels, mean, std, fit, shown: of images. vocabulary, length, sentences: of texts. None
    for the other kind of data.
    """

    size: tuple[int, int] | None = None
    channels: int | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    vocabulary: int | None = None
    length: int | None = None
    sentences: float | None = None
    fit: str | None = None
    shown: float | None = None
    notes: tuple[str, ...] = ()
