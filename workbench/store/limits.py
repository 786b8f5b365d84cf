"""What one owner may have on a server that others reach: runs, time, disk and uploads.

Each limit is a setting of the store with a default; ``workbench app --limit NAME=VALUE`` and the
admin's view set it. The value ``none`` lifts it. Whoever sits at the machine, and admins, have no
limit but ``queued``, and that only under a name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from workbench.config import Budget
from workbench.errors import RequestError, unknown_name
from workbench.store.owners import in_words, is_visitor
from workbench.store.rows import LIVE, RunRow

_NONE = "none"
_PENDING = ("queued", *LIVE)


@dataclass(frozen=True)
class Limit:
    """help: what is counted, as the admin's view says it. default: None for no limit."""

    name: str
    default: float | None
    help: str


LIMITS = {
    limit.name: limit
    for limit in (
        Limit("queued", 12, "runs an owner has queued or running"),
        Limit("running", None, "runs an owner has running at once"),
        # Thirty students without a name queue a pair of runs each, and some a pilot.
        Limit("visitors-queued", 80, "runs that all visitors without a name have together"),
        Limit("run-seconds", 3600, "training seconds of a run"),
        Limit("run-steps", 20_000, "training steps of a run that is budgeted in steps"),
        Limit("run-epochs", 100, "epochs of a run that is budgeted in epochs"),
        Limit("waiting-seconds", 14_400, "training seconds of all queued and running runs"),
        Limit("disk-mb", 5_000, "megabytes of the files of an owner's runs"),
        Limit("upload-mb", 1_000, "megabytes an owner has uploaded"),
        Limit("uploads", 20, "uploads an owner keeps"),
    )
}


class Settings(Protocol):
    """The part of a store that limits are read from and written to."""

    def setting(self, key: str, default: Any = None) -> Any: ...

    def set_setting(self, key: str, value: Any) -> None: ...


def value(store: Settings, name: str) -> float:
    """The value of a limit; infinite for none."""
    default = LIMITS[name].default
    # The setting of versions that knew this limit only.
    former = store.setting("owner_limit", default) if name == "queued" else default
    number = store.setting(_key(name), former)
    return math.inf if number is None else float(number)


def values(store: Settings) -> dict[str, float]:
    """All limits by name."""
    return {name: value(store, name) for name in LIMITS}


def parse(text: str) -> tuple[str, float | None]:
    """(name, value) of ``NAME=VALUE``; None for ``none``. Raises RequestError."""
    name, _, number = (part.strip() for part in text.partition("="))
    if name not in LIMITS:
        raise unknown_name("limit", name, LIMITS, field="--limit")
    if number.lower() == _NONE:
        return name, None
    try:
        parsed = float(number)
    except ValueError:
        parsed = math.nan
    if not 0 <= parsed < 1e12:
        raise RequestError(
            f"'{number[:40]}' is no value of the limit '{name}'.",
            field="--limit",
            remedy=f"Give a number from 0 on, or '{_NONE}': --limit {name}={_NONE}.",
        )
    return name, parsed


def put(store: Settings, name: str, number: float | None) -> None:
    """Set a limit; None lifts it."""
    store.set_setting(_key(name), number)


def check_queued(limits: Mapping[str, float], owner: str, there: int, new: int) -> None:
    """Raise RequestError if ``new`` runs are too many beside the ``there`` of this owner."""
    if new and there + new > limits["queued"]:
        raise RequestError(
            f"{in_words(owner)} has {there} runs queued or running, and may have "
            f"{limits['queued']:g}; this adds {new}.",
            field="owner",
            remedy="Wait for some of them, stop some, or ask for fewer.",
        )


def check_runs(
    limits: Mapping[str, float],
    owner: str,
    pending: Sequence[RunRow],
    budgets: Sequence[Budget],
    disk_mb: float,
) -> None:
    """Raise RequestError if runs with these ``budgets`` are too much for the owner.

    pending: the queued and running runs of all owners. disk_mb: of the owner's runs.
    """
    if not budgets:
        return
    own = [row for row in pending if row.owner == owner]
    check_queued(limits, owner, len(own), len(budgets))
    if is_visitor(owner):
        _check_visitors(limits, pending, len(budgets))
    for budget in budgets:
        for unit in ("seconds", "steps", "epochs"):
            _check_budget(f"run-{unit}", limits, getattr(budget, unit))
    waiting = sum(float(row.config["budget"].get("seconds") or 0) for row in own)
    total = waiting + sum(budget.seconds or 0 for budget in budgets)
    if total > limits["waiting-seconds"]:
        raise RequestError(
            f"these runs and those that wait would take {total:g} s, and "
            f"{in_words(owner)} may have {limits['waiting-seconds']:g} s waiting.",
            field="limit waiting-seconds",
            remedy="Wait for some of them, stop some, or give these less time.",
        )
    if disk_mb > limits["disk-mb"]:
        raise RequestError(
            f"the runs of {in_words(owner)} take {disk_mb:,.0f} MB of disk, and may take "
            f"{limits['disk-mb']:,g} MB.",
            field="limit disk-mb",
            remedy="Delete runs that are not needed any more.",
        )


def check_upload(
    limits: Mapping[str, float], owner: str, count: int, megabytes: float, new_mb: float
) -> None:
    """Raise RequestError if one more upload of ``new_mb`` is too much beside ``count`` of
    ``megabytes`` in all."""
    if count + 1 > limits["uploads"]:
        raise RequestError(
            f"{in_words(owner)} keeps {count} uploads, and may keep {limits['uploads']:g}.",
            field="limit uploads",
            remedy="Remove some under 'Prepared before'.",
        )
    if megabytes + new_mb > limits["upload-mb"]:
        raise RequestError(
            f"{in_words(owner)} has uploaded {megabytes:,.0f} MB, and may upload "
            f"{limits['upload-mb']:,g} MB in all; this adds {new_mb:,.1f} MB.",
            field="limit upload-mb",
            remedy="Remove some under 'Prepared before', or give fewer or smaller files.",
        )


def _check_visitors(limits: Mapping[str, float], pending: Sequence[RunRow], new: int) -> None:
    there = sum(is_visitor(row.owner) for row in pending)
    if there + new > limits["visitors-queued"]:
        raise RequestError(
            f"visitors without a name have {there} runs queued or running, and may have "
            f"{limits['visitors-queued']:g} together; this adds {new}.",
            field="limit visitors-queued",
            remedy="Give your name in the sidebar, or wait.",
        )


def _check_budget(name: str, limits: Mapping[str, float], number: float | None) -> None:
    if number is not None and number > limits[name]:
        unit = name.removeprefix("run-")
        raise RequestError(
            f"a run of {number:g} {unit} is asked for, and a run may have {limits[name]:g}.",
            field=f"limit {name}",
            remedy=f"Give fewer {unit}, or ask whoever started the app for more.",
        )


def _key(name: str) -> str:
    return f"limit/{name}"
