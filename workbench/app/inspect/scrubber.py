"""The epoch scrubber: map, spectrum and curves of a run at each of its checks, moving together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from workbench.app.inspect import display, neighbours
from workbench.app.runs import detail
from workbench.app.shared import map_colours, session
from workbench.app.shared.figure import plot
from workbench.app.shared.linked_map import Colouring, Frames, MapPanel, linked_map
from workbench.app.shared.session import Located
from workbench.engine.handlers.frames import kept
from workbench.errors import WorkbenchError
from workbench.maps.frames import NEIGHBOURS, CheckMaps
from workbench.plots import curves_figure
from workbench.store.store import ENDED, Store
from workbench.stored_runs import feature_spaces, inspected
from workbench.training import check_sample

_SPACES = {"representation h": "h", "projection z": "z"}
Metrics = dict[str, list[tuple[int, float]]]
_STEP, _MOVED = "step", "neighbours changed"


def show(place: Located) -> None:
    """The scrubber where checks are stored, and otherwise the curves and what is missing."""
    files = inspected.check_files(place.folder)
    if not files:
        _without_checks(place)
        return
    if place.row.state not in ENDED and not _asked(place.row.id, len(files)):
        _curves(place)
        return
    there = inspected.stored_spaces(files[-1][1])
    name = str(
        st.segmented_control(
            "Space",
            [name for name, space in _SPACES.items() if space in there],
            default=next(iter(_SPACES)),
            required=True,
            key="space",
            bind="query-params",
            help="h is what is used after training; the pretext task's loss acts on z, so a "
            "collapse shows there first.",
        )
    )
    space = _SPACES[name]
    stamp = tuple((step, path.stat().st_mtime_ns) for step, path in files)
    try:
        maps = _frames(place.folder, str(session.home()), place.row.id, space, stamp)
    except WorkbenchError as error:
        display.problem(error)
        _curves(place)
        return
    _scrubber(place, maps, space, name)


def _asked(run_id: str, count: int) -> bool:
    """Whether the maps of a run that still trains are wanted: making them takes time from it."""
    st.caption(
        f"The run is going on. {count} of its checks are stored by now; their maps are complete "
        "when it has ended."
    )
    return st.toggle(
        "Show the maps of the checks so far",
        key=f"inspect-live-{run_id}",
        help="Making them takes a second or two of the processor from the run.",
    )


@st.cache_data(max_entries=12, show_spinner="Turning the maps of the checks onto one another")
def _frames(folder: Path, home: str, run_id: str, space: str, stamp: tuple[Any, ...]) -> CheckMaps:
    return kept(folder, space) or session.engine().frames(run_id, space)


def _scrubber(place: Located, maps: CheckMaps, space: str, name: str) -> None:
    row, count = place.row, maps.xy.shape[1]
    info = inspected.data_of(row, place.home)
    rows = np.arange(count) if info is None else check_sample.rows(info.info, count)
    split = "check" if info is None else check_sample.split_of(info.info)
    data = feature_spaces.dataset((place.home, row))
    moved = Colouring(
        _MOVED,
        maps.moved,
        help=f"Share of a sample's {min(NEIGHBOURS, count - 1)} nearest neighbours that changed "
        "from the first check to the last.",
    )
    known = map_colours.of([place], rows, [split] * count)
    colourings = [*(one for one in known if one.name != _MOVED), moved]
    frames = Frames(
        [int(step) for step in maps.steps],
        maps.xy,
        maps.moved,
        _shown(_metrics(place), space),
        maps.spectra,
    )
    what = display.noun(info)
    chosen = linked_map(
        [MapPanel(name, maps.xy[-1], rows, f"{count:,} {split} {what}s")],
        [
            one
            for i, one in enumerate(colourings)
            if one.name not in {c.name for c in colourings[:i]}
        ],
        None if data is None else display.sheet(place, rows, data),
        rows=rows,
        texts=display.texts(data, rows),
        colour=st.query_params.get("colour"),
        frames=frames,
        step=_first_step(row.id),
        key=f"inspect-frames-{row.id}-{space}",
    )
    if chosen.step is not None and st.query_params.get(_STEP) != str(chosen.step):
        st.query_params[_STEP] = str(chosen.step)
    _explained(maps, count, what, split)
    if info is None:
        st.caption("The data of this run are not prepared here any more: no samples can be shown.")
        return
    neighbours.show(place, chosen.focus, f"frames-{space}")


def _first_step(run_id: str) -> int | None:
    """The step in the address when this run was opened: later ones come from the slider itself."""
    key = f"inspect-step-{run_id}"
    if key not in st.session_state:
        asked = str(st.query_params.get(_STEP, ""))
        st.session_state[key] = int(asked) if asked.isdecimal() and len(asked) < 10 else None
    found: int | None = st.session_state[key]
    return found


def _explained(maps: CheckMaps, count: int, what: str, split: str) -> None:
    low, high = 100 * float(maps.explained.min()), 100 * float(maps.explained.max())
    between = f"{low:.0f} %" if round(low) == round(high) else f"{low:.0f} to {high:.0f} %"
    st.caption(
        f"The same {count:,} {split} {what}s at {len(maps.steps)} checks. Each check is seen along "
        "its own two strongest directions, then turned onto the next one and never stretched: a "
        f"small cloud is a narrow one, and a collapse looks like one. These maps hold {between} of "
        f"what varies. Trails show the {what}s whose nearest neighbours in the full space changed "
        "most between the first check and the last."
    )


def _metrics(place: Located) -> Metrics:
    store = Store.open(place.home, read_only=place.demo)
    names = [f"check.{s}.{m}" for s in _SPACES.values() for m in ("std_sqrt_d", "rankme")]
    return store.metrics(place.row.id, ["loss", "check.knn", *names])


def _shown(metrics: Metrics, space: str) -> Metrics:
    names = {
        "loss": "loss",
        "check.knn": "neighbours share the label",
        f"check.{space}.std_sqrt_d": "spread",
        f"check.{space}.rankme": "directions used (RankMe)",
    }
    return {title: metrics[name] for name, title in names.items() if metrics.get(name)}


def _without_checks(place: Located) -> None:
    if place.demo:
        said = "The stored demo runs keep no checks, so their maps over training cannot be shown."
    elif place.row.state in ENDED:
        said = "This run ended before its first check was stored."
    else:
        said = "No check is stored yet. The first one comes with the first step of training."
    st.caption(said)
    _curves(place)


def _curves(place: Located) -> None:
    """Curves alone, ticking while the run lives."""
    live = place.row.state not in ENDED
    st.fragment(_curves_body, run_every="2s" if live else None)(place)


def _curves_body(place: Located) -> None:
    metrics = _metrics(place)
    space = "z" if metrics.get("check.z.std_sqrt_d") else "h"
    shown = _shown(metrics, space)
    if not shown:
        st.caption("There are no curves yet.")
    chance = place.row.summary.get("chance")
    for title, points in shown.items():
        st.markdown(f"**{title[0].upper()}{title[1:]}**")
        figure = curves_figure(
            {title: points},
            chance=chance if title == "loss" else None,
            name=title if len(title) < 10 else "",
            theme=detail.theme(),
            height=180,
        )
        plot(
            figure,
            key=f"inspect-curve-{place.row.id}-{title}",
            alt=f"{title} over training steps",
        )
