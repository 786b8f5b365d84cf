"""Inputs mutated from made cases are read right, with numbers that add up, or refused in words.

The short form; ``python benchmarks/mutated_data.py --count 2000`` is the long one.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import GENERATORS
from mutations.check import check
from mutations.made import Known, Made

# Fixed examples: the suite is the same each time, and an example that fails is made smaller.
short_form = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("kind", list(GENERATORS))
@short_form
@given(random=st.randoms(use_true_random=False))
def test_numbers_add_up_or_the_input_is_refused(tmp_path: Path, kind: str, random: Random) -> None:
    folder = tmp_path / "source"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    made = GENERATORS[kind](random, folder)
    outcome = check(made, tmp_path / "home")
    assert not outcome.is_fault, f"{outcome.result}: {outcome.message} ({made.mutations})"


@pytest.mark.parametrize("kind", list(GENERATORS))
def test_a_generator_makes_the_same_input_of_the_same_chance(tmp_path: Path, kind: str) -> None:
    made: list[Made] = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        made.append(GENERATORS[kind](Random(7), folder))
    first, second = made
    assert (first.found, first.samples, first.mutations) == (
        second.found, second.samples, second.mutations,
    )  # fmt: skip


def test_the_check_notices_what_is_wrong(tmp_path: Path) -> None:
    """A check that could not fail would show nothing."""
    table = tmp_path / "table.csv"
    table.write_text("text,label\n" + "".join(f"one mark{n:03}q two,c{n % 2}\n" for n in range(30)))

    samples = {f"mark{n:03}q": Known(label=f"c{n % 2}") for n in range(30)}
    home = tmp_path / "home"
    right = Made(table, 30, samples, clear=True)
    assert check(right, home).result == "read"
    assert check(Made(table, 31, samples, clear=True), home).result == "wrong count found"
    swapped = samples | {"mark000q": Known(label="c1")}
    assert check(Made(table, 30, swapped, clear=True), home).result == "wrong label"
    in_test = {mark: Known("test") for mark in samples}
    assert check(Made(table, 30, in_test, clear=True), home).result == "wrong split"
    strangers = {mark: one for mark, one in samples.items() if mark != "mark003q"}
    assert check(Made(table, 30, strangers, clear=False), home).result == "no sample, but taken"
    missing = Made(tmp_path / "gone.csv", 30, samples, clear=True)
    assert check(missing, home).result == "refused, though clear"
