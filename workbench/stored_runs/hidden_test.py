"""Hiding test scores: one switch for each data set, and the runs that were confirmed on test.

While the switch is on, a run shows its validation scores everywhere, until it is confirmed. Who
looks at test scores chooses by them, so runs whose test scores have been open are counted. The
count comes from the stored runs: a deleted run is no longer counted. Anybody who reads the files of
a home can still look; the switch stops looking by habit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from workbench.comparison import Looks
from workbench.comparison.records import ScoredRun
from workbench.comparison.run_fields import data_name
from workbench.errors import RequestError
from workbench.records import ConfigRecord, Summary
from workbench.store.rows import RunRow
from workbench.store.store import Store


@dataclass(frozen=True)
class Hold:
    """The setting ``hold_test/<fingerprint>``. on: the test is kept closed. since: when the switch
    was last moved (ISO 8601). opened: ids of runs confirmed on test."""

    on: bool = False
    since: str | None = None
    opened: tuple[str, ...] = ()

    def closes(self, run_id: str) -> bool:
        """Whether this run's test scores are kept closed."""
        return self.on and run_id not in self.opened


def hold(store: Store, fingerprint: str | None) -> Hold:
    """How the test of the data with ``fingerprint`` is kept; open before anybody said otherwise."""
    raw = store.setting(_key(fingerprint)) if fingerprint else None
    if raw is None:
        return Hold()
    return Hold(bool(raw["on"]), raw.get("since"), tuple(raw.get("opened", ())))


def switch(store: Store, fingerprint: str, on: bool) -> Hold:
    """Keep the test of these data closed, or open it for all runs. Runs that were confirmed stay
    so. Does nothing if the switch stands there already."""
    known = hold(store, fingerprint)
    if known.on == on:
        return known
    return _write(store, fingerprint, Hold(on, datetime.now(UTC).isoformat(), known.opened))


def confirm(store: Store, rows: Sequence[RunRow]) -> list[str]:
    """Open the test scores of ``rows``, which is kept; returns the ids that this opened.

    Each of them gets a note of when, and of how many runs had been open by then. Raises
    RequestError, and opens none, if one has not finished.
    """
    for row in rows:
        if row.state != "finished":
            raise RequestError(
                f"run '{row.id}' ({row.state}) has no test scores.",
                field="RUN",
                remedy="Wait until it has finished, or take another run.",
            )
    opened = []
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for row in rows:
        fingerprint = row.fingerprint or ""
        known = hold(store, fingerprint)
        if not known.closes(row.id):
            continue
        before = looks(store, row.config).runs
        _write(store, fingerprint, Hold(True, known.since, (*known.opened, row.id)))
        note = (
            f"Confirmed on test at {now}; the test scores of {before} "
            f"{'run' if before == 1 else 'runs'} on these data had been open before."
        )
        store.merge_summary(row.id, {"notes": [*store.run(row.id).summary.get("notes", []), note]})
        opened.append(row.id)
    return opened


def closed(store: Store, rows: Sequence[RunRow]) -> set[str]:
    """The ids of the ``rows`` whose test is kept closed; reads each data set's switch once."""
    holds = {name: hold(store, name) for name in {row.fingerprint for row in rows}}
    return {row.id for row in rows if holds[row.fingerprint].closes(row.id)}


def looks(store: Store, config: ConfigRecord) -> Looks:
    """How many runs' test scores are, or have been, open for the data of ``config``.

    With the switch on: those confirmed, and those that had finished before it was moved.
    """
    data = config["data"]
    fingerprint = str(data.get("fingerprint"))
    known = hold(store, fingerprint)
    scored = store.test_scored(fingerprint)
    if known.on and known.since is not None:
        moved = datetime.fromisoformat(known.since).timestamp()
        scored = {i: at for i, at in scored.items() if i in known.opened or at < moved}
    return Looks(fingerprint, data_name(data), len(scored), known.on)


def shown(summary: Summary, closed: bool) -> ScoredRun:
    """Scores and gains of the one split that may be shown: test, or validation while test scores
    are hidden. Empty lists where there are none of that split."""
    if closed:
        return {
            "scores": summary.get("validation_scores", []),
            "gains": summary.get("validation_gains", []),
        }
    return {"scores": summary.get("scores", []), "gains": summary.get("gains", [])}


def _write(store: Store, fingerprint: str, state: Hold) -> Hold:
    value = {"on": state.on, "since": state.since, "opened": list(state.opened)}
    store.set_setting(_key(fingerprint), value)
    return state


def _key(fingerprint: str) -> str:
    return f"hold_test/{fingerprint}"
