"""Agreement between runs on the screen: matrices of shared neighbours and CKA, and sentences."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared.figure import plot, theme
from workbench.comparison.records import AgreementRecord
from workbench.plots import agreement_figure
from workbench.plots.agreement import NAMES, Measure, band_words
from workbench.stored_runs import agreement, feature_spaces
from workbench.stored_runs.feature_spaces import Space, Stamps
from workbench.stored_runs.stored_run import StoredRun

_CAPTIONS = {
    "overlap": "Of the nearest neighbours of a sample, how many two of them have in common, in "
    "percent; the mean over samples.",
    "cka": "Linear CKA, debiased: 1 the same up to rotation and scale, about 0 unrelated. Few "
    "strong directions decide it.",
}


def show(runs: Sequence[StoredRun], external: Sequence[Space] = ()) -> None:
    """Draw the agreement of runs that kept their embeddings, and of embeddings from elsewhere."""
    if not runs:
        st.caption(
            "None of these runs kept its embeddings (the stored demo runs do not), so their "
            "neighbours cannot be looked up."
        )
        return
    keys = tuple(space.key for space in external)
    record = _agreement(feature_spaces.stamps(runs), keys, _runs=runs, _external=external)
    if record is None:
        st.caption("There is nothing to compare: the runs have too few samples in common.")
        return
    st.markdown("\n".join(f"- {plain(line)}" for line in record["sentences"]))
    left, right = st.columns(2)
    with left:
        _matrix(record, "overlap")
    with right:
        _matrix(record, "cka")
    for note in record["notes"]:
        st.caption(plain(note))
    st.caption("Agreement is no quality: two broken runs may agree, and two good ones may not.")


def _matrix(record: AgreementRecord, measure: Measure) -> None:
    st.markdown(f"**{NAMES[measure]}**")
    plot(
        agreement_figure(record, measure, theme=theme()),
        key=f"agreement-{measure}",
        alt=f"Agreement between runs: {NAMES[measure].lower()}",
    )
    st.caption(f"{_CAPTIONS[measure]} {plain(band_words(record, measure))}")


@st.cache_data(max_entries=16, show_spinner="Comparing neighbourhoods")
def _agreement(
    stamps: Stamps,
    external: tuple[str, ...],
    *,
    _runs: Sequence[StoredRun],
    _external: Sequence[Space],
) -> AgreementRecord | None:
    return agreement.agreement(_runs, _external)
