"""Three stored maps with hidden titles: one model is broken, which? And the answer, with proof."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import streamlit as st

from workbench import comparison
from workbench.app.shared import maps, run_words, session
from workbench.app.shared.linked_map import Colouring, MapPanel, linked_map
from workbench.app.shared.session import Located
from workbench.maps.map_files import read_map, read_samples

_LETTERS = "ABC"
_BROKEN = ("complete collapse", "dimensional collapse")


def show() -> None:
    """Draw maps, question and answer; nothing if the demo runs are not installed."""
    places = [Located(session.demo_home(), row) for row in session.demo_runs()]
    broken = next((place for place in places if _label(place) in _BROKEN), None)
    healthy = next((place for place in places if place.row.config["task"] == "simclr"), None)
    if broken is None or healthy is None:
        return
    st.subheader("One of these models is broken. Which?")
    st.write(
        "Each map shows how a model sees the same handwritten digits: near points look alike to "
        "it. Colours are the true digits, which no model was told. Hover to see one in all three."
    )
    panels = _panels(healthy, broken)
    rows = panels[0].rows
    samples = read_samples(healthy.home, healthy.row.config)
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


def _panels(healthy: Located, broken: Located) -> list[MapPanel]:
    """Untrained, broken, healthy: the trained one is last, so that first glance decides nothing."""
    untrained = pq.read_table(healthy.folder / "map_umap_untrained.parquet")
    xy = np.stack([untrained["x"].to_numpy(), untrained["y"].to_numpy()], axis=1)
    panels = [MapPanel("Untrained encoder", xy, untrained["row"].to_numpy(), "before any training")]
    for place in (broken, healthy):
        found = read_map(place.home, place.row.id, "umap")
        title, verdict = run_words.title(place.row), run_words.verdict(place.row.summary)
        panels.append(MapPanel(title, found.xy, found.rows, verdict))
    return panels


def _ask() -> None:
    with st.container(horizontal=True):
        for letter in _LETTERS:
            if st.button(f"{letter} is broken", key=f"guess-{letter}"):
                st.session_state["guess"] = letter
                st.rerun()


def _answer(panels: list[MapPanel], healthy: Located, broken: Located, guess: str) -> None:
    place = 1
    right = guess == _LETTERS[place]
    opening = "Yes." if right else f"No, it is {_LETTERS[place]}."
    verdict = broken.row.summary["verdict"]
    st.markdown(
        f"**{opening}** {_LETTERS[place]} is {panels[place].title}: {verdict['label']}. "
        f"{verdict['reason']} The map alone cannot tell: it blows up the smallest differences to a "
        "cloud. The collapse check can."
    )
    rows = []
    for letter, panel, run in zip(_LETTERS, panels, (None, broken, healthy), strict=True):
        summary = run.row.summary if run is not None else {}
        gained = comparison.gain({"gains": summary.get("gains", ())})
        rows.append(
            {
                "": letter,
                "model": panel.title,
                "collapse check": panel.subtitle,
                "neighbours share the digit": _score(healthy if run is None else run, run),
                "gain in points": run_words.gain(summary) if gained else "",
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
    with st.container(horizontal=True):
        if st.button("Compare these runs in full", icon=":material/compare:"):
            ids = ",".join(row.id for row in session.demo_runs())
            session.go("compare", {"runs": ids})
        if st.button("Hide the answer"):
            del st.session_state["guess"]
            st.rerun()


def _score(place: Located, trained: Located | None) -> str:
    features = "trained" if trained is not None else "random init"
    row = comparison.score(place.row.summary, features)
    return "" if row is None else f"{row['value']:.0%} [{row['low']:.0%}, {row['high']:.0%}]"


def _label(place: Located) -> str:
    return str((place.row.summary.get("verdict") or {}).get("label", ""))


def _stamp(place: Located) -> None:
    """What the stored runs are, so that nobody takes them for live ones."""
    row = place.row
    made = time.strftime("%d %B %Y", time.localtime(row.created))
    device = row.summary.get("training", {}).get("device", "")
    st.caption(
        f"Stored runs of {made}, {run_words.budget(row.config)} of training each on one {device}, "
        f"on the sample set '{run_words.data_name(row.config)}'. A short run shows what learns "
        "quickly here, not which method is best."
    )
