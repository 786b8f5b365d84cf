"""Cohesion of a group of samples: how well each run keeps it together, in its feature space."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.plain import plain
from workbench.comparison import numbers
from workbench.maps.cohesion import FEWEST, Cohesion, cohesion
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.feature_spaces import Stamps
from workbench.stored_runs.stored_run import StoredRun

# By title of the feature space.
Cohesions = list[tuple[str, Cohesion]]


def show(runs: Sequence[StoredRun], rows: Sequence[int] | npt.NDArray[np.int64], name: str) -> None:
    """Draw the cohesion of the samples ``rows`` by pixels or words, untrained encoder and runs."""
    if len(rows) < FEWEST:
        return
    cohesions = cohesions_of(runs, rows)
    if not cohesions:
        return
    first = cohesions[0][1]
    shares = ", ".join(
        f"{title} {numbers.share_with_interval({'value': c.share, 'low': c.low, 'high': c.high})}"
        for title, c in cohesions
    )
    sentence = (
        f"How well {name} is kept together: of its samples' {first.k} nearest neighbours (in the "
        f"representations themselves) {shares} are in it too; {first.base:.0%} by chance."
    )
    st.caption(plain(sentence))


def cohesions_of(
    runs: Sequence[StoredRun], rows: Sequence[int] | npt.NDArray[np.int64]
) -> Cohesions:
    """The cohesion of the samples ``rows`` in each feature space.

    Empty if no run kept embeddings, or the group is too small or holds all samples.
    """
    embedded = feature_spaces.with_embeddings(runs)
    if not embedded:
        return []
    return _cohesions(
        feature_spaces.stamps(embedded), tuple(int(row) for row in rows), _runs=embedded
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _cohesions(stamps: Stamps, rows: tuple[int, ...], *, _runs: Sequence[StoredRun]) -> Cohesions:
    cohesions = []
    for space in _spaces(stamps, _runs=_runs):
        members = np.flatnonzero(np.isin(space.rows, rows))
        measured = cohesion(space.features, members)
        if measured is not None:
            cohesions.append((space.title, measured))
    return cohesions


@st.cache_resource(max_entries=4, show_spinner=False)
def _spaces(stamps: Stamps, *, _runs: Sequence[StoredRun]) -> list[feature_spaces.Space]:
    return feature_spaces.of_runs(_runs)
