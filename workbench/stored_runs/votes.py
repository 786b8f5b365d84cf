"""Votes of people on which of two rows of neighbours is more alike: storing and counting them.

Each vote is a setting of the store with its own key, and the first one under a key stays. So nobody
votes twice on one question, and no process overwrites the vote of another.
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
    """A vote between two feature spaces, ``first`` and ``second`` in the order of the alphabet.

    row: the sample whose neighbours were shown. choice: the space whose neighbours are more alike,
    empty for "cannot tell". at: seconds since the epoch.
    """

    voter: str
    row: int
    first: str
    second: str
    choice: str
    at: float = 0.0


@dataclass(frozen=True)
class Tally:
    """The votes on one pair of spaces.

    preferred: the space with more votes, the first if both have as many. wins: its votes, of
    ``decided``. share: wins of decided, with its interval, None without any. ties: votes for
    "cannot tell".
    """

    preferred: str
    other: str
    wins: int
    decided: int
    ties: int
    share: Estimate | None


def vote(voter: str, row: int, one: str, other: str, choice: str) -> Vote:
    """A vote given now. Raises ValueError for a choice that was not offered."""
    first, second = sorted((one, other))
    if choice not in ("", first, second):
        raise ValueError(f"{choice!r} is neither of the two")
    return Vote(voter, row, first, second, choice, time.time())


def keep(store: Store, fingerprint: str, ballot: Vote) -> bool:
    """Store a vote; False if the voter's earlier vote on this question stays."""
    value = asdict(ballot)
    return bool(store.claim_setting(_key(fingerprint, ballot), value) == value)


def votes_on(store: Store, fingerprint: str) -> list[Vote]:
    """All votes on the data set, oldest first."""
    values = store.settings_under(f"vote/{fingerprint}/").values()
    return sorted((Vote(**value) for value in values), key=lambda one: (one.at, one.voter))


def tallies(ballots: Sequence[Vote], spaces: Sequence[str]) -> list[Tally]:
    """One tally for each pair of ``spaces`` that has votes, in the order of ``spaces``."""
    out = []
    for one, other in itertools.combinations(spaces, 2):
        votes = [v for v in ballots if {v.first, v.second} == {one, other}]
        if not votes:
            continue
        wins = {name: sum(v.choice == name for v in votes) for name in (one, other)}
        preferred, loser = (one, other) if wins[one] >= wins[other] else (other, one)
        decided = wins[one] + wins[other]
        share = wilson(wins[preferred], decided) if decided else None
        out.append(Tally(preferred, loser, wins[preferred], decided, len(votes) - decided, share))
    return out


def sentence(tally: Tally, titles: Mapping[str, str]) -> str:
    """A tally in one sentence: ``A over B: preferred in 14 of 20, 48 to 86 %: cannot be told from
    chance``. An interval with one half in it decides nothing."""
    preferred, other = (titles.get(name, name) for name in (tally.preferred, tally.other))
    preferred = preferred[:1].upper() + preferred[1:]
    ties = f" ({tally.ties} undecided)" if tally.ties else ""
    if tally.share is None:
        return f"{preferred} and {other}: no clear difference in any vote{ties}."
    between = f"{100 * tally.share.low:.0f} to {100 * tally.share.high:.0f} %"
    if 2 * tally.wins == tally.decided:
        return (
            f"{preferred} and {other}: preferred equally often, in {tally.wins} of "
            f"{tally.decided} each, {between}: no clear difference from chance{ties}."
        )
    result = (
        "no clear difference from chance" if tally.share.low <= 0.5 else "more often than by chance"
    )
    return (
        f"{preferred} over {other}: preferred in {tally.wins} of {tally.decided}, {between}: "
        f"{result}{ties}."
    )


def _key(fingerprint: str, ballot: Vote) -> str:
    pair = hashlib.sha256(f"{ballot.first}\n{ballot.second}".encode()).hexdigest()[:16]
    return f"vote/{fingerprint}/{pair}/{ballot.row}/{ballot.voter.casefold()}"
