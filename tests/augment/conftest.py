"""Small batches and the descriptions that go with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from workbench.data.dataset import CLS, PAD, SEP, SPECIAL_TOKENS, DataInfo
from workbench.tasks.base import Batch

VOCABULARY = 60
_KNOWN: dict[str, Any] = {
    "title": "Random",
    "source": "sample:random",
    "fingerprint": "0" * 16,
    "counts": {"train": 64},
}


@pytest.fixture
def image_info() -> Callable[..., DataInfo]:
    def make(side: int = 32, channels: int = 3, mean: float = 0.5, **changes: Any) -> DataInfo:
        known = {
            "name": "pictures",
            "modality": "image",
            "size": (side, side),
            "channels": channels,
            "mean": (mean,) * channels,
            "std": (0.2,) * channels,
        }
        return DataInfo(**(_KNOWN | known | changes))

    return make


@pytest.fixture
def text_info() -> DataInfo:
    return DataInfo(name="posts", modality="text", vocabulary=VOCABULARY, length=16, **_KNOWN)


@pytest.fixture
def image_batch() -> Callable[..., Batch]:
    def make(
        size: int = 4,
        channels: int = 3,
        height: int = 32,
        width: int | None = None,
        low: int = 0,
        high: int = 256,
    ) -> Batch:
        rng = torch.Generator().manual_seed(1)
        shape = (size, channels, height, width or height)
        images = torch.randint(low, high, shape, generator=rng, dtype=torch.uint8)
        return Batch(torch.arange(size), images=images)

    return make


@pytest.fixture
def tokens() -> torch.Tensor:
    """Texts of 0 to 16 words between [CLS] and [SEP], all words of a text different."""
    rng = torch.Generator().manual_seed(2)
    rows = torch.full((17, 20), PAD)
    for words, row in enumerate(rows):
        chosen = torch.randperm(VOCABULARY - len(SPECIAL_TOKENS), generator=rng)[:words]
        row[0] = CLS
        row[1 : words + 1] = chosen + len(SPECIAL_TOKENS)
        row[words + 1] = SEP
    return rows


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)
