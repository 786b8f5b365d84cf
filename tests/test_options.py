from __future__ import annotations

from dataclasses import dataclass

import pytest

from workbench.errors import RequestError
from workbench.options import build, option, options_of, values_of


@dataclass(frozen=True)
class Knobs:
    rate: float = option(0.2, label="Rate", help="How fast.", low=0.0, high=1.0)
    size: int | None = option(None, label="Size", help="How many.", low=1)
    kind: str = option("a", label="Kind", help="Which.", choices=("a", "b"))
    on: bool = option(True, label="On", help="Whether.")
    span: tuple[float, float] = option((0.2, 1.0), label="Span", help="From, to.", low=0, high=1)
    hidden: int = 3


def test_options_are_read_from_the_fields() -> None:
    specs = {spec.name: spec for spec in options_of(Knobs)}
    assert list(specs) == ["rate", "size", "kind", "on", "span"]
    assert [spec.type for spec in specs.values()] == ["float", "int", "str", "bool", "range"]
    assert specs["size"].optional
    assert not specs["rate"].optional
    assert specs["kind"].to_json()["choices"] == ["a", "b"]
    assert specs["rate"].to_json()["low"] == 0.0


@pytest.mark.parametrize(
    ("name", "given", "parsed"),
    [
        ("rate", "0.5", 0.5),
        ("size", "auto", None),
        ("size", "12", 12),
        ("size", 12.0, 12),
        ("on", "false", False),
        ("span", "0.3,1", (0.3, 1.0)),
        ("span", [0.3, 1.0], (0.3, 1.0)),
        ("kind", "b", "b"),
    ],
)
def test_values_are_parsed_from_words_and_json(name: str, given: object, parsed: object) -> None:
    assert getattr(build(Knobs, {name: given}), name) == parsed


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("rate", "2"),
        ("rate", "nan"),
        ("rate", "fast"),
        ("rate", True),
        ("rate", None),
        ("size", "1.5"),
        ("size", 0),
        ("kind", "c"),
        ("on", "perhaps"),
        ("span", "1,0.3"),
        ("span", "0.3"),
        ("span", "0.3,2"),
    ],
)
def test_a_bad_value_names_field_and_remedy(name: str, given: object) -> None:
    with pytest.raises(RequestError) as caught:
        build(Knobs, {name: given}, prefix="--set ")
    assert caught.value.field == f"--set {name}"
    assert caught.value.remedy is not None
    assert "default" in caught.value.remedy


def test_an_unknown_option_offers_the_nearest() -> None:
    with pytest.raises(RequestError, match="Did you mean rate"):
        build(Knobs, {"ratee": 1})


def test_values_survive_a_round_trip_through_json() -> None:
    knobs = build(Knobs, {"span": "0.3,0.9", "size": 4})
    assert build(Knobs, values_of(knobs)) == knobs
