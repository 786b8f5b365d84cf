"""For tasks that paint: pictures from feature maps or from h, and their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from workbench.lazy import F, nn, torch

if TYPE_CHECKING:
    from workbench.data.dataset import DataInfo

# Largest side of a picture that is painted from one vector: finer lines do not fit into h, and the
# last layer would outweigh the encoder.
CANVAS = 32
# Mean size of the targets, in standard deviations of the data (their square for power 2), below
# which there is nothing to paint.
_EMPTY = 1e-2
# Variance of a picture of pixels in [0, 1] below which it counts as flat (std 1/1000).
_FLAT = 1e-6
# A channel that is constant over the training split is centred and not blown up.
_SMALLEST_STD = 1e-3


def colours(info: DataInfo) -> dict[str, torch.Tensor]:
    """Mean and standard deviation of the data's channels, float (C, 1, 1), as buffers of a task."""
    return {
        "mean": torch.tensor(info.mean).view(-1, 1, 1),
        "std": torch.tensor(info.std).clamp_min(_SMALLEST_STD).view(-1, 1, 1),
    }


def canvas(size: tuple[int, int]) -> tuple[int, int]:
    """(height, width) of the picture painted from h: ``size``, or a whole part of it up to 32."""
    factor = -(-max(size) // CANVAS)
    return -(-size[0] // factor), -(-size[1] // factor)


def canvas_note(info: DataInfo) -> tuple[str, ...]:
    """What to tell people where the picture is painted smaller than it is."""
    if info.size is None or canvas(info.size) == info.size:
        return ()
    height, width = canvas(info.size)
    return (
        f"The picture is painted {height} x {width} pixels small: the representation is one "
        "vector, into which finer lines do not fit.",
    )


def relative(x: torch.Tensor) -> torch.Tensor:
    """Each picture, float (B, C, H, W), minus its own mean colour and over its own contrast.

    The contrast is the root mean square over all channels; a picture of one colour becomes 0.
    """
    centred = x - x.mean(dim=(2, 3), keepdim=True)
    return centred / torch.sqrt(centred.square().mean(dim=(1, 2, 3), keepdim=True) + _FLAT)


def shrink(x: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """float (B, C, *size): means over the pixels of x, float (B, C, H, W), that fall together."""
    return x if x.shape[2:] == size else F.interpolate(x, size, mode="area")


def painter(dim: int, hidden: int, values: int, size: tuple[int, int]) -> nn.Sequential:
    """h, float (B, dim), to ``values`` numbers a pixel, float (B, values, *size), by an MLP."""
    return nn.Sequential(
        nn.Linear(dim, hidden),
        nn.ReLU(),
        nn.Linear(hidden, values * size[0] * size[1]),
        nn.Unflatten(1, (values, *size)),
    )


def maps_of(encoder: Any, x: torch.Tensor) -> torch.Tensor:
    """float (B, dim, h, w): a conv net's maps, or a transformer's tokens laid out on their grid."""
    if hasattr(encoder, "maps"):
        out: torch.Tensor = encoder.maps(x)
        return out
    return on_grid(encoder, encoder.tokens(x), x)


def on_grid(encoder: Any, tokens: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """float (B, dim, rows, columns) of tokens, float (B, P, dim), of the images x."""
    rows, columns = x.shape[2] // encoder.patch, x.shape[3] // encoder.patch
    return tokens.transpose(1, 2).reshape(len(x), -1, rows, columns)


def linear_painter(encoder: Any, info: DataInfo) -> nn.Linear:
    """One linear layer from a place of the feature maps to all pixels of that place."""
    size, channels = info.size or (0, 0), len(info.mean or ())
    training = encoder.training
    with torch.no_grad():
        seen = maps_of(encoder.eval(), torch.zeros(1, channels, *size))
    encoder.train(training)
    height, width = _cell(size, seen)
    return nn.Linear(encoder.dim, channels * height * width)


def paint_places(layer: nn.Module, maps: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """float (B, C, H, W) as ``like``: each place of maps, float (B, dim, h, w), paints its pixels.

    Where the places do not divide the picture, the last ones reach over its edge and are cut off.
    """
    size = (like.shape[2], like.shape[3])
    cell = _cell(size, maps)
    whole = (maps.shape[2] * cell[0], maps.shape[3] * cell[1])
    places = layer(maps.flatten(2).transpose(1, 2)).transpose(1, 2)
    return F.fold(places, whole, cell, stride=cell)[:, :, : size[0], : size[1]]


def spread(patches: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """bool (B, 1, H, W): the pixels of the marked ones, bool (B, P), of P square patches of x."""
    height, width = x.shape[2:]
    side = round((height * width / patches.shape[1]) ** 0.5)
    marked = patches.view(len(x), 1, height // side, width // side)
    return marked.repeat_interleave(side, dim=2).repeat_interleave(side, dim=3)


def relative_error(
    painted: torch.Tensor,
    target: torch.Tensor,
    where: torch.Tensor | None = None,
    power: Literal[1, 2] = 2,
) -> torch.Tensor:
    """Sum of errors to the ``power`` over that of painting 0, the mean colour; a scalar.

    painted, target: float (B, C, H, W). where: bool (B, 1, H, W), the pixels that count; all by
    default. 1 for painting 0, 0 if all is right, never negative, without a bound above; 0 if no
    pixel counts.
    """
    counted = torch.ones_like(target) if where is None else where.expand_as(target).to(target.dtype)
    error = ((painted - target).abs().pow(power) * counted).sum()
    size = (target.abs().pow(power) * counted).sum()
    return error / torch.maximum(size, _EMPTY * counted.sum().clamp_min(1.0))


def _cell(size: tuple[int, int], maps: torch.Tensor) -> tuple[int, int]:
    return -(-size[0] // maps.shape[2]), -(-size[1] // maps.shape[3])
