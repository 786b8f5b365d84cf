"""How convolutional nets may start: from the statistics of image patches, and from identities.

Both cost nothing in training. After K. Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU",
arXiv 2404.00498, sections 3.1 and 3.2; there the whitening layer is frozen, here it trains on.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from workbench.data.dataset import Dataset
from workbench.encoders.nets.conv import Conv2d, ConvNet

_IMAGES, _PATCHES_AN_IMAGE = 2_000, 30
# Added to the variance along a direction: directions that are almost empty are not blown up.
_SMALLEST_VARIANCE = 5e-4


@torch.no_grad()
def whiten_first_layer(net: ConvNet, data: Dataset) -> None:
    """Make the first layer's filters the principal directions of training patches, each divided by
    its standard deviation, and of both signs. Filters beyond twice the directions stay random."""
    layer = _layers(net)[0]
    patches = _patches(net, data, layer)
    patches = patches - patches.mean(dim=0)
    variances, directions = torch.linalg.eigh(patches.T @ patches / len(patches))
    filters = (directions / (variances + _SMALLEST_VARIANCE).sqrt()).T.flip(0)
    half = min(len(filters), layer.weight.shape[0] // 2)
    shape = (half, *layer.weight.shape[1:])
    layer.weight[:half] = filters[:half].reshape(shape)
    layer.weight[half : 2 * half] = -filters[:half].reshape(shape)


@torch.no_grad()
def identities(net: ConvNet) -> None:
    """Let the first outputs of every later 3 x 3 convolution be its inputs; the others stay."""
    for layer in _layers(net)[1:]:
        if layer.kernel_size == (3, 3):
            taken = min(layer.weight.shape[:2])
            nn.init.dirac_(layer.weight[:taken])


def _layers(net: ConvNet) -> list[Conv2d]:
    return [part for part in net.modules() if isinstance(part, Conv2d)]


def _patches(net: ConvNet, data: Dataset, layer: Conv2d) -> torch.Tensor:
    """float (n, channels * height * width): normalised patches as the layer's filters see them."""
    rows = data.rows("train")
    rng = np.random.default_rng(0)
    chosen = rng.permutation(rows.stop - rows.start)[:_IMAGES] + rows.start
    images = torch.from_numpy(np.ascontiguousarray(data.images[np.sort(chosen)]))
    x = net.normalise(images / 255)
    every = F.unfold(x, layer.kernel_size, stride=layer.stride).transpose(1, 2)
    places = rng.integers(0, every.shape[1], (len(every), _PATCHES_AN_IMAGE))
    index = torch.from_numpy(places)[:, :, None].expand(-1, -1, every.shape[2])
    return every.gather(1, index).flatten(0, 1)
