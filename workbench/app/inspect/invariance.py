"""Which augmentations a run's representation is blind to: table and chart, measured on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from workbench.app.inspect import display
from workbench.app.runs import detail
from workbench.app.shared import session
from workbench.app.shared.figure import plot
from workbench.app.shared.session import Located
from workbench.errors import WorkbenchError
from workbench.plots.invariance import invariance_figure
from workbench.store.store import LIVE
from workbench.stored_runs import feature_spaces, invariances
from workbench.stored_runs.inspected import ENCODER
from workbench.stored_runs.invariances import Asked

_QUESTION = (
    "Each augmentation alone is applied to validation samples. How far does it move a sample's "
    "representation, measured by how far different samples lie apart? **0**: the encoder is blind "
    "to it. **1**: it moves a sample as far off as another sample."
)


def show(place: Located) -> None:
    """What was measured, and a button that measures what was not."""
    st.markdown(_QUESTION)
    if not (place.folder / ENCODER).exists():
        st.caption(
            "The stored demo runs keep no encoder, so they cannot be measured. Train one like it "
            "to see its table."
            if place.demo
            else f"This run ({place.row.state}) has no trained encoder, so there is nothing to "
            "measure yet."
        )
        return
    data = feature_spaces.dataset((place.home, place.row))
    if data is None:
        st.caption(
            "The prepared data of this run are gone, so it cannot be measured. Start any run on "
            "the same data to prepare them again."
        )
        return
    try:
        asked = invariances.asked(invariances.config_of(place.row.config), data.info)
    except WorkbenchError as error:
        display.problem(error)
        return
    known = invariances.read(place.folder)
    missing = [one for one in asked if one.key not in known]
    if missing and st.button(
        f"Measure {len(missing)} augmentations", type="primary", icon=":material/straighten:"
    ):
        _measure(place, missing)
        known = invariances.read(place.folder)
        missing = [one for one in asked if one.key not in known]
    if missing and session.store().count(LIVE):
        st.caption("A run is training here; measuring takes some seconds of the processor from it.")
    found = [(one, known[one.key]) for one in asked if one.key in known]
    if found:
        _shown(place, found, display.noun(data))


def _measure(place: Located, missing: Sequence[Asked]) -> None:
    """One augmentation after another, so that others may ask the engine in between."""
    bar = st.progress(0.0)
    for done, one in enumerate(missing):
        bar.progress(done / len(missing), text=f"{one.title} ({done + 1} of {len(missing)})")
        try:
            session.engine().invariance(place.row.id, one.key)
        except WorkbenchError as error:
            display.problem(error)
            break
    bar.empty()


def _shown(place: Located, found: Sequence[tuple[Asked, Mapping[str, Any]]], what: str) -> None:
    ordered = invariances.ordered(found)
    rows = [(_title(one), row) for one, row in ordered]
    plot(
        invariance_figure(rows, theme=detail.theme()),
        key=f"inspect-invariance-{place.row.id}",
        alt="How far each augmentation moves the representation, trained and untrained",
    )
    st.dataframe(_table(rows), hide_index=True, width="stretch", height="content")
    first = ordered[0][1]
    if first["trained"]["apart"] <= 0 or all(row["trained"]["value"] is None for _, row in ordered):
        st.caption("All samples lie in one place for this encoder, so distances say nothing.")
    st.caption(
        f"Mean cosine distance of an augmented view to its {what}, divided by the mean distance of "
        f"two different {what}s, with a 95 % interval; {first['samples']:,} {first['split']} "
        f"{what}s with {first['views']} views each, the same for both encoders. Only views that "
        "the augmentation changed count. ● marks what this run trained with. To be blind to a "
        "change that matters to you costs accuracy; to one that does not matter, it is what was "
        "hoped for."
    )


def _title(one: Asked) -> str:
    return f"● {one.title}" if one.own else one.title


def _table(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "augmentation": [title for title, _ in rows],
            "trained": [_said(row["trained"]) for _, row in rows],
            "untrained encoder": [_said(row["untrained"]) for _, row in rows],
            "views changed": [f"{100 * row['trained']['changed']:.0f} %" for _, row in rows],
        }
    )


def _said(one: Mapping[str, Any]) -> str:
    if one["value"] is None:
        return "cannot be told"
    return f"{one['value']:.2f} [{one['low']:.2f}, {one['high']:.2f}]"
