"""Presets and edits: what suits which data, and that equal requests are equal."""

from __future__ import annotations

import json

import pytest
import torch

from workbench import registry
from workbench.augment import presets
from workbench.augment.canonical_form import canonical_form
from workbench.augment.edit import apply_edits, apply_options
from workbench.augment.policy import Policy
from workbench.config import AugmentStep
from workbench.errors import RequestError
from workbench.tasks.base import Batch

SIDES = [(8, 1), (28, 1), (32, 3), (64, 1), (96, 3), (224, 3), (16, 2)]
IMAGE = [p.name for p in presets.PRESETS if "image" in p.modalities]
TEXT = [p.name for p in presets.PRESETS if "text" in p.modalities]


def names(steps) -> list[str]:
    return [step.name for step in steps]


@pytest.mark.parametrize("name", IMAGE)
@pytest.mark.parametrize(("side", "channels"), SIDES)
def test_every_preset_suits_every_size(name, side, channels, image_info):
    info = image_info(side, channels)
    steps = presets.steps(name, info)
    assert Policy(steps, info).warnings() == []
    assert steps == tuple(map(canonical_form, steps))
    raw = json.loads(json.dumps([[s.name, dict(s.options)] for s in steps]))
    assert tuple(AugmentStep(*each) for each in raw) == steps
    if channels == 1:
        assert not {"color_jitter", "grayscale"} & set(names(steps))
    if side <= 32:
        assert "gaussian_blur" not in names(steps)
    if channels == 1 and side <= 32:
        assert "horizontal_flip" not in names(steps)


MADE = [n for n in IMAGE if n != "none"]


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("size", [(8, 8), (20, 30), (64, 64)], ids=str)
@pytest.mark.parametrize("channels", [1, 3])
def test_every_preset_makes_two_views_that_differ(name, size, channels, image_info, image_batch):
    info, batch = image_info(channels=channels, size=size), image_batch(8, channels, *size)
    policy, rng = Policy(presets.steps(name, info), info), torch.Generator().manual_seed(0)
    first, second = policy(batch, rng), policy(batch, rng)
    assert first.shape == (8, channels, *size)
    assert (first - second).abs().amax(dim=(1, 2, 3)).min() > 0.01


@pytest.mark.parametrize("name", ["simclr", "byol", "mae", "gray"])
def test_crops_keep_what_is_small_and_matters(name, image_info):
    """30 % of the area where a lesion or a defect may decide; a fifth elsewhere."""

    def area(**data) -> float:
        crop = presets.steps(name, image_info(**data))[0]
        return crop.options.get("scale", [0.2])[0]

    assert area(side=64, channels=1) == area(side=64, normal="good") == 0.3
    assert area(side=64) == area(side=32) == 0.2


def test_normals_only_keep_their_colours_and_their_scratches(image_info):
    steps = presets.steps("simclr", image_info(64, normal="good"))
    assert names(steps) == ["random_resized_crop", "horizontal_flip", "brightness_contrast"]


def test_xrays_are_never_mirrored_and_little_cut(image_info):
    steps = presets.steps("xray", image_info(224, 1))
    assert not {"horizontal_flip", "vertical_flip", "right_angles"} & set(names(steps))
    assert steps[0].options["scale"] == [0.6, 1.0]
    assert dict(steps[1].options) == {}  # Turns of up to 10 degrees, which is the default.


@pytest.mark.parametrize("size", [(32, 32), (20, 30)], ids=str)
def test_cells_are_turned_and_mirrored_and_keep_their_colours(size, image_info, rng):
    info = image_info(size=size)
    steps = presets.steps("microscopy", info)
    assert not {"color_jitter", "grayscale"} & set(names(steps))
    x = torch.randint(256, (1, 3, *size), generator=rng, dtype=torch.uint8)
    batch = Batch(torch.arange(64), images=x.expand(64, -1, -1, -1))
    turns = [s for s in steps if s.name in ("right_angles", "vertical_flip", "horizontal_flip")]
    views = Policy(turns, info)(batch, rng).mul(255).round().byte()
    square = size[0] == size[1]
    turned = {tuple(view.flatten().tolist()) for view in views}
    expected = {
        tuple(y.flatten().tolist())
        for mirrored in (x[0], x[0].flip(2))
        for y in (torch.rot90(mirrored, k, (1, 2)) for k in ((0, 1, 2, 3) if square else (0, 2)))
    }
    assert turned == expected


def test_surfaces_get_light_and_nothing_like_a_defect(image_info):
    steps = presets.steps("surface", image_info(64, normal="good"))
    assert names(steps) == [
        *("random_resized_crop", "horizontal_flip", "vertical_flip"),
        *("lighting_gradient", "brightness_contrast"),
    ]


def test_what_belongs_to_gray_scanners_stays_off_colour_images(image_info):
    gray, colour = (names(presets.steps("mri", image_info(64, c))) for c in (1, 3))
    assert {"bias_field", "rician_noise"} <= set(gray)
    assert colour == ["random_resized_crop", "rotation", "gamma"]


@pytest.mark.parametrize("name", TEXT)
def test_text_presets_make_views(name, text_info, tokens, rng):
    batch = Batch(torch.arange(len(tokens)), tokens=tokens)
    view = Policy(presets.steps(name, text_info), text_info)(batch, rng)
    assert torch.equal(view, tokens) == (name == "none")


