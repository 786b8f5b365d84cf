"""The epoch scrubber: map, spectrum and curves of a run at each of its checks, moving together."""

from __future__ import annotations

import numpy as np
import streamlit as st

from workbench.app.inspect import check_curves, display, neighbours
from workbench.app.shared import map_colours, session
from workbench.app.shared.linked_map import Colouring, Frames, MapPanel, linked_map
from workbench.app.shared.sample_cells import names_at, texts_at
from workbench.errors import WorkbenchError
from workbench.maps.frames import NEIGHBOURS, CheckMaps
from workbench.store.rows import ENDED
from workbench.stored_runs import check_maps
from workbench.stored_runs.checks import check_spaces
from workbench.stored_runs.stored_run import StoredRun
from workbench.training import check_sample

_SPACES = {"representation h": "h", "projection z": "z"}
_STEP = "step"

# Step and time of writing of each stored check: the cache key of their maps.
Stamp = tuple[tuple[int, int], ...]


def show(run: StoredRun) -> None:
    """Draw the scrubber if checks are stored, else the curves and what is missing."""
    checks = run.files.checks()
    if not checks:
        st.caption(_why_no_checks(run))
        check_curves.show(run)
        return
    if run.row.state not in ENDED and not _maps_wanted(run.id, len(checks)):
        check_curves.show(run)
        return
    stored_spaces = check_spaces(checks[-1][1])
    title = str(
        st.segmented_control(
            "Space",
            [title for title, space in _SPACES.items() if space in stored_spaces],
            default=next(iter(_SPACES)),
            required=True,
            key="space",
            bind="query-params",
            help="h is what is used after training; the pretext task's loss acts on z, so a "
            "collapse shows there first.",
        )
    )
    space = _SPACES[title]
    stamp = tuple((step, path.stat().st_mtime_ns) for step, path in checks)
    try:
        maps = _check_maps(str(session.home()), run.id, space, stamp, _run=run)
    except WorkbenchError as error:
        display.show_problem(error)
        check_curves.show(run)
        return
    _scrubber(run, maps, space, title)


def _why_no_checks(run: StoredRun) -> str:
    if run.demo:
        return "The stored demo runs keep no checks, so their maps over training cannot be shown."
    if run.row.state in ENDED:
        return "This run ended before its first check was stored."
    return "No check is stored yet. The first one comes with the first step of training."


def _maps_wanted(run_id: str, count: int) -> bool:
    """Whether to show the maps of a live run: making them takes processor time from it."""
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
def _check_maps(home: str, run_id: str, space: str, stamp: Stamp, *, _run: StoredRun) -> CheckMaps:
    return check_maps.read(_run.files, space) or session.engine().frames(run_id, space)


def _scrubber(run: StoredRun, maps: CheckMaps, space: str, title: str) -> None:
    count = maps.xy.shape[1]
    info = None if run.data is None else run.data.info
    rows = np.arange(count) if info is None else check_sample.rows(info, count)
    split = "check" if info is None else check_sample.split_of(info)
    nouns = f"{display.noun(run.data)}s"
    samples = run.samples
    selection = linked_map(
        [MapPanel(title, maps.xy[-1], rows, f"{count:,} {split} {nouns}")],
        _colourings(run, maps, rows, split),
        None if samples is None else display.sheet(run, rows, samples),
        rows=rows,
        texts=texts_at(samples, rows),
        names=names_at(samples, rows),
        colour=st.query_params.get("colour"),
        frames=Frames(
            [int(step) for step in maps.steps],
            maps.xy,
            maps.moved,
            check_curves.curves(run, space),
            maps.spectra,
        ),
        step=_first_step(run.id),
        key=f"inspect-frames-{run.id}-{space}",
    )
    if selection.step is not None and st.query_params.get(_STEP) != str(selection.step):
        st.query_params[_STEP] = str(selection.step)
    st.caption(_explanation(maps, f"{count:,} {split} {nouns}", nouns))
    if info is None:
        st.caption("The data of this run are not prepared here any more: no samples can be shown.")
        return
    neighbours.show(run, selection.focus, f"frames-{space}")


def _colourings(
    run: StoredRun, maps: CheckMaps, rows: map_colours.Rows, split: str
) -> list[Colouring]:
    """The colourings of a run's map, and how far each sample moved from check to check."""
    count = len(rows)
    others = map_colours.colourings_of([run], rows, [split] * count)
    moved = Colouring(
        map_colours.CHANGE,
        maps.moved,
        help=f"Share of a sample's {min(NEIGHBOURS, count - 1)} nearest neighbours that changed "
        "from the first check to the last.",
    )
    return [*(other for other in others if other.name != moved.name), moved]


def _first_step(run_id: str) -> int | None:
    """The step in the address when this run was opened; later ones come from the slider."""
    key = f"inspect-step-{run_id}"
    if key not in st.session_state:
        text = str(st.query_params.get(_STEP, ""))
        st.session_state[key] = int(text) if text.isdecimal() and len(text) < 10 else None
    step: int | None = st.session_state[key]
    return step


def _explanation(maps: CheckMaps, samples: str, nouns: str) -> str:
    low, high = 100 * float(maps.explained.min()), 100 * float(maps.explained.max())
    between = f"{low:.0f} %" if round(low) == round(high) else f"{low:.0f} to {high:.0f} %"
    return (
        f"The same {samples} at {len(maps.steps)} checks. Each check is drawn along its own two "
        "strongest directions, then rotated to match the next one. It is never stretched, so a "
        f"collapse looks like a small cloud. These maps hold {between} of what varies. Trails show "
        f"the {nouns} whose nearest neighbours in the full space changed most between the first "
        "check and the last."
    )
