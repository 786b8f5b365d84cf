"""Agreement between runs on the screen: the matrix, what seeds give, and both in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from workbench.app.runs.detail import theme
from workbench.app.shared.figure import plot
from workbench.plots import agreement_figure
from workbench.plots.agreement import NAMES, Measure, band_words
from workbench.stored_runs import agreement, feature_spaces
from workbench.stored_runs.feature_spaces import Place, Space, Stamps

_CAPTIONS = {
    "overlap": "Of the nearest neighbours of a sample, how many two of them have in common, in "
    "percent; the mean over samples.",
    "cka": "Linear CKA, debiased: 1 the same up to rotation and scale, about 0 unrelated. Few "
    "strong directions decide it.",
}


def show(places: Sequence[Place], outside: Sequence[Space] = ()) -> None:
    """The agreement of runs that kept their embeddings, and of embeddings from elsewhere."""
    if not places:
        st.caption(
            "None of these runs kept its embeddings (the stored demo runs do not), so their "
            "neighbours cannot be looked up."
        )
        return
    keys = tuple(space.key for space in outside)
    found = _agreement(feature_spaces.stamps(places), keys, _places=places, _outside=outside)
    if found is None:
        st.caption("There is nothing to compare: the runs have too few samples in common.")
        return
    st.markdown("\n".join(f"- {line}" for line in found["sentences"]))
    left, right = st.columns(2)
    with left:
        _matrix(found, "overlap")
    with right:
        _matrix(found, "cka")
    for note in found["notes"]:
        st.caption(note)
    st.caption("Agreement is no quality: two broken runs may agree, and two good ones may not.")


def _matrix(found: dict[str, Any], measure: Measure) -> None:
    st.markdown(f"**{NAMES[measure]}**")
    plot(
        agreement_figure(found, measure, theme=theme()),
        key=f"agreement-{measure}",
        alt=f"Agreement between runs: {NAMES[measure].lower()}",
    )
    st.caption(f"{_CAPTIONS[measure]} {band_words(found, measure)}")


@st.cache_data(max_entries=16, show_spinner="Comparing neighbourhoods")
def _agreement(
    stamps: Stamps, outside: tuple[str, ...], *, _places: Sequence[Place], _outside: Sequence[Space]
) -> dict[str, Any] | None:
    return agreement.agreement(_places, _outside)
