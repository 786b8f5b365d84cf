"""Small data and the smallest encoders that keep the contract of each kind."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn

from workbench.data.dataset import PAD, SPECIAL_TOKENS, DataInfo
from workbench.tasks.base import Batch

VOCABULARY = 60


class Crop:
    """An augmenter as ``views`` gets it: each sample rolled, mirrored or not, and made noisy."""

    def __call__(self, batch: Batch, rng: torch.Generator, *, size: int | None = None) -> Any:
        x = batch.clean()
        if batch.images is None:
            return x
        mirrored = torch.rand(len(x), 1, 1, 1, generator=rng) < 0.5
        x = torch.where(mirrored, x.flip(3), x)
        return (x + 0.1 * torch.rand(x.shape, generator=rng)).clamp(0, 1)


class Plain:
    """An augmenter that changes nothing."""

    def __call__(self, batch: Batch, rng: torch.Generator, *, size: int | None = None) -> Any:
        return batch.clean()


class TinyConv(nn.Module):
    def __init__(self, info: DataInfo):
        super().__init__()
        self.dim = 16
        self.net = nn.Sequential(
            nn.Conv2d(info.channels or 1, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()
        )

    def maps(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.maps(x).mean((2, 3))


class TinyViT(nn.Module):
    def __init__(self, info: DataInfo):
        super().__init__()
        side = (info.size or (8, 8))[0]
        self.dim, self.patch, self.channels = 16, 2, info.channels or 1
        self.grid = (side // 2, side // 2)
        self.enter = nn.Linear(4 * self.channels, 16)
        self.places = nn.Parameter(0.02 * torch.randn(self.grid[0] * self.grid[1], 16))
        self.block = nn.TransformerEncoderLayer(16, 2, 32, 0.0, batch_first=True)

    def patchify(self, x: torch.Tensor) -> torch.Tensor:
        b, c, h, w = x.shape
        x = x.reshape(b, c, h // 2, 2, w // 2, 2).permute(0, 2, 4, 3, 5, 1)
        return x.reshape(b, h * w // 4, 4 * c)

    def unpatchify(self, patches: torch.Tensor) -> torch.Tensor:
        b = len(patches)
        rows, columns = self.grid
        x = patches.reshape(b, rows, columns, 2, 2, self.channels).permute(0, 5, 1, 3, 2, 4)
        return x.reshape(b, self.channels, 2 * rows, 2 * columns)

    def tokens(self, x: torch.Tensor, keep: Any = None, masked: Any = None) -> torch.Tensor:
        t = self.enter(self.patchify(x)) + self.places
        if keep is not None:
            t = t.gather(1, keep[:, :, None].expand(-1, -1, 16))
        return self.block(t)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.tokens(x).mean(1)


class TinyText(nn.Module):
    def __init__(self, info: DataInfo):
        super().__init__()
        self.dim, self.vocabulary, self.length = 16, info.vocabulary or 0, info.length or 0
        self.embedding = nn.Embedding(self.vocabulary, 16)
        nn.init.normal_(self.embedding.weight, std=1 / math.sqrt(16))
        self.block = nn.TransformerEncoderLayer(16, 2, 32, 0.0, batch_first=True)

    def tokens(self, ids: torch.Tensor, causal: bool = False) -> torch.Tensor:
        return self.block(self.embedding(ids), src_key_padding_mask=ids == PAD)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        real = (ids != PAD)[:, :, None]
        return (self.tokens(ids) * real).sum(1) / real.sum(1)


def tiny(kind: str, info: DataInfo) -> Any:
    return {"conv": TinyConv, "vit": TinyViT, "text": TinyText}[kind](info)


def image_info(side: int = 8, channels: int = 1, **changes: Any) -> DataInfo:
    known: dict[str, Any] = {
        "name": "random",
        "title": "Random images",
        "source": "sample:random",
        "fingerprint": "0" * 16,
        "modality": "image",
        "counts": {"train": 64},
        "size": (side, side),
        "channels": channels,
        "mean": (0.5,) * channels,
        "std": (0.29,) * channels,
    }
    return DataInfo(**(known | changes))


def text_info(**changes: Any) -> DataInfo:
    known: dict[str, Any] = {
        "name": "random",
        "title": "Random texts",
        "source": "sample:random",
        "fingerprint": "0" * 16,
        "modality": "text",
        "counts": {"train": 64},
        "vocabulary": VOCABULARY,
        "length": 16,
        "sentences": 1.0,
    }
    return DataInfo(**(known | changes))


def image_batch(size: int = 16, side: int = 8, channels: int = 1, seed: int = 0) -> Batch:
    rng = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (size, channels, side, side), generator=rng, dtype=torch.uint8)
    return Batch(torch.arange(size), images=images)


def text_batch(size: int = 16, length: int = 16, seed: int = 0) -> Batch:
    """Texts of 4 to ``length`` ordinary tokens; every third token id continues a word."""
    rng = torch.Generator().manual_seed(seed)
    first = len(SPECIAL_TOKENS)
    tokens = torch.randint(first, VOCABULARY, (size, length), generator=rng)
    lengths = torch.randint(4, length + 1, (size, 1), generator=rng)
    tokens = tokens.masked_fill(torch.arange(length) >= lengths, PAD)
    continues = torch.arange(VOCABULARY) % 3 == 0
    continues[:first] = False
    return Batch(torch.arange(size), tokens=tokens, continues=continues)


def sample(modality: str) -> tuple[DataInfo, Batch]:
    if modality == "image":
        return image_info(), image_batch()
    return text_info(), text_batch()


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)
