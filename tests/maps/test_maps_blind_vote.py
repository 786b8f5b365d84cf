from __future__ import annotations

from collections import Counter

import numpy as np

from workbench.maps.blind_vote import trials

RNG = np.random.default_rng(0)
QUERIES = np.arange(30) * 7
BY = {name: RNG.integers(0, 50, (30, 4)) for name in ("pixels", "run-a", "run-b")}


def test_everyone_gets_the_same_questions_whatever_the_order_of_the_sources() -> None:
    found = trials(BY, QUERIES, 5)
    assert found == trials(dict(reversed(BY.items())), QUERIES, 5)
    assert found != trials(BY, QUERIES, 6)


def test_pairs_come_in_turn_once_a_sample_and_on_either_side() -> None:
    found = trials(BY, QUERIES, 5)
    assert len({(t.row, frozenset((t.above, t.below))) for t in found}) == len(found) == 90
    for start in range(0, 90, 3):
        assert len({frozenset((t.above, t.below)) for t in found[start : start + 3]}) == 3
    above = Counter(t.above == max(t.above, t.below) for t in found)
    assert 25 < above[True] < 65
    assert {t.row for t in found} == set(QUERIES.tolist())


def test_rows_that_hold_the_same_are_not_asked_about() -> None:
    same = {"a": BY["pixels"], "b": BY["pixels"][:, ::-1]}
    assert trials(same, QUERIES, 0) == []
    some = BY["pixels"].copy()
    some[3] = 90
    (only,) = trials({"a": BY["pixels"], "b": some}, QUERIES, 0)
    assert only.row == QUERIES[3]
    assert trials({"a": BY["pixels"]}, QUERIES, 0) == []
