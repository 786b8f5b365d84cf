"""Descriptions of data, as encoders are built for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from workbench.data.dataset import DataInfo

_KNOWN: dict[str, Any] = {
    "name": "random",
    "title": "Random",
    "source": "sample:random",
    "fingerprint": "0" * 16,
    "counts": {"train": 64},
}


@pytest.fixture
def image_info() -> Callable[..., DataInfo]:
    def make(height: int = 28, channels: int = 1, width: int | None = None) -> DataInfo:
        return DataInfo(
            modality="image",
            size=(height, width or height),
            channels=channels,
            mean=(0.4,) * channels,
            std=(0.25,) * channels,
            **_KNOWN,
        )

    return make


@pytest.fixture
def text_info() -> DataInfo:
    return DataInfo(modality="text", vocabulary=60, length=16, **_KNOWN)


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)
