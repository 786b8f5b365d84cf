"""Votes of people on which of two rows of neighbours is more alike: kept, counted, said in words.

A vote is a setting of the store under a key of its own, and the first one there stays: nobody votes
twice on one question, and two processes cannot lose each other's.
"""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from workbench.evaluation.intervals import Estimate, wilson
from workbench.store.store import Store


@dataclass(frozen=True)
class Vote:
    """first, second: the two sources, in the alphabet's order. row: the sample. choice: the source
    whose row is more alike, empty for "cannot tell"."""

    voter: str
    row: int
    first: str
    second: str
    choice: str
    at: float = 0.0


@dataclass(frozen=True)
class Tally:
    """The votes on one pair. preferred: the source with more votes (the first if they are equal),
    over the other; wins of decided votes with the interval of that share, None without any; ties:
    "cannot tell"."""

    preferred: str
    other: str
    wins: int
    decided: int
    ties: int
    share: Estimate | None


def vote(voter: str, row: int, one: str, other: str, choice: str) -> Vote:
    """A vote of now. Raises ValueError for a choice that was not offered."""
    first, second = sorted((one, other))
    if choice not in ("", first, second):
        raise ValueError(f"{choice!r} is neither of the two")
    return Vote(voter, row, first, second, choice, time.time())


def keep(store: Store, fingerprint: str, given: Vote) -> bool:
    """Store a vote; False if this person had voted on this question before, which stays."""
    value = asdict(given)
    return bool(store.claim_setting(_key(fingerprint, given), value) == value)


def kept(store: Store, fingerprint: str) -> list[Vote]:
    """All votes on these data, oldest first."""
    found = store.settings_under(f"vote/{fingerprint}/").values()
    return sorted((Vote(**value) for value in found), key=lambda one: (one.at, one.voter))


def tallies(given: Sequence[Vote], sources: Sequence[str]) -> list[Tally]:
    """One a pair of ``sources`` that has votes, in their order."""
    out = []
    for one, other in itertools.combinations(sources, 2):
        votes = [v for v in given if {v.first, v.second} == {one, other}]
        if not votes:
            continue
        wins = {name: sum(v.choice == name for v in votes) for name in (one, other)}
        preferred, less = (one, other) if wins[one] >= wins[other] else (other, one)
        decided = wins[one] + wins[other]
        share = wilson(wins[preferred], decided) if decided else None
        out.append(Tally(preferred, less, wins[preferred], decided, len(votes) - decided, share))
    return out


def words(tally: Tally, titles: Mapping[str, str]) -> str:
    """A tally in one sentence: ``A over B: preferred in 14 of 20, 48 to 86 %: cannot be told from
    chance``. An interval that holds one half decides nothing."""
    preferred, other = (titles.get(name, name) for name in (tally.preferred, tally.other))
    preferred = preferred[:1].upper() + preferred[1:]
    ties = f" ({tally.ties} could not be told)" if tally.ties else ""
    if tally.share is None:
        return f"{preferred} and {other}: not told apart in any vote{ties}."
    between = f"{100 * tally.share.low:.0f} to {100 * tally.share.high:.0f} %"
    if 2 * tally.wins == tally.decided:
        return (
            f"{preferred} and {other}: preferred equally often, in {tally.wins} of "
            f"{tally.decided} each, {between}: cannot be told from chance{ties}."
        )
    said = "cannot be told from chance" if tally.share.low <= 0.5 else "more often than by chance"
    return (
        f"{preferred} over {other}: preferred in {tally.wins} of {tally.decided}, {between}: "
        f"{said}{ties}."
    )


def _key(fingerprint: str, given: Vote) -> str:
    pair = hashlib.sha256(f"{given.first}\n{given.second}".encode()).hexdigest()[:16]
    return f"vote/{fingerprint}/{pair}/{given.row}/{given.voter.casefold()}"
