"""Predictions of people in a lesson: kept, changed until they see the answer, and counted.

A prediction is a setting of the store under a key of its own, so that two processes cannot lose
each other's. The first look at the answer copies it into a second setting, which nothing changes
afterwards: what somebody had predicted by then counts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from workbench.errors import RequestError
from workbench.lessons.base import Choice
from workbench.store.store import Store

_CLASS = re.compile(r"^\w[\w .\-]{0,29}$")


class _StoredPrediction(TypedDict):
    """A setting's value, with the fields of ``Prediction``."""

    choice: str
    group: str
    at: float


@dataclass(frozen=True)
class Prediction:
    """voter: a name, or ``~`` and a browser's token. group: the class they take part in, may be
    empty. at: when (seconds since the epoch). revealed: whether they have seen the answer."""

    voter: str
    choice: str
    group: str
    at: float
    revealed: bool = False


@dataclass(frozen=True)
class Count:
    """How many predicted a choice, of all who predicted."""

    choice: Choice
    votes: int
    share: float


def class_name(text: str | None) -> str:
    """A class's name as it may stand in an address, empty if this is none."""
    name = " ".join((text or "").split())
    return name if _CLASS.match(name) else ""


def predict(store: Store, lesson: str, voter: str, choice: str, group: str = "") -> bool:
    """Keep a prediction, in place of an earlier one; False if this person has seen the answer."""
    if _revealed(store, lesson, voter) is not None:
        return False
    store.set_setting(_key("prediction", lesson, voter), _value(choice, group))
    return True


def reveal(store: Store, lesson: str, voter: str) -> Prediction:
    """Freeze what this person predicted, because they look at the answer now.

    Raises RequestError if they have predicted nothing.
    """
    known = store.setting(_key("prediction", lesson, voter))
    if known is None:
        raise RequestError(
            "nothing is predicted yet.", field="prediction", remedy="Choose an answer first."
        )
    frozen = store.claim_setting(_key("revealed", lesson, voter), known)
    return Prediction(voter, **frozen, revealed=True)


def prediction_of(store: Store, lesson: str, voter: str) -> Prediction | None:
    """What this person predicted, None before they did."""
    frozen = _revealed(store, lesson, voter)
    if frozen is not None:
        return Prediction(voter, **frozen, revealed=True)
    known = store.setting(_key("prediction", lesson, voter))
    return None if known is None else Prediction(voter, **known)


def adopt(store: Store, lesson: str, token: str, name: str) -> None:
    """Who predicted under a browser's ``token`` has given a ``name`` since: the prediction, and
    whether the answer was seen, become the name's, unless it has one of its own."""
    if prediction_of(store, lesson, name) is not None:
        return
    for kind in ("prediction", "revealed"):
        value = store.setting(_key(kind, lesson, token))
        if value is not None:
            store.set_setting(_key(kind, lesson, name), value)
            store.drop_setting(_key(kind, lesson, token))


def all_predictions(store: Store, lesson: str, group: str | None = None) -> list[Prediction]:
    """All predictions of a lesson, oldest first; of one class if ``group`` is given."""
    frozen = _under(store, "revealed", lesson)
    merged = {**_under(store, "prediction", lesson), **frozen}
    found = [
        Prediction(voter, **value, revealed=voter in frozen) for voter, value in merged.items()
    ]
    mine = [one for one in found if group is None or one.group == group]
    return sorted(mine, key=lambda one: (one.at, one.voter))


def forget(store: Store, lesson: str, group: str) -> None:
    """Drop the predictions of a class in a lesson, also those that have seen the answer."""
    for kind in ("prediction", "revealed"):
        for voter, value in _under(store, kind, lesson).items():
            if value["group"] == group:
                store.drop_setting(_key(kind, lesson, voter))


def count_choices(given: Sequence[Prediction], choices: Sequence[Choice]) -> list[Count]:
    """One a choice, in the lesson's order; choices that the lesson no longer has are left out."""
    known = {choice.key for choice in choices}
    counted = [one for one in given if one.choice in known]
    out = []
    for choice in choices:
        votes = sum(one.choice == choice.key for one in counted)
        out.append(Count(choice, votes, votes / len(counted) if counted else 0.0))
    return out


def _value(choice: str, group: str) -> _StoredPrediction:
    return {"choice": choice, "group": group, "at": time.time()}


def _revealed(store: Store, lesson: str, voter: str) -> _StoredPrediction | None:
    value: _StoredPrediction | None = store.setting(_key("revealed", lesson, voter))
    return value


def _under(store: Store, kind: str, lesson: str) -> dict[str, _StoredPrediction]:
    """The stored predictions of a lesson by voter. kind: ``prediction`` or ``revealed``."""
    prefix = f"{kind}/{lesson}/"
    return {key.removeprefix(prefix): value for key, value in store.settings_under(prefix).items()}


def _key(kind: str, lesson: str, voter: str) -> str:
    return f"{kind}/{lesson}/{voter.casefold()}"
