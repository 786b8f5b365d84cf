"""Three stored maps with hidden titles: which model is broken? And the answer, with its numbers."""

from __future__ import annotations

import time

import pandas as pd
import streamlit as st

from workbench import comparison
from workbench.app import tables
from workbench.app.shared import maps, run_words, session
from workbench.app.shared.linked_map import Colouring, MapPanel, linked_map
from workbench.comparison import numbers
from workbench.comparison.run_fields import data_name
from workbench.records import Summary
from workbench.run_folder import UNTRAINED_MAP
from workbench.stored_runs.hidden_test import visible_scores
from workbench.stored_runs.map_files import read_map, read_positions, read_samples
from workbench.stored_runs.stored_run import StoredRun

_LETTERS = "ABC"
# The healthy encoder is last, so that the first glance decides nothing.
_BROKEN_PANEL = 1
_BROKEN = ("complete collapse", "dimensional collapse")


def show() -> None:
    """Draw maps, question and answer; nothing if the demo runs are not installed."""
    runs = session.demo_runs()
    broken = next((run for run in runs if _verdict_label(run) in _BROKEN), None)
    healthy = next((run for run in runs if run.config["task"] == "simclr"), None)
    if broken is None or healthy is None:
        return
    st.subheader("One of these models is broken. Which?")
    st.write(
        "Each point is a handwritten digit, and its colour the true digit. Near points look alike "
        "to the model."
    )
    panels = _panels(healthy, broken)
    rows = panels[0].rows
    samples = read_samples(healthy)
    guess = st.session_state.get("guess")
    linked_map(
        panels,
        []
        if samples.labels is None
        else [Colouring("digit", samples.labels[rows], samples.classes)],
        maps.thumbnail_sheet(healthy),
        rows=rows,
        hide_titles=guess is None,
        key="quiz" if guess is None else "quiz-answered",
    )
    if guess is None:
        _ask()
    else:
        _answer(panels, healthy, broken, str(guess))
    _stamp(healthy)


def _panels(healthy: StoredRun, broken: StoredRun) -> list[MapPanel]:
    """The maps of the untrained, the broken and the healthy encoder."""
    untrained = read_positions(healthy, UNTRAINED_MAP, "umap")
    panels = [MapPanel("Untrained encoder", untrained.xy, untrained.rows, "before any training")]
    for run in (broken, healthy):
        stored = read_map(run, "umap")
        verdict = run_words.verdict(run.row.summary.get("verdict"))
        panels.append(MapPanel(run_words.title(run.row), stored.xy, stored.rows, verdict))
    return panels


def _ask() -> None:
    with st.container(horizontal=True):
        for letter in _LETTERS:
            if st.button(f"{letter} is broken", key=f"guess-{letter}"):
                st.session_state["guess"] = letter
                st.rerun()


def _answer(panels: list[MapPanel], healthy: StoredRun, broken: StoredRun, guess: str) -> None:
    letter = _LETTERS[_BROKEN_PANEL]
    opening = "Yes." if guess == letter else f"No, it is {letter}."
    verdict = broken.verdict
    check = f"{verdict['label']}. {verdict['reason']}" if verdict else ""
    st.markdown(
        f"**{opening}** {letter} is {panels[_BROKEN_PANEL].title}: {check} "
        "A map stretches tiny differences, so a broken model can look fine. The collapse check "
        "sees it."
    )
    models = ((healthy, "random init"), (broken, "trained"), (healthy, "trained"))
    rows = [
        {
            "map": name,
            "model": panel.title,
            "collapse check": panel.subtitle,
            "neighbours share the digit": _score(run.row.summary, features),
            "gain in points": run_words.gain(run.row.summary) if features == "trained" else "",
        }
        for name, panel, (run, features) in zip(_LETTERS, panels, models, strict=True)
    ]
    frame = pd.DataFrame(rows)
    help_of = tables.column_help(frame.columns)
    st.dataframe(frame, hide_index=True, width="stretch", column_config=help_of)
    with st.container(horizontal=True):
        if st.button("Compare these runs in full", icon=":material/compare:"):
            ids = ",".join(run.id for run in session.demo_runs())
            session.go("compare", {"runs": ids})
        if st.button("Hide the answer"):
            del st.session_state["guess"]
            st.rerun()


def _score(summary: Summary, features: str) -> str:
    row = comparison.score(visible_scores(summary, hidden=False), features)
    return "" if row is None else numbers.share_with_interval(row)


def _verdict_label(run: StoredRun) -> str:
    verdict = run.row.summary.get("verdict")
    return verdict["label"] if verdict else ""


def _stamp(run: StoredRun) -> None:
    """Draw when and where the stored runs were made, so that nobody takes them for live ones."""
    row = run.row
    made = time.strftime("%d %B %Y", time.localtime(row.created))
    device = row.summary.get("training", {}).get("device", "")
    st.caption(
        f"Stored runs of {made}, {run_words.budget(row.config)} of training each on one {device}, "
        f"on the sample set '{data_name(row.config['data'])}'. A short run shows what learns "
        "quickly here, not which method is best."
    )
