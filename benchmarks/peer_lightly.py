"""SimCLR as lightly's own example sets it up, for ``peers.py``; it runs in lightly's environment.

    python benchmarks/peer_lightly.py ARRAYS.npz --encoder small_conv --seconds 20 [--features TO]

ARRAYS.npz: ``train`` and ``test``, uint8 (n, 32, 32, 3). lightly's transform without blur and with
half of the colour shifts, as its documentation advises for small images; its head, loss, SGD at
0.06, batch of 256, two loader workers. ResNet-18 is that of lightly's CIFAR-10 benchmark. The clock
starts with the third step. Prints one line of JSON; ``--features`` writes those of the first 10,000
images of both.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

# Without its CUDA part, torchvision does not define these, and cannot be imported.
for operator in ("nms(Tensor a, Tensor b, float c) -> Tensor", "qnms(Tensor a) -> Tensor"):
    torch.library.define(
        f"torchvision::{operator.partition('(')[0]}", operator[operator.find("(") :]
    )

from lightly.loss import NTXentLoss  # noqa: E402
from lightly.models import ResNetGenerator  # noqa: E402
from lightly.models.modules import SimCLRProjectionHead  # noqa: E402
from lightly.transforms import SimCLRTransform  # noqa: E402
from lightly.transforms.utils import IMAGENET_NORMALIZE  # noqa: E402

BATCH, WORKERS, WARM_UP, SCORED = 256, 2, 3, 10_000


class Images(Dataset):  # type: ignore[type-arg]
    """Two views of every image; images lie in memory."""

    def __init__(self, pixels: np.ndarray):
        self.pixels = pixels
        self.transform = SimCLRTransform(input_size=32, gaussian_blur=0.0, cj_strength=0.5)

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: int) -> list[torch.Tensor]:
        views: list[torch.Tensor] = self.transform(Image.fromarray(self.pixels[index]))
        return views


class Model(nn.Module):
    """An encoder and lightly's projection head."""

    def __init__(self, encoder: str):
        super().__init__()
        self.backbone, width = small_conv() if encoder == "small_conv" else resnet18()
        self.head = SimCLRProjectionHead(width, 512, 128)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z: torch.Tensor = self.head(self.backbone(x).flatten(1))
        return z


def small_conv() -> tuple[nn.Module, int]:
    """The workbench's small conv net for 32 pixels: four convolutions, each halves the side."""
    layers: list[nn.Module] = []
    for before, after in zip((3, 32, 64, 128), (32, 64, 128, 128), strict=True):
        layers += [
            nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1)), 128


def resnet18() -> tuple[nn.Module, int]:
    whole = ResNetGenerator("resnet-18")
    return nn.Sequential(*list(whole.children())[:-1], nn.AdaptiveAvgPool2d(1)), 512


def train(model: Model, pixels: np.ndarray, seconds: float) -> dict[str, float]:
    """Train for ``seconds`` after the warm-up; samples, seconds and steps."""
    loader = DataLoader(
        Images(pixels),
        batch_size=BATCH,
        shuffle=True,
        drop_last=True,
        num_workers=WORKERS,
        persistent_workers=True,
    )
    loss_of, steps, began = NTXentLoss(), 0, 0.0
    optimizer = torch.optim.SGD(model.parameters(), lr=0.06)
    while True:
        for first, second in loader:
            loss = loss_of(model(first), model(second))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            steps += 1
            if steps == WARM_UP:
                steps, began = steps, time.perf_counter()
            spent = time.perf_counter() - began
            if steps > WARM_UP and spent >= seconds:
                timed = steps - WARM_UP
                return {"samples": timed * BATCH, "seconds": spent, "steps": timed}


def features(model: Model, pixels: np.ndarray) -> np.ndarray:
    """float32 (n, d): the encoder's output."""
    mean, deviation = (torch.tensor(IMAGENET_NORMALIZE[part]) for part in ("mean", "std"))
    model.eval()
    parts = []
    with torch.no_grad():
        for block in np.array_split(pixels, max(1, len(pixels) // 500)):
            x = (torch.from_numpy(block) / 255 - mean) / deviation
            parts.append(model.backbone(x.permute(0, 3, 1, 2)).flatten(1).numpy())
    return np.concatenate(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("arrays", type=Path)
    parser.add_argument("--encoder", choices=("small_conv", "resnet18"), required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--features", type=Path)
    given = parser.parse_args()
    arrays = np.load(given.arrays)
    torch.manual_seed(0)
    model = Model(given.encoder)
    found = train(model, arrays["train"], given.seconds)
    if given.features is not None:
        np.savez(
            given.features,
            **{part: features(model, arrays[part][:SCORED]) for part in ("train", "test")},
        )
    print(json.dumps({**found, "torch": torch.__version__, "threads": torch.get_num_threads()}))


if __name__ == "__main__":
    main()
