"""The runs of the Compare page: read from the address, by id or by experiment, or chosen here.

Runs that differ by their seed alone are one entry. The widget writes the choice into the address
and shows what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping, Sequence

import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import current_data, run_words, session
from workbench.comparison.run_fields import data_name, task_title
from workbench.store.rows import ENDED
from workbench.stored_runs.stored_run import StoredRun

MOST_CONFIGURATIONS = 6
MOST_RUNS = 60
_OFFERED = 100
_KEY, _EMPTIED = "compare-runs", "compare-emptied"

Query = MutableMapping[str, str]
# The runs of one configuration, by their ids with commas between them.
Entries = dict[str, list[StoredRun]]


def choose(query: Query) -> list[StoredRun]:
    """Draw the choice; returns the runs to compare, in any state, of at most six configurations."""
    own = current_data.runs_first(session.newest_runs(_OFFERED))
    demo = list(session.demo_runs())
    named, missing = _named(query)
    if not named and not query.get("runs") and not st.session_state.get(_EMPTIED):
        named = [] if own else demo
    if not own and not demo:
        st.write("There are no runs yet.")
        if st.button("Start one", icon=":material/play_arrow:"):
            session.go("pretrain")
        return []
    if missing:
        st.warning(
            f"Not here: {plain(', '.join(missing)[:200])}. It may have been deleted, or be of "
            "another home. Choose among the runs that are here."
        )
    entries = _entries(named)
    chosen = dict(list(entries.items())[:MOST_CONFIGURATIONS])
    named_ids = {run.id for run in named}
    offered = chosen | _entries(run for run in [*own, *demo] if run.id not in named_ids)
    if len(chosen) < len(entries):
        st.warning(f"The first {MOST_CONFIGURATIONS} of {len(entries)} configurations are shown.")
    st.session_state[_KEY] = list(chosen)
    st.multiselect(
        "Runs",
        list(offered),
        format_func=lambda key: _title(offered[key]),
        max_selections=MOST_CONFIGURATIONS,
        placeholder="Pick runs to compare",
        key=_KEY,
        on_change=_write,
        args=(query,),
        help=f"Up to {MOST_CONFIGURATIONS} at once. Runs that differ only by their seed are one "
        "entry, and are pooled.",
    )
    runs = [run for entry in chosen.values() for run in entry][:MOST_RUNS]
    current_data.show_missing_runs([*own, *demo], runs)
    if not runs:
        _suggest(query, own, demo)
    return runs


def _named(query: Query) -> tuple[list[StoredRun], list[str]]:
    """The runs that the address names, and the ids of which there is no run."""
    ids = list(dict.fromkeys(part for part in query.get("runs", "").split(",") if part))
    if not ids and query.get("experiment"):
        rows = session.store().runs(experiment=query["experiment"], limit=MOST_RUNS)
        if not rows:
            return [], [f"experiment {query['experiment'][:40]}"]
        return [StoredRun(session.home(), row) for row in reversed(rows)], []
    found = {run_id: session.find_run(run_id) for run_id in ids[: 2 * MOST_RUNS]}
    runs = [run for run in found.values() if run is not None]
    return runs, [run_id[:40] for run_id, run in found.items() if run is None]


def _entries(runs: Iterable[StoredRun]) -> Entries:
    groups: dict[tuple[str, str], list[StoredRun]] = {}
    for run in runs:
        groups.setdefault((str(run.home), run.configuration), []).append(run)
    return {",".join(run.id for run in group): group for group in groups.values()}


def _title(entry: Sequence[StoredRun]) -> str:
    row = entry[0].row
    demo = "demo: " if entry[0].demo else ""
    name = run_words.title(row)
    if len(entry) > 1:
        names = {run.row.name for run in entry}
        shared = names.pop() if len(names) == 1 else ""
        name = f"{shared or task_title(row.config)} ({len(entry)} seeds)"
    state = "" if row.state == "finished" else f", {row.state}"
    budget = run_words.budget(row.config)
    return f"{demo}{name} on {data_name(row.config['data'])}, {budget}{state} · {row.id}"


def _write(query: Query) -> None:
    """Write the choice into the address."""
    ids = ",".join(st.session_state[_KEY])
    for name in ("experiment", "runs", "maps"):
        query.pop(name, None)
    if ids:
        query["runs"] = ids
    st.session_state[_EMPTIED] = not ids


def _suggest(query: Query, own: Sequence[StoredRun], demo: Sequence[StoredRun]) -> None:
    """Draw buttons that choose runs, for an empty page."""
    st.write("Pick two runs or more above. They are shown side by side: maps, checks and gains.")
    finished = [run for run in own if run.finished]
    # The runs on the current data come first.
    same_data = [run for run in finished if run.fingerprint == finished[0].fingerprint]
    pilot, state, any_result = _newest_pilot(own)
    offers: dict[str, dict[str, str]] = {}
    if pilot and any_result:
        offers[f"The newest pilot{state}"] = {"experiment": pilot}
    if len(same_data) > 1:
        offers["The two newest finished runs"] = {"runs": ",".join(run.id for run in same_data[:2])}
    if demo:
        offers["The stored demo runs"] = {"runs": ",".join(run.id for run in demo)}
    with st.container(horizontal=True):
        for label, values in offers.items():
            st.button(label, on_click=query.update, args=(values,), key=f"offer-{label}")
        if (
            pilot
            and not any_result
            and st.button(f"Watch the newest pilot{state}", icon=":material/monitoring:")
        ):
            session.go("runs", {"experiment": pilot})


def _newest_pilot(own: Sequence[StoredRun]) -> tuple[str | None, str, bool]:
    """The newest experiment, on the current data if there is one on them; how many of its runs have
    ended, in words, unless all have; and whether any has finished."""
    experiment = next((run.row.experiment for run in own if run.row.experiment), None)
    if experiment is None:
        return None, "", False
    rows = session.store().runs(experiment=experiment, summaries=False)
    ended = sum(row.state in ENDED for row in rows)
    state = "" if ended == len(rows) else f" ({ended} of {len(rows)} runs have ended)"
    return experiment, state, any(row.state == "finished" for row in rows)
