"""What does not suit the data says so and why; what suits it says nothing."""

from __future__ import annotations

import pytest

from workbench import options, registry
from workbench.augment import presets
from workbench.augment.policy import Policy
from workbench.config import AugmentStep
from workbench.data.dataset import DataInfo, Target

DIGITS = (Target("label", tuple("0123456789")),)
CLOTHES = (Target("label", ("bag", "coat", "shirt")),)
SCANS = {"side": 64, "channels": 1}
SURFACES = {"side": 64, "channels": 3, "normal": "good"}
SMALL = {"side": 28, "channels": 1}


def warning(name: str, info: DataInfo, **values: object) -> str | None:
    return options.build(registry.augmentation(name), values).warning(info)


@pytest.mark.parametrize(
    ("name", "values", "data", "reason"),
    [
        ("random_resized_crop", {"scale": (0.1, 1.0)}, SCANS, "small lesion or defect"),
        ("random_resized_crop", {"scale": (0.2, 1.0)}, SURFACES, "cut off the defect sought"),
        ("random_resized_crop", {"scale": (0.01, 1.0)}, SMALL, "little is left to recognise"),
        ("horizontal_flip", {}, SMALL, "taken for characters"),
        ("horizontal_flip", {}, SMALL | {"targets": DIGITS}, "taken for characters"),
        ("vertical_flip", {}, SMALL | {"targets": DIGITS}, "6 becomes 9"),
        ("right_angles", {}, SMALL | {"targets": DIGITS}, "6 becomes 9"),
        ("rotation", {"degrees": 90}, SMALL | {"targets": DIGITS}, "6 becomes 9"),
        ("affine", {"degrees": 90}, SMALL | {"targets": DIGITS}, "6 becomes 9"),
        ("right_angles", {}, {"size": (20, 30)}, "not square"),
        ("color_jitter", {}, SCANS, "gray"),
        ("color_jitter", {}, SURFACES, "a change of colour looks like a discolouration"),
        ("grayscale", {}, SCANS, "gray already"),
        ("grayscale", {}, SURFACES, "'good' samples only"),
        ("channel_drop", {}, SURFACES, "discolouration"),
        ("gaussian_blur", {"sigma": (0.1, 2.0)}, SURFACES, "as fine as a scratch"),
        ("gaussian_blur", {"sigma": (0.1, 9.0)}, SCANS, "leaves little"),
        ("salt_pepper", {}, SURFACES, "a dot looks like a defect"),
        ("random_erasing", {}, SURFACES, "learns to overlook it"),
        ("cutout", {}, SURFACES, "a hole or a stain"),
        ("patch_drop", {}, SURFACES, "a hole or a stain"),
        ("patch_drop", {"grid": 32}, {"side": 8}, "finer than images of 8 pixels"),
        ("bias_field", {}, {"channels": 3}, "MRI, whose pictures are gray"),
        ("rician_noise", {}, {"channels": 3}, "MRI"),
        ("ghosting", {}, {"channels": 3}, "MRI"),
        ("motion", {}, {"channels": 3}, "MRI"),
        ("kspace_spike", {}, {"channels": 3}, "MRI"),
        ("intensity_window", {}, {"channels": 3}, "CT and X-ray"),
        ("low_resolution", {}, SMALL, "of 28 lines as few as 7 are left"),
        ("elastic", {"share": 0.1}, SCANS, "fold the picture over itself"),
        ("elastic", {}, {"side": 8}, "0.2 pixels cannot be seen"),
        ("equalize", {}, {"side": 8}, "fewer pixels than there are shades"),
    ],
)
def test_what_does_not_suit_says_why(name, values, data, reason, image_info):
    given = warning(name, image_info(**data), **values)
    assert given is not None
    assert reason in given
    assert not given.endswith(".")


@pytest.mark.parametrize(
    ("name", "values", "data"),
    [
        ("random_resized_crop", {"scale": (0.3, 1.0)}, SCANS),
        ("random_resized_crop", {"scale": (0.3, 1.0)}, SURFACES),
        ("random_resized_crop", {"scale": (0.1, 1.0)}, {"side": 64}),
        ("random_resized_crop", {"scale": (0.2, 1.0)}, SMALL),
        ("horizontal_flip", {}, SCANS),
        ("horizontal_flip", {}, {"side": 28}),
        ("horizontal_flip", {}, SMALL | {"targets": CLOTHES}),
        ("vertical_flip", {}, SMALL | {"targets": CLOTHES}),
        ("right_angles", {}, SMALL),
        ("rotation", {"degrees": 15}, SMALL | {"targets": DIGITS}),
        ("affine", {}, SMALL | {"targets": DIGITS}),
        ("color_jitter", {}, {}),
        ("color_jitter", {"saturation": 0.0, "hue": 0.0}, SURFACES),
        ("grayscale", {}, {}),
        ("channel_drop", {}, {}),
        ("gaussian_blur", {"sigma": (0.1, 0.5)}, SURFACES),
        ("gaussian_blur", {"sigma": (0.1, 2.0)}, {"side": 64}),
        ("salt_pepper", {}, SCANS),
        ("random_erasing", {}, {}),
        ("bias_field", {}, SCANS),
        ("intensity_window", {}, SCANS),
        ("low_resolution", {}, SCANS),
        ("elastic", {}, SMALL),
        ("poisson_noise", {}, {"channels": 3}),
        ("equalize", {}, SMALL),
    ],
)
def test_what_suits_says_nothing(name, values, data, image_info):
    assert warning(name, image_info(**data), **values) is None


DATA = [
    *({"side": side, "channels": channels} for side in (8, 28, 64, 224) for channels in (1, 2, 3)),
    SURFACES,
    SURFACES | {"channels": 1},
    SURFACES | {"side": 28},
    SMALL | {"normal": "good"},
    SMALL | {"targets": CLOTHES},
    SCANS | {"targets": DIGITS},
    {"size": (48, 96)},
    {"size": (48, 96), "channels": 1},
    {"size": (20, 30), "channels": 1},
]


@pytest.mark.parametrize("data", DATA, ids=str)
def test_no_preset_warns_of_what_it_adapted_to_the_data(data, image_info):
    info = image_info(**data)
    for preset in presets.PRESETS:
        if "image" in preset.modalities:
            assert Policy(presets.steps(preset.name, info), info).warnings() == [], preset.name


def test_what_was_chosen_by_hand_is_warned_of_by_name(image_info):
    info = image_info(**SCANS)
    steps = (*presets.steps("gray_scans", info), AugmentStep("grayscale"))
    assert Policy(steps, info).warnings() == [
        "The augmentation 'grayscale' does not suit 'pictures': the images are gray already."
    ]


def test_quarter_turns_of_digits_are_warned_of_whoever_asks(image_info):
    info = image_info(**SMALL, targets=DIGITS)
    warnings = Policy(presets.steps("microscopy", info), info).warnings()
    assert len(warnings) == 2
    assert all("single characters" in each for each in warnings)
