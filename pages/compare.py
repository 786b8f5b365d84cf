"""Compare: one table, maps side by side, what to run next, and everything else in tabs."""

import streamlit as st

from workbench.app.compare import (
    agreement,
    external_embeddings,
    groups,
    learning_curves,
    map_choice,
    neighbours,
    next_step,
    overview,
    pair,
    report_download,
    run_choice,
    run_tables,
    samples_table,
    scores,
    selection,
    summary,
    tabs,
    verdict_chips,
)
from workbench.app.shared import hidden_test, maps
from workbench.app.shared.neighbours import sheet
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
unlabelled = sheet.unlabelled(finished)

decision = next_step.decide(records, compared)
next_step.show_first(decision)
if unlabelled:
    neighbours.show_first(finished)
summary.show_problems(compared)
summary.show_headline(compared)
overview.show(records, compared)

left, right = map_choice.places(runs)
with left:
    mapped = map_choice.choose(runs)
with right:
    kind = maps.kind_control(mapped) if mapped else "pca"
drawn = maps.show(mapped, key="compare", kind=kind) if mapped else []
for of_data in drawn:
    selection.show(of_data)

next_step.show(decision, records, compared)
if scored:
    summary.show_caution(compared)
    if not unlabelled:
        hidden_test.show(finished)
report_download.show(runs)


def show_samples() -> None:
    """Nearest neighbours, pairs of runs, groups and the table of samples."""
    if not unlabelled:
        section("Nearest neighbours (no labels needed)", "near", lambda: neighbours.show(finished))
    if len(finished) > 1:
        section(
            "Two runs, sample by sample: what moved" + ("" if unlabelled else ", and who is right"),
            "pair",
            lambda: pair.show(finished, drawn),
        )
    section("Named groups", "groups", lambda: groups.show(finished, drawn))
    for of_data in drawn:
        section(
            "Samples as a table",
            f"table-{of_data.key}",
            lambda of_data=of_data: samples_table.show(of_data),
        )


def show_scores() -> None:
    """Sentences, gains, all scores, and the decision for each task."""
    if scored:
        summary.show_sentences(compared)
    scores.show_gains(columns, compared)
    summary.show_decisions(scored, compared)
    section("All scores as a table", "scores", lambda: scores.show_table(columns))


def show_training() -> None:
    """Collapse checks, curves, spectra, and what differs between the runs."""
    verdict_chips.show(records, compared)
    learning_curves.show(runs)
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


def show_agreement() -> None:
    """Whether the runs find the same samples alike, and embeddings from elsewhere."""
    if len(finished) + len(external) > 1:
        agreement.show(
            feature_spaces.with_embeddings(finished),
            [embeddings.space for embeddings in external],
        )
    section("Embeddings from elsewhere", "outside", lambda: external_embeddings.show(runs))


tabs.show(
    {
        "Samples": tabs.Tab(show_samples, ["near", "pair", "groups"]),
        "Scores": tabs.Tab(show_scores, ["scores", "gains", "next"]),
        "Training": tabs.Tab(show_training, ["curves", "spectra", "checks", "differences"]),
        "Agreement": tabs.Tab(show_agreement, ["agreement", "outside"]),
    },
    first="Training" if learning_curves.any_live(runs) else "Samples",
)
