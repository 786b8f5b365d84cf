"""What tasks that paint share: feature maps, pictures made from them, and how wrong they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from workbench.lazy import lazy

if TYPE_CHECKING:
    import torch
    import torch.nn.functional as F
    from torch import nn

    from workbench.data.dataset import DataInfo
    from workbench.tasks import heads
else:
    torch = lazy("torch")
    F = lazy("torch.nn.functional")
    nn = lazy("torch.nn")
    heads = lazy("workbench.tasks.heads")

# Mean size of the targets, in standard deviations of the data (their square for power 2), below
# which there is nothing to paint.
_EMPTY = 1e-2
# A channel that is constant over the training split is centred and not blown up.
_SMALLEST_STD = 1e-3


def colours(info: DataInfo) -> dict[str, torch.Tensor]:
    """Mean and standard deviation of the data's channels, float (C, 1, 1), as buffers of a task."""
    return {
        "mean": torch.tensor(info.mean).view(-1, 1, 1),
        "std": torch.tensor(info.std).clamp_min(_SMALLEST_STD).view(-1, 1, 1),
    }


def maps(encoder: Any, x: torch.Tensor) -> torch.Tensor:
    """float (B, dim, h, w): a conv net's maps, or a transformer's tokens laid out on their grid."""
    if hasattr(encoder, "maps"):
        out: torch.Tensor = encoder.maps(x)
        return out
    rows, columns = x.shape[2] // encoder.patch, x.shape[3] // encoder.patch
    tokens: torch.Tensor = encoder.tokens(x)
    return tokens.transpose(1, 2).reshape(len(x), -1, rows, columns)


def painter(
    encoder: Any, info: DataInfo, values: int, size: tuple[int, int], hidden: int, source: str
) -> nn.Module:
    height, width = info.size or size
    training = encoder.training
    with torch.no_grad():
        seen = maps(encoder.eval(), torch.zeros(1, len(info.mean or ()), height, width))
    encoder.train(training)
    rows, columns = seen.shape[2:]
    cell = -(-size[0] // rows) * -(-size[1] // columns)
    if source == "summary":
        head: nn.Module = nn.Sequential(
            nn.Linear(encoder.dim, hidden), nn.ReLU(), nn.Linear(hidden, values * size[0] * size[1])
        )
    elif source == "places":
        head = nn.Linear(encoder.dim, values * cell)
    else:
        head = nn.Sequential(
            nn.Linear(2 * encoder.dim, hidden), nn.ReLU(), nn.Linear(hidden, values * cell)
        )
    return head


def paint(
    encoder: Any, head: nn.Module, x: torch.Tensor, size: tuple[int, int], source: str
) -> torch.Tensor:
    if source == "summary":
        return head(encoder(x)).view(len(x), -1, *size)
    seen = maps(encoder, x)
    rows, columns = seen.shape[2:]
    places = seen.flatten(2).transpose(1, 2)
    if source == "both":
        places = torch.cat([places, places.mean(1, keepdim=True).expand_as(places)], dim=2)
    cell = (-(-size[0] // rows), -(-size[1] // columns))
    full = (rows * cell[0], columns * cell[1])
    painted = F.fold(head(places).transpose(1, 2), full, cell, stride=cell)
    return painted[:, :, : size[0], : size[1]]


def relative_error(
    painted: torch.Tensor,
    target: torch.Tensor,
    where: torch.Tensor | None = None,
    power: Literal[1, 2] = 2,
) -> torch.Tensor:
    """Mean error to the ``power`` over that of painting 0 (the mean colour); scalar.

    painted, target: float (B, C, H, W). where: bool (B, 1, H, W), the pixels that count; all by
    default. 1 for painting 0, 0 if all is right; no less than 0, without a bound above.
    """
    counted = torch.ones_like(target) if where is None else where.expand_as(target).to(target.dtype)
    error = ((painted - target).abs().pow(power) * counted).sum()
    size = (target.abs().pow(power) * counted).sum()
    return error / torch.maximum(size, _EMPTY * counted.sum().clamp_min(1.0))
