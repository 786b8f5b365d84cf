"""The still pictures of cards, each made once: maps from runs' folders, losses of ended runs."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from workbench import paths
from workbench.app.runs.card import Drawn
from workbench.app.shared.session import Located
from workbench.data.dataset import Dataset
from workbench.errors import WorkbenchError
from workbench.maps.map_files import read_map
from workbench.plots.thumbnail import map_png
from workbench.store.rows import ENDED
from workbench.store.store import Store

_KINDS = ("umap", "pca")
_POINTS = 60
_KEPT = 600


def drawn(places: Sequence[Located], closed: set[str]) -> dict[str, Drawn]:
    """What the cards of these runs of one home show besides their rows, by id.

    closed: ids of the runs whose test is kept closed.
    """
    if not places:
        return {}
    losses = _losses(places)
    out = {}
    for place in places:
        kind, picture = _map(place)
        run_id = place.row.id
        out[run_id] = Drawn(picture, kind, losses.get(run_id, ()), run_id in closed)
    return out


def live_losses(store: Store, ids: Sequence[str]) -> dict[str, tuple[tuple[int, float], ...]]:
    """The losses of these runs so far, thinned out; one query."""
    return {run_id: tuple(found) for run_id, found in store.curves(ids, "loss", _POINTS).items()}


def _losses(places: Sequence[Located]) -> dict[str, tuple[tuple[int, float], ...]]:
    """Ended runs do not change: their losses are asked for once a process, all missing together."""
    known: dict[tuple[str, float | None], tuple[tuple[int, float], ...]] = _cache()
    keys = {place.row.id: (place.row.id, place.row.ended) for place in places}
    missing = [run_id for run_id, key in keys.items() if key not in known]
    found = {}
    if missing:
        store = Store.open(places[0].home, read_only=places[0].demo)
        found = live_losses(store, missing)
    if len(known) > _KEPT:
        known.clear()
    for place in places:
        if place.row.id in missing and place.row.state in ENDED:
            known[keys[place.row.id]] = found.get(place.row.id, ())
    return {run_id: found.get(run_id) or known.get(key, ()) for run_id, key in keys.items()}


@st.cache_resource(show_spinner=False)
def _cache() -> dict[tuple[str, float | None], tuple[tuple[int, float], ...]]:
    return {}


def _map(place: Located) -> tuple[str, str]:
    """The kind of the best map that is there, and the map as a data URI; empty without one."""
    for kind in _KINDS:
        path = place.folder / f"map_{kind}.parquet"
        if path.exists():
            data = place.row.config["data"].get("fingerprint")
            return kind, _made(place.home, place.row.id, str(data), kind, path.stat().st_mtime)
    return "", ""


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _made(home: Path, run_id: str, fingerprint: str, kind: str, stamp: float) -> str:
    try:
        found = read_map(home, run_id, kind)
    except (WorkbenchError, OSError, ValueError):
        # It was deleted, or is being written, at this moment: the card has no map then.
        return ""
    folder = paths.cache_dir(home) / fingerprint
    labels = None
    if (folder / "info.json").exists():
        data = Dataset.open(folder)
        if data.info.label is not None:
            labels = data.target(data.info.label.name)[found.rows]
    png = base64.b64encode(map_png(found.xy, labels)).decode("ascii")
    return f"data:image/png;base64,{png}"
