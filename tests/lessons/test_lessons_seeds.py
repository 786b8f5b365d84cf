"""One seed a student, by real processes; and what the seeds pool to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workbench.comparison.groups import half_of_seeds
from workbench.evaluation.significance import sign_flip
from workbench.lessons import lessons, seeds
from workbench.store.store import Store

CLAIM = """
import sys
from pathlib import Path
from workbench.lessons import lessons, seeds
from workbench.store.store import Store
store = Store.open(Path(sys.argv[1]))
print(*(seeds.claim(store, "Tuesday", "pilot", name) for name in sys.argv[2:]))
"""


def test_no_two_students_get_one_seed_and_nobody_gets_two(tmp_path: Path) -> None:
    Store.open(tmp_path)
    names = [[f"student {n}-{i}" for i in range(4)] + ["in all windows"] for n in range(5)]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, str(tmp_path), *some], stdout=subprocess.PIPE, text=True
        )
        for some in names
    ]
    given = [[int(w) for w in one.communicate(timeout=120)[0].split()] for one in started]
    assert len({some[-1] for some in given}) == 1
    own = [seed for some in given for seed in some[:-1]]
    assert len(set(own)) == 20
    expected = list(range(seeds.FIRST, seeds.FIRST + 21))
    assert seeds.all_seeds(Store.open(tmp_path), "Tuesday", "pilot") == expected
    assert {*own, given[0][-1]} == set(expected)


def test_a_claim_between_reading_and_claiming_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(tmp_path)
    read = Store.settings_under

    def then_the_other_window_claims(self: Store, prefix: str) -> dict[str, Any]:
        taken = read(self, prefix)
        monkeypatch.setattr(Store, "settings_under", read)
        seeds.claim(self, "Tuesday", "pilot", "bob")
        seeds.claim(self, "Tuesday", "pilot", "ada")
        return taken

    monkeypatch.setattr(Store, "settings_under", then_the_other_window_claims)
    assert seeds.claim(store, "Tuesday", "pilot", "ada") == seeds.FIRST + 1
    assert seeds.all_seeds(store, "Tuesday", "pilot") == [seeds.FIRST, seeds.FIRST + 1]


def test_classes_and_lessons_have_seeds_of_their_own(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    assert seeds.claim(store, "Tuesday", "pilot", "ada") == seeds.FIRST
    assert seeds.claim(store, "tuesday", "pilot", "bob") == seeds.FIRST + 1
    assert seeds.claim(store, "Friday", "pilot", "ada") == seeds.FIRST
    assert seeds.claim(store, "Tuesday", "umap", "bob") == seeds.FIRST
    assert seeds.seed_of(store, "Tuesday", "pilot", "ada") == seeds.FIRST
    assert seeds.seed_of(store, "Tuesday", "pilot", "cyd") is None
    names = {seeds.experiment(g, n) for g in ("Tuesday", "Friday") for n in ("pilot", "umap")}
    assert len(names) == 4
    assert all(len(name) <= 40 for name in names)


def run(task: str, seed: int, gain: float, ended: float) -> dict[str, Any]:
    row = {"protocol": "knn", "metric": "accuracy", "over": "random init", "target": "label"}
    row |= {"value": gain, "low": gain - 0.01, "high": gain + 0.01, "n": 300}
    config = {"task": task, "seed": seed, "budget": {"steps": 60}}
    return {"id": f"{task}{seed}", "config": config, "gains": [row], "ended": ended}


def test_pairs_are_pooled_in_the_order_in_which_they_ended() -> None:
    first = [run("a", seed, 0.10 + seed / 100, 100.0 - seed) for seed in range(4)]
    second = [run("b", seed, 0.05, 50.0) for seed in range(3)]
    steps = seeds.pool(first, second)
    # Seed 3 has no partner; of the others seed 2 ended first.
    values = [0.07, 0.06, 0.05]
    assert [step.seeds for step in steps] == [1, 2, 3]
    assert [step.mean for step in steps] == pytest.approx([0.07, 0.065, 0.06])
    assert steps[0].low == steps[0].high == steps[0].mean
    half = half_of_seeds(values)
    assert (steps[2].low, steps[2].high) == pytest.approx((0.06 - half, 0.06 + half))
    assert steps[2].p == pytest.approx(sign_flip(values)) == 0.25
    assert seeds.pool([], second) == []


def test_the_sentence_claims_nothing_below_six_seeds() -> None:
    def words(count: int, gain: float = 0.1) -> str:
        first = [run("a", seed, gain + seed / 1000, seed) for seed in range(count)]
        steps = seeds.pool(first, [run("b", seed, 0.05, seed) for seed in range(count)])
        return seeds.sentence(steps, "A", "B")

    assert "It may be luck" in words(1)
    assert "at least 6 are needed" in words(5)
    assert "'A' scores higher" in words(6)
    assert "'B' scores higher" in words(6, 0.01)
    assert "scatter too much" in words(6, 0.0475)


def test_a_class_makes_short_runs() -> None:
    """Fifty checks took longer than the training; none but these scores is shown to the class."""
    for lesson in lessons().values():
        for variant in lesson.seeded_pair():
            assert variant.steps <= 300
            assert variant.train["check_every"] == 0.1
            assert not any(variant.eval[name] for name in ("label_efficiency", "nuisances"))
