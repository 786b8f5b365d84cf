"""Compare: what was and was not shown, maps side by side, and everything else when it is opened."""

import streamlit as st

from workbench.app.compare import (
    agreement,
    external_embeddings,
    groups,
    learning_curves,
    map_choice,
    neighbours,
    pair,
    report_download,
    run_choice,
    samples_table,
    selection,
    summary,
    verdict_chips,
)
from workbench.app.shared import hidden_test, maps
from workbench.app.shared.section import section
from workbench.stored_runs import feature_spaces

st.title("Compare")

located = run_choice.chosen(st.query_params)
if not located:
    st.stop()
learning_curves.watch(located)
runs = [place.json() for place in located]
finished = [place for place in located if place.row.state == "finished"]
scored = [run for run in runs if run["status"] == "finished"]
found = summary.compared(finished, scored)
beside = external_embeddings.found(located)
columns = [*runs, *(one.document for one in beside)]

summary.guard(found)
if scored:
    summary.sentences(found)
left, right = st.columns([4, 1], vertical_alignment="bottom")
with left:
    on_maps = map_choice.chosen(located)
with right:
    kind = maps.kind_control(on_maps) if on_maps else "pca"
shown = maps.show(on_maps, key="compare", kind=kind) if on_maps else []
for one in shown:
    selection.show(one)
verdict_chips.show(runs, found)
if scored:
    summary.caution(found)
    hidden_test.show(finished)
report_download.show(located)

section("Gains and scores", "gains", lambda: summary.gains(columns, found))
section("All scores as a table", "scores", lambda: summary.scores(columns))
if len(found["decisions"]) > 1 or found["pairs"]:
    section("What next", "next", lambda: summary.decisions(scored, found), opened=True)
if len(finished) > 1:
    section(
        "Two runs, sample by sample: what moved, and who is right",
        "pair",
        lambda: pair.show(finished, shown),
    )
section("Named groups", "groups", lambda: groups.show(finished, shown))
if len(finished) + len(beside) > 1:
    section(
        "Do the runs find the same samples alike?",
        "agreement",
        lambda: agreement.show(
            feature_spaces.with_embeddings([(place.home, place.row) for place in finished]),
            [one.space for one in beside],
        ),
    )
section("What lies near what (no labels needed)", "near", lambda: neighbours.show(finished))
section(
    "Loss curves and checks over training",
    "curves",
    lambda: learning_curves.show(located),
    opened=learning_curves.live(located),
)
section(
    "Spectrum: how many directions the representations use",
    "spectra",
    lambda: learning_curves.spectra(located),
)
section("Numbers behind the collapse check", "checks", lambda: summary.checks(columns))
if len(runs) > 1:
    section(
        "What differs between the runs",
        "differences",
        lambda: summary.differences(runs),
    )
for one in shown:
    section("Samples as a table", f"table-{one.key}", lambda one=one: samples_table.show(one))
section(
    "Beside them: embeddings from elsewhere", "outside", lambda: external_embeddings.show(located)
)
