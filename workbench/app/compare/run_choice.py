"""Which runs the Compare page is about: from the address, from an experiment, or chosen here.

Runs that differ by their seed alone are one entry. The address is the truth: the chooser writes it
and shows what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping, Sequence

import streamlit as st

from workbench import comparison
from workbench.app.shared import run_words, session
from workbench.app.shared.session import Located
from workbench.stored_runs import feature_spaces

MOST_CONFIGURATIONS = 6
MOST_RUNS = 60
_OFFERED = 100
_KEY, _EMPTIED = "compare-runs", "compare-emptied"

Query = MutableMapping[str, str]
Entries = dict[str, list[Located]]


def chosen(query: Query) -> list[Located]:
    """The runs to compare, in any state; draws the chooser. At most six configurations."""
    here = [Located(session.home(), row) for row in session.store().runs(limit=_OFFERED)]
    demo = [Located(session.demo_home(), row) for row in session.demo_runs()]
    asked, missing = _asked(query)
    if not asked and not query.get("runs") and not st.session_state.get(_EMPTIED):
        asked = [] if here else demo
    if not here and not demo:
        st.write("There are no runs yet.")
        if st.button("Start one", icon=":material/play_arrow:"):
            session.go("pretrain")
        return []
    if missing:
        st.warning(
            f"Not here: {', '.join(missing)[:200]}. It may have been deleted, or be of another "
            "home. Choose among the runs that are here."
        )
    taken = _entries(asked)
    shown = dict(list(taken.items())[:MOST_CONFIGURATIONS])
    known = {place.row.id for place in asked}
    offered = shown | _entries(place for place in [*here, *demo] if place.row.id not in known)
    if len(shown) < len(taken):
        st.warning(f"The first {MOST_CONFIGURATIONS} of {len(taken)} configurations are shown.")
    st.session_state[_KEY] = list(shown)
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
    found = [place for places in shown.values() for place in places][:MOST_RUNS]
    if not found:
        _suggest(query, here, demo)
    return found


def _asked(query: Query) -> tuple[list[Located], list[str]]:
    """The runs that the address names, and the ids that are not here."""
    ids = list(dict.fromkeys(part for part in query.get("runs", "").split(",") if part))
    if not ids and query.get("experiment"):
        rows = session.store().runs(experiment=query["experiment"], limit=MOST_RUNS)
        if not rows:
            return [], [f"experiment {query['experiment'][:40]}"]
        return [Located(session.home(), row) for row in reversed(rows)], []
    found = {run_id: session.locate(run_id) for run_id in ids[: 2 * MOST_RUNS]}
    there = [place for place in found.values() if place is not None]
    return there, [run_id[:40] for run_id, place in found.items() if place is None]


def _entries(places: Iterable[Located]) -> Entries:
    """Runs of one configuration together, under their ids."""
    groups: dict[tuple[str, str], list[Located]] = {}
    for place in places:
        key = (str(place.home), feature_spaces.configuration(place.row.config))
        groups.setdefault(key, []).append(place)
    return {",".join(place.row.id for place in group): group for group in groups.values()}


def _title(places: Sequence[Located]) -> str:
    row = places[0].row
    demo = "demo: " if places[0].demo else ""
    name = run_words.title(row)
    if len(places) > 1:
        given = {place.row.name for place in places}
        shared = given.pop() if len(given) == 1 else ""
        task = comparison.reading.task_title({"config": row.config})
        name = f"{shared or task} ({len(places)} seeds)"
    state = "" if row.state == "finished" else f", {row.state}"
    budget = run_words.budget(row.config)
    return f"{demo}{name} on {run_words.data_name(row.config)}, {budget}{state} · {row.id}"


def _write(query: Query) -> None:
    """Put what was chosen into the address."""
    ids = ",".join(st.session_state[_KEY])
    for name in ("experiment", "runs", "maps"):
        query.pop(name, None)
    if ids:
        query["runs"] = ids
    st.session_state[_EMPTIED] = not ids


def _suggest(query: Query, here: Sequence[Located], demo: Sequence[Located]) -> None:
    """Ways on from an empty page."""
    st.write("Pick two runs or more above. They are shown side by side: maps, checks and gains.")
    finished = [place for place in here if place.row.state == "finished"]
    experiment = next((place.row.experiment for place in finished if place.row.experiment), None)
    offers: dict[str, dict[str, str]] = {}
    if experiment:
        offers["The newest pilot"] = {"experiment": experiment}
    same = [
        place
        for place in finished
        if feature_spaces.fingerprint(place.row) == feature_spaces.fingerprint(finished[0].row)
    ]
    if len(same) > 1:
        offers["The two newest runs"] = {"runs": ",".join(place.row.id for place in same[:2])}
    if demo:
        offers["The stored demo runs"] = {"runs": ",".join(place.row.id for place in demo)}
    with st.container(horizontal=True):
        for label, values in offers.items():
            st.button(label, on_click=query.update, args=(values,), key=f"offer-{label}")
