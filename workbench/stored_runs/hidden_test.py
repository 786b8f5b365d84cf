"""Hiding test scores: one switch for each data set, and the runs that were confirmed on test.

While the switch is on, a run shows its validation scores everywhere, until it is confirmed. People
who look at test scores choose runs by them, so runs whose test scores could be seen are counted.
Deleted runs no longer count. The files of a home still have the scores; the switch only keeps
people from looking by habit.
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
class Visibility:
    """Whether the test scores of a data set are hidden: the setting ``hold_test/<fingerprint>``.

    since: when the switch was last moved (ISO 8601). confirmed: ids of runs confirmed on test,
    whose scores are shown all the same.
    """

    hidden: bool = False
    since: str | None = None
    confirmed: tuple[str, ...] = ()

    def hides(self, run_id: str) -> bool:
        """Whether this run's test scores are hidden."""
        return self.hidden and run_id not in self.confirmed


def visibility(store: Store, fingerprint: str | None) -> Visibility:
    """Whether the test scores of the data set are hidden. They are not before the first switch."""
    raw = store.setting(_key(fingerprint)) if fingerprint else None
    if raw is None:
        return Visibility()
    return Visibility(bool(raw["on"]), raw.get("since"), tuple(raw.get("opened", ())))


def switch(store: Store, fingerprint: str, on: bool) -> Visibility:
    """Hide the test scores of the data set (``on``) or show them; returns the new state.

    Confirmed runs stay confirmed. Does nothing if the switch is in that position already.
    """
    before = visibility(store, fingerprint)
    if before.hidden == on:
        return before
    now = datetime.now(UTC).isoformat()
    return _write(store, fingerprint, Visibility(on, now, before.confirmed))


def confirm(store: Store, rows: Sequence[RunRow]) -> list[str]:
    """Show the test scores of ``rows`` from now on; returns the ids of those that were hidden.

    Each of these gets a note with the time and the number of runs that could be seen before. Raises
    RequestError, and confirms none, if one has not finished.
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
        state = visibility(store, fingerprint)
        if not state.hides(row.id):
            continue
        before = looks(store, row.config).runs
        _write(store, fingerprint, Visibility(True, state.since, (*state.confirmed, row.id)))
        note = (
            f"Confirmed on test at {now}; the test scores of {before} "
            f"{'run' if before == 1 else 'runs'} on these data had been open before."
        )
        store.merge_summary(row.id, {"notes": [*store.run(row.id).summary.get("notes", []), note]})
        opened.append(row.id)
    return opened


def hidden_runs(store: Store, rows: Sequence[RunRow]) -> set[str]:
    """The ids of the ``rows`` whose test scores are hidden; reads each data set's switch once."""
    states = {name: visibility(store, name) for name in {row.fingerprint for row in rows}}
    return {
        row.id
        for row in rows
        # Of which data a damaged row is cannot be told: its test scores may be hidden.
        if states[row.fingerprint].hides(row.id) or (row.damage and not row.fingerprint)
    }


def looks(store: Store, config: ConfigRecord) -> Looks:
    """How many runs on the data of ``config`` have test scores that can or could be seen.

    While the switch is on these are the confirmed runs, and those that had finished before it was
    moved.
    """
    data = config["data"]
    fingerprint = str(data.get("fingerprint"))
    state = visibility(store, fingerprint)
    scored = store.test_scored(fingerprint)
    if state.hidden and state.since is not None:
        moved = datetime.fromisoformat(state.since).timestamp()
        scored = {
            run_id: ended
            for run_id, ended in scored.items()
            if run_id in state.confirmed or ended < moved
        }
    return Looks(fingerprint, data_name(data), len(scored), state.hidden)


def visible_scores(summary: Summary, hidden: bool) -> ScoredRun:
    """Scores and gains of the one split that may be shown: validation if test scores are hidden,
    else test. The lists are empty if there are none of that split."""
    if hidden:
        return {
            "scores": summary.get("validation_scores", []),
            "gains": summary.get("validation_gains", []),
        }
    return {"scores": summary.get("scores", []), "gains": summary.get("gains", [])}


def _write(store: Store, fingerprint: str, state: Visibility) -> Visibility:
    value = {"on": state.hidden, "since": state.since, "opened": list(state.confirmed)}
    store.set_setting(_key(fingerprint), value)
    return state


def _key(fingerprint: str) -> str:
    return f"hold_test/{fingerprint}"
