"""The stops of sliders, for every number that is declared anywhere."""

from __future__ import annotations

from itertools import pairwise

import pytest

from workbench import registry
from workbench.app.shared.option_form import _label
from workbench.app.shared.slider_scale import nearest, stops
from workbench.config import EvalOptions, TrainOptions
from workbench.options import OptionSpec, options_of

KINDS = (
    *registry.augmentations().values(),
    *registry.tasks().values(),
    *registry.encoders().values(),
    TrainOptions,
    EvalOptions,
)
NUMBERS = [
    (kind.__name__, spec)
    for kind in KINDS
    for spec in options_of(kind)
    if spec.type in ("float", "int", "range")
]


def spec(kind: str, default: object, low: float | None, high: float | None) -> OptionSpec:
    return OptionSpec("x", kind, default, "X", "", low, high)


@pytest.mark.parametrize(("kind", "declared"), NUMBERS, ids=lambda p: getattr(p, "name", p))
def test_every_declared_number_has_stops_within_its_bounds(kind: str, declared: OptionSpec) -> None:
    found = stops(declared)
    if declared.optional or declared.low is None or declared.high is None:
        assert found is None
        return
    assert found is not None
    assert 2 <= len(found) <= 220
    assert found[0] == declared.low
    assert found[-1] == declared.high
    assert all(a < b for a, b in pairwise(found))
    default = declared.default if declared.type == "range" else (declared.default,)
    assert set(default) <= set(found)
    assert len({_label(value) for value in found}) == len(found), "stops can be told apart"
    for value in found:
        given = [value, value] if declared.type == "range" else value
        declared.parse(given, field="x")


def test_shares_go_by_hundredths_and_whole_numbers_one_by_one() -> None:
    assert stops(spec("float", 0.5, 0.0, 1.0)) == tuple(i / 100 for i in range(101))
    assert stops(spec("int", 7, 4, 20)) == tuple(range(4, 21))


def test_wide_bounds_have_most_stops_near_the_default() -> None:
    found = stops(spec("float", 0.2, 0.01, 10.0))
    assert found is not None
    assert len([value for value in found if value <= 0.4]) > len(found) / 3
    zero = stops(spec("range", (0.1, 1.0), 0.0, 20.0))
    assert zero is not None
    assert zero[:3] == (0.0, 0.01, 0.012)


def test_what_no_slider_can_show_has_none() -> None:
    assert stops(spec("float", 0.5, 0.0, None)) is None
    assert stops(spec("str", "", None, None)) is None
    assert stops(OptionSpec("x", "float", None, "X", "", 0.0, 1.0, optional=True)) is None


def test_the_nearest_stop() -> None:
    assert nearest((0.0, 0.5, 1.0), 0.7) == 0.5
    assert nearest((0.0, 0.5, 1.0), 9) == 1.0
