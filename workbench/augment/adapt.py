"""How a step of a published recipe is adapted to the data."""

from __future__ import annotations

import math

from workbench import registry
from workbench.augment.geometry import SMALLEST_CROP
from workbench.augment.medical import MedicalAugmentation
from workbench.augment.suitability import LEAST_AREA, SMALL_SIDE, easily_cut_off, small_gray
from workbench.config import AugmentStep
from workbench.data.dataset import DataInfo
from workbench.options import build, values_of

# The side that published recipes give blur widths for.
RECIPE_SIDE = 224
# The strongest colour shifts of recipes for small images (SimCLR's for CIFAR, appendix B.9).
_SMALL_JITTER = {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1}


def adapt(step: AugmentStep, info: DataInfo) -> AugmentStep | None:
    """The step as it suits the data; None where it is left out.

    Gray images: no colour operations; two channels: no change of hue; colour images: nothing that
    belongs to a scanner of gray ones. Images of at most 32 pixels: no blur, and colour shifts no
    stronger than in CIFAR recipes; gray ones are taken for characters and never mirrored left to
    right. Where training is normals only: no change of colour and no blur, which may look like or
    wipe out a defect. Blur is scaled to the side. No crop falls below 5 pixels a side, nor, in
    gray images of more than 32 pixels and normals only, below 30 % of the area. Images that are
    not square are mirrored in place of quarter turns.
    """
    side = min(info.size or (RECIPE_SIDE,))
    small, plain = side <= SMALL_SIDE, info.channels == 1 or info.normal is not None
    cls = registry.augmentation(step.name)
    given = values_of(build(cls, step.options))
    if step.name == "right_angles" and info.size is not None and info.size[0] != info.size[1]:
        return adapt(AugmentStep("horizontal_flip"), info)
    dropped = (
        (plain and step.name in ("grayscale", "channel_drop"))
        or (step.name == "gaussian_blur" and (small or info.normal is not None))
        or (step.name == "horizontal_flip" and small_gray(info))
        or (issubclass(cls, MedicalAugmentation) and cls.scanner and info.channels == 3)
    )
    if dropped:
        return None
    if step.name == "random_resized_crop":
        return AugmentStep(step.name, {**given, "scale": _area(given["scale"], side, info)})
    if step.name == "gaussian_blur":
        low, high = given["sigma"]
        high = max(low, round(high * min(1.0, side / RECIPE_SIDE), 2))
        return AugmentStep(step.name, {**given, "sigma": [low, high]})
    if step.name == "color_jitter":
        if small:
            given |= {name: min(given[name], most) for name, most in _SMALL_JITTER.items()}
        if plain:
            kept = {name: given[name] for name in ("brightness", "contrast", "p")}
            return AugmentStep("brightness_contrast", kept)
        if info.channels == 2:
            given["hue"] = 0.0
        return AugmentStep(step.name, given)
    return step


def _area(scale: list[float], side: int, info: DataInfo) -> list[float]:
    """Smallest and largest area of a crop, the smallest no less than suits the data."""
    low, high = scale
    least = math.ceil(100 * (SMALLEST_CROP / side) ** 2) / 100
    if easily_cut_off(info) is not None:
        least = max(least, LEAST_AREA)
    return [max(low, min(high, least)), high]
