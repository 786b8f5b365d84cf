"""Compare: what was and was not shown, maps side by side, and everything else when it is opened."""

import streamlit as st

from workbench.components import (
    agreement_view,
    compare_choice,
    comparison_view,
    groups_view,
    held_view,
    learning_curves,
    map_choice,
    maps_view,
    near,
    outside_view,
    pair_view,
    report_download,
    samples_table,
    selected_view,
    verdict_chips,
)
from workbench.components.section import section
from workbench.runs import spaces

st.title("Compare")

located = compare_choice.chosen(st.query_params)
if not located:
    st.stop()
learning_curves.watch(located)
runs = [place.json() for place in located]
finished = [place for place in located if place.row.state == "finished"]
scored = [run for run in runs if run["status"] == "finished"]
found = comparison_view.compared(finished, scored)
beside = outside_view.found(located)
columns = [*runs, *(one.document for one in beside)]

comparison_view.guard(found)
if scored:
    comparison_view.sentences(found)
left, right = st.columns([4, 1], vertical_alignment="bottom")
with left:
    on_maps = map_choice.chosen(located)
with right:
    kind = maps_view.kind_control(on_maps) if on_maps else "pca"
shown = maps_view.show(on_maps, key="compare", kind=kind) if on_maps else []
for one in shown:
    selected_view.show(one)
verdict_chips.show(runs, found)
if scored:
    comparison_view.caution(found)
    held_view.show(finished)
report_download.show(located)

section("Gains and scores", "gains", lambda: comparison_view.gains(columns, found))
section("All scores as a table", "scores", lambda: comparison_view.scores(columns))
if len(found["decisions"]) > 1 or found["pairs"]:
    section("What next", "next", lambda: comparison_view.decisions(scored, found), opened=True)
if len(finished) > 1:
    section(
        "Two runs, sample by sample: what moved, and who is right",
        "pair",
        lambda: pair_view.show(finished, shown),
    )
section("Named groups", "groups", lambda: groups_view.show(finished, shown))
if len(finished) + len(beside) > 1:
    section(
        "Do the runs find the same samples alike?",
        "agreement",
        lambda: agreement_view.show(
            spaces.with_embeddings([(place.home, place.row) for place in finished]),
            [one.space for one in beside],
        ),
    )
section("What lies near what (no labels needed)", "near", lambda: near.show(finished))
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
section("Numbers behind the collapse check", "checks", lambda: comparison_view.checks(columns))
if len(runs) > 1:
    section(
        "What differs between the runs",
        "differences",
        lambda: comparison_view.differences(runs),
    )
for one in shown:
    section("Samples as a table", f"table-{one.key}", lambda one=one: samples_table.show(one))
section("Beside them: embeddings from elsewhere", "outside", lambda: outside_view.show(located))
