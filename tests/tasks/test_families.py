"""Families and starters are declared, and a task with a family of its own still works."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from workbench import registry
from workbench.app.pretrain import task_cards
from workbench.tasks.families import FAMILIES, family_of, place_of
from workbench.tasks.simclr import SimCLR

STARTERS = {
    "image": ("simclr", "vicreg", "rotation", "mae", "byol", "swav"),
    "text": ("half_split", "simcse", "mlm", "tsdae", "token_order", "bart_denoising"),
}


@dataclass(frozen=True)
class Mine(SimCLR):
    """A task of a family that nobody has heard of."""

    name = ""
    family = "my own"


def test_every_task_is_of_a_family_that_the_screen_can_name() -> None:
    names = [family.name for family in FAMILIES]
    assert len(set(names)) == len(names)
    assert {task.family for task in registry.tasks().values()} == set(names)
    for place, family in enumerate(FAMILIES):
        assert family_of(family.name) == family
        assert place_of(family.name) == place


def test_an_unknown_family_comes_last_and_is_read_out_by_itself() -> None:
    assert family_of("my own").title == "My own"
    assert place_of("my own") == len(FAMILIES)
    assert Mine.readout() == "my own"
    assert SimCLR.readout() == "joint embedding"
    assert registry.task("mae").readout() == "masked"


@pytest.mark.parametrize("modality", ["image", "text"])
def test_the_starters_are_the_first_six_in_their_order(modality: str) -> None:
    tasks = {n: t for n, t in registry.tasks().items() if modality in t.modalities}
    assert tuple(task_cards.suited(tasks)) == STARTERS[modality]


def test_without_starters_those_without_a_caution_come_first_and_no_reference() -> None:
    tasks = {n: t for n, t in registry.tasks().items() if not t.starter}
    first = task_cards.suited(tasks)
    assert "supervised" in tasks
    assert "supervised" not in first
    cautions = [bool(tasks[name].caution) for name in first]
    assert cautions == sorted(cautions)


def test_a_task_built_on_another_is_no_starter_and_has_no_broken_presets() -> None:
    assert SimCLR.starter == 1
    assert SimCLR.broken
    assert Mine.starter == 0
    assert Mine.broken == ()
