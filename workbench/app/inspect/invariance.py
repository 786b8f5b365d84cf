"""How far each augmentation moves a run's representation: chart and table, measured on demand."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from workbench.app import tables
from workbench.app.inspect import display
from workbench.app.plain import plain
from workbench.app.shared import session
from workbench.app.shared.figure import plot, theme
from workbench.errors import WorkbenchError
from workbench.plots.invariance import invariance_figure
from workbench.records import InvarianceRecord, MovementRecord
from workbench.store.rows import LIVE
from workbench.stored_runs import invariances
from workbench.stored_runs.invariances import InvarianceTrial
from workbench.stored_runs.stored_run import StoredRun

_QUESTION = (
    "Each augmentation alone is applied to validation samples. How far does it move a sample's "
    "representation, measured by how far different samples lie apart? **0**: the encoder is blind "
    "to it. **1**: it moves a sample as far off as another sample."
)


def show(run: StoredRun) -> None:
    """Draw what was measured, and a button that measures the rest."""
    st.markdown(_QUESTION)
    if not run.files.encoder.exists():
        st.caption(
            "The stored demo runs keep no encoder, so they cannot be measured. Train one like it "
            "to see its table."
            if run.demo
            else f"This run ({run.row.state}) has no trained encoder, so there is nothing to "
            "measure yet."
        )
        return
    data = run.samples
    if data is None:
        st.caption(
            "The prepared data of this run are gone, so it cannot be measured. Start any run on "
            "the same data to prepare them again."
        )
        return
    try:
        trials = invariances.trials(invariances.config_with_plugins(run.config), data.info)
    except WorkbenchError as error:
        display.show_problem(error)
        return
    measured = invariances.read_measurements(run.folder)
    missing = [trial for trial in trials if trial.key not in measured]
    if missing and st.button(
        f"Measure {len(missing)} augmentations", type="primary", icon=":material/straighten:"
    ):
        _measure(run, missing)
        measured = invariances.read_measurements(run.folder)
        missing = [trial for trial in trials if trial.key not in measured]
    if missing and session.store().count(LIVE):
        st.caption("A run is training here; measuring takes some seconds of the processor from it.")
    results = [(trial, measured[trial.key]) for trial in trials if trial.key in measured]
    if results:
        _results(run, results, display.noun(data))


def _measure(run: StoredRun, missing: Sequence[InvarianceTrial]) -> None:
    """Measure one trial after another, so that the engine can answer others in between."""
    bar = st.progress(0.0)
    for done, trial in enumerate(missing):
        bar.progress(
            done / len(missing), text=f"{plain(trial.title)} ({done + 1} of {len(missing)})"
        )
        try:
            session.engine().invariance(run.id, trial.key)
        except WorkbenchError as error:
            display.show_problem(error)
            break
    bar.empty()


def _results(
    run: StoredRun, results: Sequence[tuple[InvarianceTrial, InvarianceRecord]], what: str
) -> None:
    ordered = invariances.sort_by_movement(results)
    rows = [(_title(trial), record) for trial, record in ordered]
    plot(
        invariance_figure(rows, theme=theme()),
        key=f"inspect-invariance-{run.id}",
        alt="How far each augmentation moves the representation, trained and untrained",
    )
    frame = _table(rows)
    help_of = tables.column_help(frame.columns)
    st.dataframe(frame, hide_index=True, width="stretch", height="content", column_config=help_of)
    first = ordered[0][1]
    no_values = all(record["trained"]["value"] is None for _, record in ordered)
    if first["trained"]["apart"] <= 0 or no_values:
        st.caption("All samples lie in one place for this encoder, so distances say nothing.")
    st.caption(
        f"Mean cosine distance of an augmented view to its {what}, divided by the mean distance of "
        f"two different {what}s, with a 95 % interval; {first['samples']:,} {first['split']} "
        f"{what}s with {first['views']} views each, the same for both encoders. Only views that "
        "the augmentation changed count. ● marks what this run trained with. To be blind to a "
        "change that matters to you costs accuracy; to one that does not matter, it is what was "
        "hoped for."
    )


def _title(trial: InvarianceTrial) -> str:
    return f"● {trial.title}" if trial.own else trial.title


def _table(rows: Sequence[tuple[str, InvarianceRecord]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "augmentation": [title for title, _ in rows],
            "trained": [_value(record["trained"]) for _, record in rows],
            "untrained encoder": [_value(record["untrained"]) for _, record in rows],
            "views changed": [f"{100 * record['trained']['changed']:.0f} %" for _, record in rows],
        }
    )


def _value(movement: MovementRecord) -> str:
    if movement["value"] is None:
        return "no clear value"
    return f"{movement['value']:.2f} [{movement['low']:.2f}, {movement['high']:.2f}]"
