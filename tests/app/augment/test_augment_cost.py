"""The cost of a view: its parts add up to the whole."""

from __future__ import annotations

import re

import pytest

from workbench.app.augment.pictures import cost_parts
from workbench.engine.replies import Cost


@pytest.mark.parametrize("whole", [0.37, 0.006, 0.004])
def test_the_parts_add_up(whole: float) -> None:
    parts = cost_parts(["Crop", "Blur"], Cost((0.004, 0.002), whole, 128))
    numbers = [float(re.findall(r"[\d.]+(?= ms)", part)[-1]) for part in parts]
    signs = [-1 if "saves" in part else 1 for part in parts]
    total = sum(sign * number for sign, number in zip(signs, numbers, strict=True))
    assert total == pytest.approx(whole, rel=0.03)