def test_digits_get_pairs_that_differ_and_are_not_mirrored(image_info):
    steps = presets.steps("simclr", image_info(8, 1))
    assert names(steps) == [
        "random_resized_crop",
        "affine",
        "brightness_contrast",
        "gaussian_noise",
    ]
    assert steps[0].options == {"scale": [0.4, 1.0]}


def test_colour_pictures_get_the_published_recipe(image_info):
    small, large = (presets.steps("simclr", image_info(side)) for side in (32, 96))
    assert names(small) == ["random_resized_crop", "horizontal_flip", "color_jitter", "grayscale"]
    assert dict(small[2].options) == {}
    assert large[2].options["hue"] == 0.2
    assert large[4] == AugmentStep("gaussian_blur", {"sigma": [0.1, 0.86]})


def test_no_crop_falls_below_five_pixels(image_info):
    (crop,) = presets.steps("mae", image_info(8, 1))
    assert crop.options["scale"][0] * 64 >= 25


def test_names_are_unambiguous():
    assert not {p.name for p in presets.PRESETS} & set(registry.augmentations())
    assert len(registry.presets()) == len(presets.PRESETS)


def test_tasks_name_presets_that_exist():
    assert {task.default_augment for task in registry.tasks().values()} <= set(registry.presets())


def test_the_list_says_what_a_preset_holds():
    for preset in presets.PRESETS:
        entry = json.loads(json.dumps(preset.describe()))
        assert entry["options"] == []
        assert set(entry) >= {"name", "title", "modality", "family", "summary", "reference"}
        assert entry["summary"].endswith(".")
        for step in entry["steps"]:
            canonical_form(AugmentStep(**step))


def test_presets_for_other_data_and_unknown_ones_are_refused(image_info, text_info):
    with pytest.raises(RequestError, match="'eda' is for text data") as caught:
        presets.steps("eda", image_info())
    assert "simclr" in caught.value.remedy
    with pytest.raises(RequestError, match="'simclr' is for image data"):
        presets.steps("simclr", text_info)
    with pytest.raises(RequestError, match="unknown preset") as caught:
        presets.steps("simclf", image_info())
    assert caught.value.remedy == "Did you mean simclr?"


def test_edits_replace_append_remove_and_set(image_info):
    info = image_info()
    start = presets.steps("simclr", info)
    edited = apply_edits(
        start, ["mae", "rotation", "-horizontal_flip", "rotation.degrees=20"], info
    )
    assert edited == (
        AugmentStep("random_resized_crop"),
        AugmentStep("rotation", {"degrees": 20.0}),
    )
    assert apply_edits(start, ["none"], info) == ()
    assert apply_edits(start, [], info) == start


def test_setting_changes_the_last_step_of_the_name(image_info):
    edited = apply_edits((), ["rotation", "rotation", "rotation.degrees=5"], image_info())
    assert [dict(step.options) for step in edited] == [{}, {"degrees": 5.0}]


@pytest.mark.parametrize("value", ["0.3,1", [0.3, 1.0], (0.3, 1)])
def test_equal_requests_are_equal(value, image_info):
    start = presets.steps("simclr", image_info())
    edited = apply_options(start, {"random_resized_crop": {"scale": value}}, image_info())
    assert edited[0] == AugmentStep("random_resized_crop", {"scale": [0.3, 1.0]})
    assert edited[1:] == start[1:]
    words = apply_edits(start, ["random_resized_crop.scale=0.3,1.0"], image_info())
    assert words == edited


def test_setting_the_default_again_is_no_change(image_info):
    edited = apply_edits((), ["rotation", "rotation.degrees=10"], image_info())
    assert edited == (AugmentStep("rotation"),)


def test_options_append_what_is_absent(image_info):
    edited = apply_options((), {"rotation": {"degrees": 30}, "invert": {}}, image_info())
    assert edited == (AugmentStep("rotation", {"degrees": 30.0}), AugmentStep("invert"))


@pytest.mark.parametrize(
    ("edit", "message", "remedy"),
    [
        ("rotaton", "unknown augmentation or preset 'rotaton'", "rotation"),
        ("simclf", "unknown augmentation or preset 'simclf'", "simclr"),
        ("-rotaton", "unknown augmentation 'rotaton'", "rotation"),
        ("-rotation", "'rotation' is not in the list", "random_resized_crop, horizontal_flip"),
        ("rotation.degrees=20", "'rotation' is not in the list", "--augment rotation"),
        ("horizontal_flip.q=1", "unknown option 'q'", "p"),
        ("horizontal_flip.p=2", "'2' is not allowed for p", "from 0 to 1"),
        ("horizontal_flip=1", "is not NAME.OPTION=VALUE", "random_resized_crop.scale"),
        ("token_swap", "'token_swap' is for text data", "rotation"),
        ("eda", "'eda' is for text data", "simclr"),
    ],
)
def test_wrong_edits_say_what_to_do(edit, message, remedy, image_info):
    info = image_info()
    with pytest.raises(RequestError) as caught:
        apply_edits(presets.steps("mae", info), [edit], info)
    assert message in caught.value.message
    assert caught.value.field.startswith("--augment")
    assert remedy in caught.value.remedy
