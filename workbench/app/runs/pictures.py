"""The pictures of cards: maps from runs' folders, and loss curves. Each is made once."""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence

import streamlit as st

from workbench.app.runs.card import CardExtras, Curve
from workbench.app.shared import run_words
from workbench.errors import WorkbenchError
from workbench.plots.thumbnail import map_png
from workbench.store.rows import ENDED
from workbench.store.store import Store
from workbench.stored_runs.map_files import read_map
from workbench.stored_runs.stored_run import StoredRun

_KINDS = ("umap", "pca")
_POINTS = 60
_MOST_CACHED = 600


def card_extras(runs: Sequence[StoredRun], closed: Collection[str]) -> dict[str, CardExtras]:
    """What the cards of these runs of one home show besides their rows, by id.

    closed: ids of the runs whose test scores are hidden.
    """
    losses = _losses(runs)
    titles = run_words.unique_titles(runs)
    extras = {}
    for run in runs:
        kind, picture = _map(run)
        loss = losses.get(run.id, ())
        extras[run.id] = CardExtras(titles[run.id], picture, kind, loss, run.id in closed)
    return extras


def live_losses(store: Store, ids: Sequence[str]) -> dict[str, Curve]:
    """The losses of these runs so far, thinned out; one query."""
    return {run_id: tuple(curve) for run_id, curve in store.curves(ids, "loss", _POINTS).items()}


def _losses(runs: Sequence[StoredRun]) -> dict[str, Curve]:
    """The losses by id. Those of ended runs do not change: each process reads them once, and all
    that it lacks in one query."""
    cached = _ended_losses()
    keys = {run.id: (run.id, run.row.ended) for run in runs}
    missing = [run_id for run_id, key in keys.items() if key not in cached]
    losses = live_losses(runs[0].store, missing) if missing else {}
    if len(cached) > _MOST_CACHED:
        cached.clear()
    for run in runs:
        if run.id in missing and run.row.state in ENDED:
            cached[keys[run.id]] = losses.get(run.id, ())
    return {run_id: losses.get(run_id) or cached.get(key, ()) for run_id, key in keys.items()}


@st.cache_resource(show_spinner=False)
def _ended_losses() -> dict[tuple[str, float | None], Curve]:
    """The cache, by id and time of the end."""
    return {}


def _map(run: StoredRun) -> tuple[str, str]:
    """The kind of the best map there is, and the map as a data URI; both empty without a map."""
    for kind in _KINDS:
        path = run.files.map(kind)
        if path.exists():
            return kind, _data_uri(str(path), path.stat().st_mtime, kind, _run=run)
    return "", ""


@st.cache_data(max_entries=_MOST_CACHED, show_spinner=False)
def _data_uri(path: str, stamp: float, kind: str, *, _run: StoredRun) -> str:
    try:
        stored = read_map(_run, kind)
    except (WorkbenchError, OSError, ValueError):
        # The file is being deleted or written at this moment: the card has no map then.
        return ""
    label = None if _run.data is None else _run.data.info.label
    names = () if label is None else label.classes
    labels = None
    if _run.data is not None and label is not None:
        labels = _run.data.target(label.name)[stored.rows]
    png = base64.b64encode(map_png(stored.xy, labels, names)).decode("ascii")
    return f"data:image/png;base64,{png}"
