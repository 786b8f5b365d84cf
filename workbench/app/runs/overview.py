"""The runs of this home, or of one experiment: a page of cards or a table, filtered, and what can
be done with the chosen ones."""

from __future__ import annotations

import streamlit as st

from workbench.app.runs import filters, grid, table
from workbench.app.shared import run_words, session
from workbench.store.rows import ENDED, RunRow

A_PAGE = 24
_TABLE = 200
_PICKED = "pick"


def show(experiment: str | None) -> None:
    """Draw the filters, the runs, and the buttons for those that are chosen."""
    store = session.store()
    asked = filters.show(store.facets(), experiment)
    limit = A_PAGE if asked.view == "cards" else _TABLE
    page = _page()
    rows, total = store.page(asked.wanted, offset=(page - 1) * limit, limit=limit)
    if not rows and page > 1:
        page = 1
        rows, total = store.page(asked.wanted, limit=limit)
    if not rows:
        _nothing(filtered=asked.filtered, experiment=experiment)
        return
    if experiment is not None:
        # The runs of a pilot stand in the order in which they run.
        rows = rows[::-1]
    picked = picked_ids()
    _chosen(picked)
    if asked.view == "cards":
        grid.show(rows, picked, _move)
    else:
        _table(rows)
    pages = -(-total // limit)
    if pages > 1:
        first = (page - 1) * limit + 1
        st.caption(f"{first} to {first + len(rows) - 1} of {total} runs, newest first.")
        st.pagination(pages, key="page", bind="query-params")


def picked_ids() -> list[str]:
    """The ids of the chosen runs, from the address; whoever looks one up may find nothing."""
    named = st.query_params.get(_PICKED, "").split(",")
    return list(dict.fromkeys(run_id for run_id in named if run_id))[: grid.MOST_PICKED]


def _page() -> int:
    """The page that is asked for, from its widget, or before that is drawn from the address."""
    raw = st.session_state.get("page", st.query_params.get("page", "1"))
    return max(1, int(raw)) if str(raw).isdigit() and len(str(raw)) < 6 else 1


def _move(run_id: str) -> None:
    """Choose a run, or no longer; in the address."""
    picked = picked_ids()
    _write([one for one in picked if one != run_id] if run_id in picked else [*picked, run_id])


def _write(ids: list[str]) -> None:
    if ids:
        st.query_params[_PICKED] = ",".join(ids)
    else:
        st.query_params.pop(_PICKED, None)


def _chosen(picked: list[str]) -> None:
    if not picked:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        runs = "1 run" if len(picked) == 1 else f"{len(picked)} runs"
        if st.button(f"Compare {runs}", type="primary", icon=":material/compare:"):
            session.go("compare", {"runs": ",".join(picked)})
        st.button("Choose none", on_click=_write, args=([],))
        if len(picked) == grid.MOST_PICKED:
            st.caption("Up to 6 runs are compared side by side.")


def _table(rows: list[RunRow]) -> None:
    beats = session.store().heartbeats([row.id for row in rows if row.state not in ENDED])
    ids = table.table(rows, {run_id: beat.progress for run_id, beat in beats.items()})
    grid.watch_states(rows)
    if not ids:
        return
    with st.container(horizontal=True):
        if len(ids) == 1 and st.button("Open", icon=":material/open_in_full:"):
            st.query_params["run"] = ids[0]
            st.rerun()
        few = ids[: grid.MOST_PICKED]
        label = f"Compare {len(few)} of them" if len(few) < len(ids) else "Compare"
        if st.button(label, type="primary"):
            session.go("compare", {"runs": ",".join(few)})


def _nothing(*, filtered: bool, experiment: str | None) -> None:
    if filtered:
        st.write("No run is like that. 'Show all' takes the filter away.")
        return
    st.write("There are no runs of this pilot here." if experiment else "No runs yet.")
    with st.container(horizontal=True):
        if st.button("Start one", type="primary", icon=":material/play_arrow:"):
            session.go("pretrain")
        if experiment and st.button("Show all runs"):
            st.query_params.pop("experiment", None)
            st.rerun()
    demo = session.demo_runs()
    if demo and not experiment:
        st.caption("Or look at a stored one:")
        with st.container(horizontal=True):
            for row in demo:
                if st.button(run_words.title(row), key=f"demo-{row.id}"):
                    st.query_params["run"] = row.id
                    st.rerun()
