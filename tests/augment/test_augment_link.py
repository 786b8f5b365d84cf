"""A list of augmentations as text for an address: written and read back, typed, and wrong."""

from __future__ import annotations

import urllib.parse
from pathlib import Path

import pytest

from workbench import registry
from workbench.augment import link, presets
from workbench.augment.canonical_form import canonical_form
from workbench.config import AugmentStep
from workbench.errors import RequestError
from workbench.options import OptionSpec, options_of

CROP = AugmentStep("random_resized_crop", {"scale": [0.3, 1.0]})
FLIP = AugmentStep("horizontal_flip")


def allowed(_path: str) -> None:
    """Any file will do."""


def other_value(spec: OptionSpec, file: Path) -> object:
    """A value that is allowed and unlike the default."""
    if spec.path:
        return str(file)
    if spec.type == "bool":
        return not spec.default
    if spec.choices is not None:
        return next(choice for choice in spec.choices if choice != spec.default)
    low = 0.0 if spec.low is None else spec.low
    high = low + 7 if spec.high is None else spec.high
    if spec.type == "range":
        return [low + (high - low) / 7, low + (high - low) / 3]
    if spec.type == "int":
        return int(low) if int(low) != spec.default else int(low) + 1
    return low + (high - low) / 3


@pytest.mark.parametrize("name", registry.presets())
def test_every_preset_comes_back_from_an_address(name, image_info, text_info):
    preset = registry.presets()[name]
    for info in (image_info(), image_info(28, channels=1), image_info(64, channels=1), text_info):
        if info.modality not in preset.modalities:
            continue
        steps = presets.steps(name, info)
        query = urllib.parse.urlencode({"augment": link.to_text(steps)})
        (text,) = urllib.parse.parse_qs(query)["augment"]
        assert link.from_text(text, info) == steps


@pytest.mark.parametrize("name", registry.augmentations())
def test_every_augmentation_comes_back_with_all_its_options_changed(
    name, image_info, text_info, tmp_path
):
    file = tmp_path / "like words ~ & 100% +.txt"
    file.write_text("good,fine\n")
    cls = registry.augmentation(name)
    info = image_info() if "image" in cls.modalities else text_info
    changed = {spec.name: other_value(spec, file) for spec in options_of(cls)}
    step = canonical_form(AugmentStep(name, changed))
    assert set(step.options) == set(changed)
    query = urllib.parse.urlencode({"augment": link.to_text([step])})
    (text,) = urllib.parse.parse_qs(query)["augment"]
    assert link.from_text(text, info, allowed) == (step,)


def test_the_text_can_be_read_and_needs_no_escapes_in_an_address():
    text = link.to_text([CROP, FLIP, AugmentStep("gaussian_noise", {"sigma": [0, 0.05], "p": 0.5})])
    assert text == (
        "random_resized_crop scale-0.3..1~horizontal_flip~gaussian_noise sigma-0..0.05 p-0.5"
    )
    assert "%" not in urllib.parse.urlencode({"augment": text})


def test_a_step_that_is_switched_off_stays_in_its_place(image_info):
    placed = (link.Placed(CROP), link.Placed(FLIP, on=False), link.Placed(AugmentStep("invert")))
    text = link.write(placed)
    assert text == "random_resized_crop scale-0.3..1~horizontal_flip off~invert"
    assert link.read(text, image_info()) == placed
    assert link.from_text(text, image_info()) == (CROP, AugmentStep("invert"))


def test_no_steps_and_presets_have_names(image_info):
    assert link.to_text([]) == "none"
    assert link.from_text("none", image_info()) == ()
    assert link.from_text("", image_info()) == ()
    simclr = presets.steps("simclr", image_info())
    assert link.from_text("simclr ~ invert", image_info()) == (*simclr, AugmentStep("invert"))


def test_what_people_type_is_understood(image_info):
    text = "  random_resized_crop   scale-0.3,1.0  ratio-0.75..1.3333333333333333~ horizontal_flip"
    assert link.from_text(text, image_info()) == (CROP, FLIP)


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("random_resize_crop", "augment", "Did you mean random_resized_crop"),
        ("token_mask", "augment", "for text data"),
        ("eda", "augment", "for text data"),
        ("random_resized_crop size-3", "random_resized_crop.size", "unknown option 'size'"),
        ("random_resized_crop scale-2..3", "random_resized_crop.scale", "from 0.01 to 1"),
        ("random_resized_crop scale-", "random_resized_crop.scale", "not allowed"),
        ("random_resized_crop scale", "random_resized_crop", "'scale' is not OPTION-VALUE"),
        ("random_resized_crop scale-nan..nan", "random_resized_crop.scale", "not allowed"),
        ("simclr scale-0.3..1", "simclr", "a preset has no options"),
        ("~".join(["invert"] * 41), "augment", "41 steps"),
        ("invert~~invert", "augment", "empty"),
    ],
)
def test_what_is_wrong_is_named_with_a_remedy(text, field, message, image_info):
    with pytest.raises(RequestError) as caught:
        link.from_text(text, image_info())
    assert caught.value.field == field
    assert message in str(caught.value)
    assert caught.value.remedy


def test_a_file_is_asked_for_before_it_is_looked_at(text_info, tmp_path):
    """Only who may read a file learns whether it exists."""
    checked = []
    there, not_there = tmp_path / "there.txt", tmp_path / "not.txt"
    there.write_text("good,fine\n")

    def refuse(path: str) -> None:
        checked.append(path)
        raise RequestError("this app does not read it.", field="Path", remedy="Ask.")

    for path in (there, not_there):
        text = link.to_text([AugmentStep("synonym_replacement", {"file": str(path)})])
        with pytest.raises(RequestError, match="does not read it"):
            link.from_text(text, text_info, refuse)
        with pytest.raises(RequestError, match="no file of this machine"):
            link.from_text(text, text_info)
    assert checked == [str(there), str(not_there)]
