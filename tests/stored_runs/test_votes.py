from __future__ import annotations

from pathlib import Path

import pytest

from workbench.evaluation.intervals import wilson
from workbench.store.store import Store
from workbench.stored_runs import votes


def given(voter: str, row: int, choice: str, one: str = "b", other: str = "a") -> votes.Vote:
    return votes.vote(voter, row, one, other, choice)


def test_votes_are_kept_by_person_and_the_first_on_a_question_stays(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    assert votes.keep(store, "data1", given("ada", 1, "a"))
    assert not votes.keep(store, "data1", given("Ada", 1, "b", "a", "b"))
    assert votes.keep(store, "data1", given("bob", 1, "b"))
    assert votes.keep(store, "data1", given("ada", 2, ""))
    assert votes.keep(store, "data12", given("ada", 1, "b"))
    found = votes.votes_on(Store.open(tmp_path), "data1")
    assert [(v.voter, v.row, v.choice) for v in found] == [
        ("ada", 1, "a"), ("bob", 1, "b"), ("ada", 2, ""),
    ]  # fmt: skip
    assert all((v.first, v.second) == ("a", "b") for v in found)


def test_a_prefix_is_taken_as_it_is(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    for key in ("a_b/1", "axb/1", "a_b2"):
        store.set_setting(key, {"key": key})
    assert store.settings_under("a_b/") == {"a_b/1": {"key": "a_b/1"}}


def test_long_names_of_people_and_runs_fit_into_a_key(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    one = given("é" * 30, 10**7, "x" * 40, "x" * 40, "untrained 0123456789ab")
    assert votes.keep(store, "f" * 16, one)
    assert len(votes._key("f" * 16, one)) <= 120


def test_a_choice_that_was_not_offered_is_no_vote() -> None:
    with pytest.raises(ValueError, match="neither"):
        given("ada", 1, "c")


def test_shares_come_with_wilson_and_ties_beside() -> None:
    ballots = [given("ada", i, "a" if i < 14 else "b") for i in range(20)]
    ballots += [given("ada", 30 + i, "") for i in range(3)]
    ballots.append(given("ada", 1, "c", "c", "d"))
    (tally,) = votes.tallies(ballots, ["b", "a"])
    assert (tally.preferred, tally.other, tally.wins, tally.decided, tally.ties) == (
        "a", "b", 14, 20, 3,
    )  # fmt: skip
    assert tally.share == wilson(14, 20)
    assert votes.sentence(tally, {"a": "pixels only", "b": "SimCLR"}) == (
        "Pixels only over SimCLR: preferred in 14 of 20, 48 to 85 %: no clear difference from "
        "chance (3 undecided)."
    )


def test_the_words_follow_the_interval() -> None:
    clear = [given("ada", i, "a" if i < 18 else "b") for i in range(20)]
    even = [given("ada", i, "a" if i < 5 else "b") for i in range(10)]
    ties = [given("ada", i, "") for i in range(4)]
    said = [votes.sentence(votes.tallies(some, ["a", "b"])[0], {}) for some in (clear, even, ties)]
    assert "in 18 of 20, 70 to 97 %: more often than by chance." in said[0]
    assert "equally often, in 5 of 10 each" in said[1]
    assert "no clear difference from chance" in said[1]
    assert "no clear difference in any vote (4 undecided)" in said[2]
    assert votes.tallies([], ["a", "b"]) == []
