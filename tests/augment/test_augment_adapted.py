"""What an augmentation of a preset becomes for which data."""

from __future__ import annotations

import pytest

from workbench import registry
from workbench.augment import presets
from workbench.config import AugmentStep

TINY, SCANS = {"side": 8}, {"side": 64, "channels": 1}
CHARACTERS = {"side": 28, "channels": 1}
NORMALS = {"side": 64, "normal": "good"}
OBLONG = {"size": (48, 96)}
STRONG = {"brightness": 0.8, "contrast": 0.8, "saturation": 0.8, "hue": 0.2}


@pytest.mark.parametrize(
    ("name", "options", "data", "expected"),
    [
        ("random_resized_crop", {}, TINY, {"scale": [0.4, 1.0]}),
        ("random_resized_crop", {}, SCANS, {"scale": [0.3, 1.0]}),
        ("random_resized_crop", {}, NORMALS, {"scale": [0.3, 1.0]}),
        ("random_resized_crop", {"scale": [0.1, 0.25]}, SCANS, {"scale": [0.25, 0.25]}),
        ("horizontal_flip", {}, CHARACTERS, None),
        ("right_angles", {}, OBLONG, AugmentStep("horizontal_flip")),
        ("right_angles", {}, {"size": (20, 30), "channels": 1}, None),
        ("color_jitter", STRONG, {"side": 32}, {}),
        (
            "color_jitter",
            STRONG,
            SCANS,
            AugmentStep("brightness_contrast", {"brightness": 0.8, "contrast": 0.8}),
        ),
        ("color_jitter", STRONG, NORMALS | {"side": 32}, AugmentStep("brightness_contrast")),
        ("color_jitter", {}, {"side": 64, "channels": 2}, {"hue": 0.0}),
        ("grayscale", {}, SCANS, None),
        ("grayscale", {}, NORMALS, None),
        ("channel_drop", {}, SCANS, None),
        ("gaussian_blur", {}, {"side": 32}, None),
        ("gaussian_blur", {}, NORMALS, None),
        ("gaussian_blur", {"sigma": [0.1, 2.0]}, {"side": 112}, {}),
        ("gaussian_blur", {"sigma": [0.5, 1.0]}, {"side": 64}, {"sigma": [0.5, 0.5]}),
        ("bias_field", {}, {"channels": 3}, None),
        ("kspace_spike", {}, {"channels": 3}, None),
        ("intensity_window", {}, {"channels": 3}, None),
    ],
)
def test_a_step_is_adapted_to_the_data(name, options, data, expected, image_info):
    """expected: another step, options of the same one that differ from its defaults, or None."""
    if isinstance(expected, dict):
        expected = AugmentStep(name, expected)
    assert presets.adapted(AugmentStep(name, options), image_info(**data)) == expected


IMAGE = [name for name, cls in registry.augmentations().items() if "image" in cls.modalities]


@pytest.mark.parametrize("name", IMAGE)
def test_large_colour_images_get_what_is_published(name, image_info):
    step = AugmentStep(name)
    scanner = getattr(registry.augmentation(name), "scanner", "")
    assert presets.adapted(step, image_info(224)) == (None if scanner else step)
