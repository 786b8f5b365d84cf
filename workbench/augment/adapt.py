"""How a step of a published recipe is adapted to the size and the channels of the images."""

from __future__ import annotations

import math

from workbench import registry
from workbench.augment.geometry import SMALLEST_CROP
from workbench.config import AugmentStep
from workbench.options import build, values_of

# Up to this side an image has no detail to blur away (SimCLR's CIFAR recipe has no blur).
SMALL_SIDE = 32
# The side that published recipes give blur widths for.
RECIPE_SIDE = 224
# The strongest colour shifts of recipes for small images (SimCLR's for CIFAR, appendix B.9).
_SMALL_JITTER = {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1}


def adapt(step: AugmentStep, side: int, channels: int | None) -> AugmentStep | None:
    """The step as it suits images of ``side`` pixels; None where it is left out.

    Gray images: no colour operations; two channels: no change of hue. Images of at most 32 pixels:
    no blur, and colour shifts no stronger than in CIFAR recipes; gray ones are taken for characters
    and never mirrored. Blur is scaled to the side. No crop falls below 5 pixels a side.
    """
    gray, small = channels == 1, side <= SMALL_SIDE
    dropped = (
        (gray and step.name in ("grayscale", "channel_drop"))
        or (small and step.name == "gaussian_blur")
        or (gray and small and step.name == "horizontal_flip")
    )
    if dropped:
        return None
    given = values_of(build(registry.augmentation(step.name), step.options))
    if step.name == "random_resized_crop":
        low, high = given["scale"]
        least = math.ceil(100 * (SMALLEST_CROP / side) ** 2) / 100
        return AugmentStep(step.name, {**given, "scale": [max(low, min(high, least)), high]})
    if step.name == "gaussian_blur":
        low, high = given["sigma"]
        high = max(low, round(high * min(1.0, side / RECIPE_SIDE), 2))
        return AugmentStep(step.name, {**given, "sigma": [low, high]})
    if step.name == "color_jitter":
        if small:
            given |= {name: min(given[name], most) for name, most in _SMALL_JITTER.items()}
        if gray:
            kept = {name: given[name] for name in ("brightness", "contrast", "p")}
            return AugmentStep("brightness_contrast", kept)
        if channels == 2:
            given["hue"] = 0.0
        return AugmentStep(step.name, given)
    return step
