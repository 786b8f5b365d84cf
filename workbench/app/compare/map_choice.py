"""The runs whose maps are drawn side by side, if there are more than fit."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from workbench.app.shared import maps, run_words
from workbench.stored_runs.stored_run import StoredRun

_KEY = "maps"
# With fewer there is nothing to choose.
_FEWEST = 3


def places(runs: Sequence[StoredRun]) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Where this choice and the kind of map stand: the kind at the left where it is alone."""
    if len(_mapped(runs)) < _FEWEST:
        return st.container(), st.container()
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    return left, right


def choose(runs: Sequence[StoredRun]) -> list[StoredRun]:
    """One to four of the runs that have a map; draws the choice if there are three or more.

    The default is the first seed of each configuration.
    """
    mapped = _mapped(runs)
    if len(mapped) < _FEWEST:
        return list(mapped.values())
    first_seeds: dict[str, str] = {}
    for run in mapped.values():
        first_seeds.setdefault(run.configuration, run.id)
    default = list(first_seeds.values()) if len(first_seeds) > 1 else list(mapped)
    titles = run_words.unique_titles(list(mapped.values()))
    ids = st.multiselect(
        "Maps side by side",
        list(mapped),
        default[: maps.MOST],
        format_func=titles.__getitem__,
        max_selections=maps.MOST,
        key=_KEY,
        bind="query-params",
        help=f"Up to {maps.MOST} at a time; the others are turned onto the first.",
    )
    return [mapped[run_id] for run_id in ids if run_id in mapped]


def _mapped(runs: Sequence[StoredRun]) -> dict[str, StoredRun]:
    return {run.id: run for run in runs if run.files.map("pca").exists()}
