"""The list of runs, of this home or of one experiment: filters, cards or a table, and buttons for
the chosen runs."""

from __future__ import annotations

import streamlit as st

from workbench.app.plain import plain
from workbench.app.runs import filters, grid, table
from workbench.app.shared import run_words, session
from workbench.store.rows import ENDED, RunRow

CARDS_PER_PAGE = 24
_ROWS_PER_PAGE = 200
_CHOSEN = "pick"


def show(experiment: str | None) -> None:
    """Draw the filters, the runs, and the buttons for the chosen runs."""
    store = session.store()
    choice = filters.show(store.facets(), experiment)
    limit = CARDS_PER_PAGE if choice.view == "cards" else _ROWS_PER_PAGE
    page = _page()
    rows, total = store.page(choice.filter, offset=(page - 1) * limit, limit=limit)
    if not rows and page > 1:
        page = 1
        rows, total = store.page(choice.filter, limit=limit)
    if not rows:
        _no_runs(filtered=choice.filtered, experiment=experiment)
        return
    if experiment is not None:
        # The runs of a pilot stand in the order in which they run.
        rows = rows[::-1]
    chosen = chosen_ids()
    _buttons(chosen)
    if choice.view == "cards":
        grid.show(rows, chosen, _toggle)
    else:
        _table(rows)
    pages = -(-total // limit)
    if pages > 1:
        first = (page - 1) * limit + 1
        st.caption(f"{first} to {first + len(rows) - 1} of {total} runs, newest first.")
        st.pagination(pages, key="page", bind="query-params")


def chosen_ids() -> list[str]:
    """The ids of the chosen runs, from the address. There may be no run with such an id."""
    ids = st.query_params.get(_CHOSEN, "").split(",")
    return list(dict.fromkeys(run_id for run_id in ids if run_id))[: grid.MOST_CHOSEN]


def _page() -> int:
    """The number of the page: from its widget, or, before that is drawn, from the address."""
    raw = st.session_state.get("page", st.query_params.get("page", "1"))
    return max(1, int(raw)) if str(raw).isdigit() and len(str(raw)) < 6 else 1


def _toggle(run_id: str) -> None:
    """Choose a run, or choose it no longer."""
    chosen = chosen_ids()
    _write(
        [other for other in chosen if other != run_id] if run_id in chosen else [*chosen, run_id]
    )


def _write(ids: list[str]) -> None:
    """Write the chosen runs into the address."""
    if ids:
        st.query_params[_CHOSEN] = ",".join(ids)
    else:
        st.query_params.pop(_CHOSEN, None)


def _buttons(chosen: list[str]) -> None:
    if not chosen:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        runs = "1 run" if len(chosen) == 1 else f"{len(chosen)} runs"
        if st.button(f"Compare {runs}", type="primary", icon=":material/compare:"):
            session.go("compare", {"runs": ",".join(chosen)})
        st.button("Choose none", on_click=_write, args=([],))
        if len(chosen) == grid.MOST_CHOSEN:
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
        first = ids[: grid.MOST_CHOSEN]
        label = f"Compare {len(first)} of them" if len(first) < len(ids) else "Compare"
        if st.button(label, type="primary"):
            session.go("compare", {"runs": ",".join(first)})


def _no_runs(*, filtered: bool, experiment: str | None) -> None:
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
        titles = run_words.unique_titles(demo)
        with st.container(horizontal=True):
            for run in demo:
                if st.button(plain(titles[run.id]), key=f"demo-{run.id}"):
                    st.query_params["run"] = run.id
                    st.rerun()
