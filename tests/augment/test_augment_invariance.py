"""Which augmentations every run is tried for invariance to, and under which keys."""

from __future__ import annotations

import pytest

from workbench.config import AugmentStep, DataConfig, RunConfig
from workbench.stored_runs import invariances

IMAGES = [
    *("random_resized_crop", "horizontal_flip", "vertical_flip", "rotation", "translate"),
    *("color_jitter", "grayscale", "brightness_contrast", "invert"),
    *("gaussian_blur", "gaussian_noise", "cutout"),
]
TEXTS = [
    *("token_deletion", "token_swap", "token_shuffle", "token_insertion"),
    *("span_deletion", "typing_errors", "cutoff"),
]


def config(*steps: AugmentStep) -> RunConfig:
    return RunConfig(DataConfig("sample:random"), "simclr", augment=steps)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_images_are_tried_with_the_usual_ones_in_this_order(channels, image_info):
    trials = invariances.trials(config(), image_info(channels=channels))
    coloured = {"color_jitter", "grayscale"} if channels == 1 else set()
    assert [trial.step.name for trial in trials] == [n for n in IMAGES if n not in coloured]
    assert [trial.key for trial in trials] == [f'["{trial.step.name}", {{}}]' for trial in trials]
    assert not any(trial.own for trial in trials)


def test_texts_are_tried_with_the_usual_ones_in_this_order(text_info):
    assert [trial.step.name for trial in invariances.trials(config(), text_info)] == TEXTS


def test_the_augmentations_of_the_run_come_first_and_once(image_info):
    own = (
        AugmentStep("zoom"),
        AugmentStep("rotation", {"degrees": 20}),
        AugmentStep("rotation", {"degrees": 20.0}),
    )
    trials = invariances.trials(config(*own), image_info())
    assert [trial.key for trial in trials[:2]] == [
        '["zoom", {}]',
        '["rotation", {"degrees": 20.0}]',
    ]
    assert [trial.own for trial in trials] == [True, True] + [False] * (len(IMAGES) - 1)
    assert [trial.step.name for trial in trials].count("rotation") == 1
