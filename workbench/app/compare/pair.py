"""Two runs, sample by sample: which moved most, and which one gets right and the other wrong."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.compare import disagreement, movers
from workbench.app.shared.maps import Shown
from workbench.app.shared.session import Located
from workbench.stored_runs import feature_spaces


def show(located: Sequence[Located], shown: Sequence[Shown]) -> None:
    """Ask for a pair of runs of one data set and draw both lists."""
    titles = dict(
        zip(
            (place.row.id for place in located),
            feature_spaces.unique_titles([place.row for place in located]),
            strict=True,
        )
    )
    left, right = st.columns(2)
    with left:
        first = _choice("First run", located, titles, "first")
    alike = [place for place in located if _same_data(place, first) and place is not first]
    # Another configuration says more at first sight than another seed of the same one.
    own = feature_spaces.configuration(first.row.config)
    alike.sort(key=lambda place: feature_spaces.configuration(place.row.config) == own)
    if not alike:
        st.caption("It takes two runs of the same data: choose another one above.")
        return
    with right:
        second = _choice("Second run", alike, titles, "second")
    of_data = (one for one in shown if _same_data(one.located[0], first))
    on_map = next(of_data, None)
    names = titles[first.row.id], titles[second.row.id]
    movers.show(first, second, names, on_map)
    disagreement.show(first, second, names, on_map)


def _choice(label: str, places: Sequence[Located], titles: dict[str, str], key: str) -> Located:
    ids = [place.row.id for place in places]
    chosen = st.selectbox(
        label, ids, format_func=lambda run_id: titles[run_id], key=key, bind="query-params"
    )
    return next((place for place in places if place.row.id == chosen), places[0])


def _same_data(one: Located, other: Located) -> bool:
    return feature_spaces.fingerprint(one.row) == feature_spaces.fingerprint(other.row)
