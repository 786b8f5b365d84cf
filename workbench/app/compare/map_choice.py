"""Which runs' maps are drawn side by side, where there are more than fit."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.shared import maps
from workbench.app.shared.session import Located
from workbench.stored_runs import feature_spaces

_KEY = "maps"


def chosen(located: Sequence[Located]) -> list[Located]:
    """One to four of the runs that have a map: by default the first seed of each configuration."""
    there = {
        place.row.id: place for place in located if (place.folder / "map_pca.parquet").exists()
    }
    if len(there) < 3:
        return list(there.values())
    firsts: dict[str, str] = {}
    for run_id, place in there.items():
        firsts.setdefault(feature_spaces.configuration(place.row.config), run_id)
    default = list(firsts.values()) if len(firsts) > 1 else list(there)
    titles = dict(
        zip(
            there,
            feature_spaces.unique_titles([place.row for place in there.values()]),
            strict=True,
        )
    )
    ids = st.multiselect(
        "Maps side by side",
        list(there),
        default[: maps.MOST],
        format_func=lambda run_id: titles[run_id],
        max_selections=maps.MOST,
        key=_KEY,
        bind="query-params",
        help=f"Up to {maps.MOST} at a time; the others are turned onto the first.",
    )
    return [there[run_id] for run_id in ids if run_id in there]
