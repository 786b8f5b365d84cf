"""How well each run keeps a group of samples together, in its own space and not on a map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.shared.session import Located
from workbench.maps.cohesion import FEWEST, Cohesion, cohesion
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.feature_spaces import Stamps

Found = list[tuple[str, Cohesion]]


def lines(
    located: Sequence[Located], rows: Sequence[int] | npt.NDArray[np.int64], name: str
) -> None:
    """One line a run, with pixels or words only and the untrained encoder beside it."""
    if len(rows) < FEWEST:
        return
    found = of(located, rows)
    if not found:
        return
    first = found[0][1]
    said = ", ".join(
        f"{title} {one.share:.0%} [{one.low:.0%}, {one.high:.0%}]" for title, one in found
    )
    st.caption(
        f"How well {name} is kept together: of its samples' {first.k} nearest neighbours (in the "
        f"representations themselves) {said} are in it too; {first.base:.0%} by chance."
    )


def of(located: Sequence[Located], rows: Sequence[int] | npt.NDArray[np.int64]) -> Found:
    """The cohesion of the samples ``rows`` by way of seeing: its title, and what was counted.

    Empty where runs kept no embeddings, and for a group of which nothing can be told.
    """
    places = feature_spaces.with_embeddings([(place.home, place.row) for place in located])
    if not places:
        return []
    return _of(feature_spaces.stamps(places), tuple(int(row) for row in rows), _places=places)


@st.cache_data(max_entries=64, show_spinner=False)
def _of(stamps: Stamps, rows: tuple[int, ...], *, _places: Sequence[feature_spaces.Place]) -> Found:
    found = []
    for space in _spaces(stamps, _places=_places):
        members = np.flatnonzero(np.isin(space.rows, rows))
        told = cohesion(space.features, members)
        if told is not None:
            found.append((space.title, told))
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def _spaces(
    stamps: Stamps, *, _places: Sequence[feature_spaces.Place]
) -> list[feature_spaces.Space]:
    return feature_spaces.of_runs(_places)
