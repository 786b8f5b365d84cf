"""Embedding maps of runs, side by side and linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import damaged, map_colours, map_noise, map_selection, run_words, session
from workbench.app.shared.linked_map import MapPanel, Sheet, linked_map, sheet_of
from workbench.app.shared.messages import show_error
from workbench.comparison.run_fields import data_name
from workbench.errors import WorkbenchError
from workbench.plots.words import PASSED
from workbench.store import named_groups
from workbench.stored_runs.map_files import (
    StoredMap,
    align_maps,
    read_map,
    read_samples,
    read_thumbnails,
    thumbnails_path,
)
from workbench.stored_runs.stored_run import StoredRun

MOST = 4
_WAITING = ("queued", "running")
_PENDING_TICK = "3s"
_MESSAGE = "group-kept"

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DrawnMaps:
    """Linked maps on the page, of runs on one data set.

    key: of the map widget. rows: ids of its samples, in their order. selected: ids of the selected
    samples. labels: class of each sample, None without labels. classes: their names. texts: of each
    sample, None for pictures.
    """

    key: str
    runs: Sequence[StoredRun]
    rows: Rows
    selected: Rows
    labels: Rows | None = None
    classes: Sequence[str] = ()
    texts: Sequence[str] | None = None


def show(runs: Sequence[StoredRun], *, key: str, kind: str | None = None) -> list[DrawnMaps]:
    """Draw the maps of up to four runs that have one; returns an entry for each data set.

    Runs of one data set are turned onto the first one and linked; the maps of other data stand by
    themselves. kind: as ``kind_control`` gives it; without it, the control is drawn here.
    """
    kind = kind or kind_control(runs)
    if _MESSAGE in st.session_state:
        st.toast(plain(st.session_state.pop(_MESSAGE)), icon=":material/check:")
    by_data: dict[str, list[StoredRun]] = {}
    for run in runs[:MOST]:
        by_data.setdefault(run.fingerprint, []).append(run)
    drawn = []
    for number, same_data in enumerate(by_data.values()):
        if len(by_data) > 1:
            st.markdown(f"**{plain(data_name(same_data[0].config['data']))}**")
        with damaged.shown_as_error():
            drawn.append(_linked(same_data, kind, f"{key}-{number}"))
        for run in same_data:
            damaged.offer_map(run)
    if len(by_data) > 1:
        st.caption("Runs on different data are not linked: their samples are not the same.")
    return drawn


def thumbnail_sheet(run: StoredRun) -> Sheet | None:
    """All thumbnails of a run's map in one picture, None for texts."""
    path = thumbnails_path(run)
    return None if path is None else _sheet(str(path), path.stat().st_mtime, _run=run)


@st.cache_data(max_entries=32, show_spinner=False)
def _sheet(path: str, stamp: float, *, _run: StoredRun) -> Sheet | None:
    pictures = read_thumbnails(_run)
    return sheet_of(np.asarray(pictures)) if pictures is not None and len(pictures) else None


def _linked(runs: Sequence[StoredRun], kind: str, key: str) -> DrawnMaps:
    first = runs[0]
    maps = align_maps([read_map(run, kind) for run in runs])
    rows = maps[0].rows
    samples = read_samples(first)
    texts = [samples.texts[row] for row in rows] if samples.texts else None
    colourings = map_colours.colourings_of(runs, rows, map_colours.splits_of(first))
    titles = run_words.unique_titles(runs)
    selection = linked_map(
        [_panel(run, stored, titles[run.id]) for run, stored in zip(runs, maps, strict=True)],
        colourings,
        next((sheet for run in runs if (sheet := thumbnail_sheet(run))), None),
        rows=rows,
        texts=texts,
        names=None if samples.names is None else [samples.names[row] for row in rows],
        colour=st.query_params.get("colour"),
        selected=map_selection.ids(key),
        nameable=not first.demo,
        key=key,
        on_change=lambda: map_selection.forget(key),
    )
    _write_colour(selection.colour, colourings[0].name)
    selected = map_selection.effective(key, selection.rows)
    if selection.named:
        _keep_group(first, selection.named, selected)
    _captions(runs, maps)
    labels = None if samples.labels is None else samples.labels[rows]
    return DrawnMaps(key, runs, rows, selected, labels, samples.classes, texts)


