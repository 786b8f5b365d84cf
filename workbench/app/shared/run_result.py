"""What came out of a run, on the screen: the collapse check and the gain."""

from __future__ import annotations

import streamlit as st

from workbench import comparison
from workbench.app.plain import plain
from workbench.app.shared import run_words
from workbench.plots import words
from workbench.stored_runs.stored_run import StoredRun

_BAD = ("complete collapse", "dimensional collapse", "not learning")


def show_verdict(run: StoredRun) -> None:
    """Draw the collapse check with its reason and advice; nothing before there is one."""
    verdict = run.verdict
    if not verdict or not verdict["label"]:
        return
    label = words.verdict(verdict)
    text = f"{run_words.verdict_icon(verdict)} **{label[0].upper()}{label[1:]}.** "
    text += " ".join(plain(part) for part in (verdict["reason"], verdict.get("advice")) if part)
    (st.warning if verdict["label"] in _BAD else st.info)(text)


def show_gain(run: StoredRun) -> bool:
    """Draw the gain over the untrained encoder; False if the run has none."""
    closed = run.hides_test
    visible = run.record()
    gain = comparison.gain(visible)
    if gain is None:
        return False
    split = " (validation samples; test scores are hidden)" if closed else ""
    behind = comparison.behind_words(visible)
    if behind:
        st.write(plain(behind))
    st.write(f"Nearest neighbours share the label: {plain(comparison.gain_words(gain))}{split}.")
    if any("without_copies" in row for row in visible["scores"]):
        for sentence in comparison.copies_sentences([visible]):
            st.caption(plain(sentence))
    return True
