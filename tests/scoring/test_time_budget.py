"""How many samples are scored in a time: by hand-made costs."""

from __future__ import annotations

import pytest

from workbench.scoring import time_budget
from workbench.scoring.time_budget import LADDER, Costs

COUNTS = {"train": 50_000, "validation": 5_000, "test": 10_000}


def place_for(costs: Costs, seconds: float) -> int:
    return time_budget.choose(COUNTS, costs, seconds)[0]


def test_the_usual_samples_are_scored_where_time_allows() -> None:
    costs = Costs(1e-5, 1e-9, 10)
    place, left = time_budget.choose(COUNTS, costs, 12.0)
    assert place == 0
    assert left == pytest.approx(12.0 - costs.of(time_budget.rung(0).limits))
    assert dict(time_budget.rung(0).limits) == {"train": 10_000, "validation": 2_000, "test": 5_000}


@pytest.mark.parametrize("name", ["encoding", "step"])
def test_slower_work_means_fewer_samples(name: str) -> None:
    costs = {"encoding": 1e-6, "step": 1e-12, "classes": 10}
    places = [
        place_for(Costs(**costs | {name: costs[name] * 10**power}), 12.0)  # type: ignore[arg-type]
        for power in range(9)
    ]
    assert places == sorted(places)
    assert places[0] == 0
    assert not time_budget.rung(places[-1]).scored


def test_the_chosen_samples_cost_at_most_what_is_allowed() -> None:
    costs = Costs(encoding=1e-3, step=2e-7, classes=50)
    for seconds in (6.0, 12.0, 24.0, 96.0):
        place, left = time_budget.choose(COUNTS, costs, seconds)
        assert left >= 0
        limits = time_budget.rung(place).limits
        taken = {split: min(n, limits[split]) for split, n in COUNTS.items()}
        last = place == time_budget.places() - 1
        assert last or costs.of(taken, scored=time_budget.rung(place).scored) <= seconds
        if 0 < place <= len(LADDER):
            more = time_budget.rung(place - 1).limits
            assert costs.of({split: min(n, more[split]) for split, n in COUNTS.items()}) > seconds


def test_few_test_samples_are_scored_or_none() -> None:
    assert min(rung.limits["test"] for rung in LADDER) == time_budget.FEWEST_TESTED == 500
    for place in range(len(LADDER), time_budget.places()):
        unscored = time_budget.rung(place)
        assert not unscored.scored
        assert unscored.limits["test"] == 0


def test_fewer_are_mapped_where_even_the_maps_would_take_too_long() -> None:
    counts = {"train": 50_000, "validation": 5_000, "test": 10_000}
    some, fewest = (
        time_budget.rung(time_budget.choose(counts, Costs(encoding, 1e-7, 20), 15.0)[0])
        for encoding in (0.01, 0.025)
    )
    assert not some.scored
    assert not fewest.scored
    assert 0 < fewest.mapped < some.mapped
    assert Costs(0.025, 1e-7, 20).of(fewest.limits, scored=False) <= 15.0


def test_a_small_data_set_is_scored_whole_whatever_the_ladder_allows() -> None:
    counts = {"train": 300, "validation": 60, "test": 60}
    costs = Costs(encoding=1e-3, step=1e-9, classes=2)
    assert time_budget.choose(counts, costs, costs.of(counts)) == (0, 0.0)


def test_the_time_of_scoring_grows_with_training_and_where_steps_are_slow() -> None:
    assert time_budget.allowed(60, 100, 1e-3) > time_budget.allowed(20, 100, 1e-3)
    more = time_budget.allowed(20, 5, 1e-3) - time_budget.allowed(20, 100, 1e-3)
    assert more == pytest.approx(24)
    # Where a sample takes long, the checks take a part of it.
    assert time_budget.allowed(20, 5, 0.02) == pytest.approx(0.3 * 20 + 10)
    assert time_budget.allowed(20, 5, 1.0) == pytest.approx(0.3 * 20 + 8)
    # What is left of 1.5 S + 20 s is for the start, the warm-up and the checks.
    for seconds in (20, 60, 300):
        assert time_budget.allowed(seconds, 100, 1e-3) + 0.12 * seconds + 2 < 0.5 * seconds + 20


def test_counting_words_leaves_time_for_fewer_texts() -> None:
    plain = Costs(1e-5, 1e-9, 10)
    counted = Costs(1e-5, 1e-9, 10, characters=100, once=2.0)
    # Five million characters: the parts of their words are not counted.
    assert counted.of(COUNTS) == pytest.approx(plain.of(COUNTS) + 65_000 * 100 * 1.5e-6 + 2)
    assert counted.counting(1_000) == pytest.approx(100 * 9.5e-6)
    assert Costs(1e-5, 0.0, 0, characters=100).counting(1_000) == pytest.approx(100 * 1.5e-6)
    places = [
        place_for(Costs(1e-5, 1e-9, 10, characters, once), 12.0)
        for characters, once in ((0.0, 0.0), (800.0, 0.0), (800.0, 8.0), (800.0, 12.0))
    ]
    assert places == sorted(places)
    assert places[0] == 0 < places[1]
    assert not time_budget.rung(places[-1]).scored


def test_unlabelled_data_cost_their_encoding_alone() -> None:
    assert Costs(1e-3, 1.0, 0).of({"train": 100}) == pytest.approx(0.2 + 1.5)
