"""Compare: what was and was not shown, maps side by side, and sections for everything else."""

import streamlit as st

from workbench.app.compare import (
    agreement,
    external_embeddings,
    groups,
    learning_curves,
    map_choice,
    neighbours,
    next_step,
    pair,
    report_download,
    run_choice,
    run_tables,
    samples_table,
    scores,
    selection,
    summary,
    verdict_chips,
)
from workbench.app.shared import hidden_test, maps
from workbench.app.shared.section import section
from workbench.stored_runs import feature_spaces

st.title("Compare")

runs = run_choice.choose(st.query_params)
if not runs:
    st.stop()
learning_curves.watch(runs)
records = [run.record() for run in runs]
finished = [run for run in runs if run.finished]
scored = [record for record in records if record["status"] == "finished"]
compared = summary.compare(finished, scored)
external = external_embeddings.in_address(runs)
columns = [*records, *(embeddings.record for embeddings in external)]

summary.show_problems(compared)
if scored:
    summary.show_sentences(compared)
left, right = st.columns([4, 1], vertical_alignment="bottom")
with left:
    mapped = map_choice.choose(runs)
with right:
    kind = maps.kind_control(mapped) if mapped else "pca"
drawn = maps.show(mapped, key="compare", kind=kind) if mapped else []
for of_data in drawn:
    selection.show(of_data)
verdict_chips.show(records, compared)
next_step.show(records, compared)
if scored:
    summary.show_caution(compared)
    hidden_test.show(finished)
report_download.show(runs)

section("Gains and scores", "gains", lambda: scores.show_gains(columns, compared))
section("All scores as a table", "scores", lambda: scores.show_table(columns))
if len(compared["decisions"]) > 1 or compared["pairs"]:
    section(
        "Decision for each task",
        "next",
        lambda: summary.show_decisions(scored, compared),
        opened=True,
    )
if len(finished) > 1:
    section(
        "Two runs, sample by sample: what moved, and who is right",
        "pair",
        lambda: pair.show(finished, drawn),
    )
section("Named groups", "groups", lambda: groups.show(finished, drawn))
if len(finished) + len(external) > 1:
    section(
        "Do the runs find the same samples alike?",
        "agreement",
        lambda: agreement.show(
            feature_spaces.with_embeddings(finished),
            [embeddings.space for embeddings in external],
        ),
    )
section("Nearest neighbours (no labels needed)", "near", lambda: neighbours.show(finished))
section(
    "Loss curves and checks over training",
    "curves",
    lambda: learning_curves.show(runs),
    opened=learning_curves.any_live(runs),
)
section(
    "Spectrum: how many directions the representations use",
    "spectra",
    lambda: learning_curves.show_spectra(runs),
)
section("Numbers behind the collapse check", "checks", lambda: run_tables.show_checks(columns))
if len(runs) > 1:
    section(
        "What differs between the runs",
        "differences",
        lambda: run_tables.show_differences(records),
    )
for of_data in drawn:
    section(
        "Samples as a table",
        f"table-{of_data.key}",
        lambda of_data=of_data: samples_table.show(of_data),
    )
section("Beside them: embeddings from elsewhere", "outside", lambda: external_embeddings.show(runs))
