"""Multi-crop: a few large views of each image, and more small ones that cost little.

M. Caron et al., "Unsupervised Learning of Visual Features by Contrasting Cluster Assignments",
arXiv 2006.09882, section 3.2. Large views are what the run's augmentations make. Small ones keep a
small share of the area and are drawn at about half the side, so that one costs a quarter.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from workbench.augment.suitability import SMALLEST_CROP
from workbench.lazy import torch
from workbench.tasks.parts.numerics import at_least
from workbench.tasks.parts.pairs import several_views
from workbench.tasks.parts.render import image_panel, original_panel
from workbench.tasks.records import Augmenter, Batch, Illustration, IllustrationData, Views

if TYPE_CHECKING:
    from workbench.data.dataset import DataInfo

# Share of the area that small crops keep (DINO, arXiv 2104.14294, the authors' code).
SMALL_SCALE = (0.05, 0.4)
# Pixels a side below which convolutions have nothing left to slide over.
_SMALLEST_SIDE = 4


def small_side(side: int, patch: int) -> int:
    """Side in pixels of the small views of images of ``side`` pixels.

    The largest multiple of ``patch`` up to half of it (ImageNet recipes: 96 of 224), and never
    below 4 pixels or one patch.
    """
    return patch * max(side // 2 // patch, -(-_SMALLEST_SIDE // patch))


def fitting_scale(scale: tuple[float, float], side: int) -> tuple[float, float]:
    """``scale`` for images of ``side`` pixels, raised so that no crop falls below 5 pixels."""
    least = min(1.0, (SMALLEST_CROP / side) ** 2)
    return max(scale[0], least), max(scale[1], least)


def small_crop_notes(info: DataInfo, count: int) -> tuple[str, ...]:
    """A sentence where ``count`` small crops keep more than usual because the images are small."""
    if not count or info.size is None:
        return ()
    low, high = fitting_scale(SMALL_SCALE, min(info.size))
    if (low, high) == SMALL_SCALE:
        return ()
    return (
        f"Small crops keep {low:.0%} to {high:.0%} of the area instead of {SMALL_SCALE[0]:.0%} to "
        f"{SMALL_SCALE[1]:.0%}, so that none shows fewer than {SMALLEST_CROP:.0f} pixels a side.",
    )


def multi_crop(
    module: Any,
    batch: Batch,
    augment: Augmenter,
    rng: torch.Generator,
    *,
    large: int = 2,
    small: int = 0,
) -> Views:
    """``large`` views as the augmentations make them, then ``small`` ones, all drawn anew.

    Small views: float (B, C, s, s) with s of ``small_side``, crops that keep ``SMALL_SCALE`` of the
    area, or more of small images.
    """
    views = several_views(batch, augment, rng, large)
    side = min(views[0].shape[2:])
    size, share = small_side(side, module.encoder.patch), fitting_scale(SMALL_SCALE, side)
    return Views(views + several_views(batch, augment, rng, small, size=size, scale=share))


def project_crops(module: Any, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
    """float32 (V, B, out): the projections of V views of any sizes.

    Views of one size go through the encoder together, all go through the head together, so that
    its batch norm sees one distribution. Raises RequestError for fewer than two samples.
    """
    at_least(inputs[0].shape[0], 2, "the task compares views of different samples")
    runs = (list(run) for _, run in groupby(inputs, key=lambda x: x.shape[2:]))
    h = torch.cat([module.encoder(torch.cat(run)) for run in runs])
    z: torch.Tensor = module.projector(h).float()
    return z.view(len(inputs), -1, z.shape[1])


def swapped_cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of what view v says with the target of another view i of the same image.

    logits: float (V, B, K). targets: float (I, B, K), distributions (rows sum to 1) for the first I
    views. All pairs of i and v != i count alike: equations 1 and 2 of SwAV (2006.09882), equation 3
    of DINO (2104.14294). log(K) if the logits are constant; at least the mean entropy of the
    targets.
    """
    log_p = logits.log_softmax(dim=2)
    pairs = [(i, v) for i in range(len(targets)) for v in range(len(logits)) if i != v]
    terms = [-(targets[i] * log_p[v]).sum(dim=1).mean() for i, v in pairs]
    return torch.stack(terms).mean()


def illustrate_crops(
    views: Views, batch: Batch, data: IllustrationData, question: str, *, what: str = "view"
) -> Illustration:
    """Original, then every view; large ones first, as they lie in ``views.inputs``."""
    largest = max(x.shape[2] for x in views.inputs)
    several = len({x.shape[2] for x in views.inputs}) > 1
    captions = [
        f"{'' if not several else 'large ' if x.shape[2] == largest else 'small '}{what} {number}"
        for number, x in enumerate(views.inputs, start=1)
    ]
    return Illustration(
        question,
        tuple(
            (
                original_panel(batch, row, data),
                *(
                    image_panel(x[row], caption, "sees")
                    for x, caption in zip(views.inputs, captions, strict=True)
                ),
            )
            for row in range(batch.size)
        ),
    )