def _write_colour(colour: str | None, first: str) -> None:
    """Keep the colouring in the address; the first one is not written."""
    if colour is None or colour == first:
        st.query_params.pop("colour", None)
    else:
        st.query_params["colour"] = colour


def _keep_group(run: StoredRun, name: str, rows: Rows) -> None:
    """Store the selected samples under the name that was just given to them."""
    try:
        named_groups.keep(
            session.store(), run.fingerprint, name, rows.tolist(), viewer=session.viewer()
        )
    except WorkbenchError as error:
        show_error(error)
    else:
        st.session_state[_MESSAGE] = (
            f"'{name}' is kept: {len(rows):,} samples. Colour the maps by 'named groups'."
        )
        # Only maps that are drawn again have this group as a colour.
        st.rerun()


def _panel(run: StoredRun, stored: StoredMap, title: str) -> MapPanel:
    words = run_words.verdict(run.row.summary.get("verdict")) or run.row.state
    # Beside the maps, pages say that the check passed. A map says it where it did not.
    subtitle = "" if words == PASSED else words
    caption = [f"trust {stored.trust:.2f}"] if stored.trust is not None else []
    if stored.residual is not None:
        caption.append(map_noise.differs(stored.residual))
    return MapPanel(title, stored.xy, stored.rows, subtitle, ", ".join(caption))


def _captions(runs: Sequence[StoredRun], maps: Sequence[StoredMap]) -> None:
    """What the maps show, and how far to trust them."""
    first = maps[0]
    what = f"{first.kind.upper()} of {len(first.rows):,} training and validation samples."
    parts = []
    if any(stored.trust is not None for stored in maps):
        parts.append(
            "Trust (trustworthiness) is 1 if neighbours on the map are neighbours to the model."
        )
    if len(maps) > 1:
        parts.append(f"Each map is turned and scaled onto the first. {map_noise.DIFFERS}")
    st.caption(
        f"{what} A map cannot show collapse: read the collapse check.",
        help=" ".join(parts) or None,
    )
    map_noise.show(runs, maps)
    notes = _notes(list(run_words.unique_titles(runs).values()), maps)
    if notes:
        st.caption(plain(" ".join(notes)))


def _notes(titles: Sequence[str], maps: Sequence[StoredMap]) -> list[str]:
    """Notes of all maps as they stand; those of some with the titles of their runs."""
    by_note: dict[str, list[str]] = {}
    for title, stored in zip(titles, maps, strict=True):
        for note in stored.notes:
            by_note.setdefault(note, []).append(title)
    return [
        note if len(named) == len(maps) else f"{', '.join(named)}: {note}"
        for note, named in by_note.items()
    ]


def kind_control(runs: Sequence[StoredRun]) -> str:
    """``umap`` or ``pca``, chosen here; ``pca`` while a UMAP is still being made."""
    if _have_umap(runs):
        kind = st.segmented_control(
            "Map",
            ["umap", "pca"],
            default="umap",
            required=True,
            format_func=str.upper,
            key="map",
            bind="query-params",
            help="PCA keeps large distances and shows how flat the data lie; UMAP keeps who is "
            "near whom and exaggerates clusters.",
        )
        return str(kind)
    if any(run.row.map_state in _WAITING for run in runs):
        _wait_for_umap(runs)
    return "pca"


def _have_umap(runs: Sequence[StoredRun]) -> bool:
    return all(run.files.map("umap").exists() for run in runs)


@st.fragment(run_every=_PENDING_TICK)
def _wait_for_umap(runs: Sequence[StoredRun]) -> None:
    if _have_umap(runs):
        st.rerun()
    st.caption("These maps are PCA. The UMAP maps are being made and appear here by themselves.")
