"""The policy that is being composed on the Augment page: its rows, and its text in the address.

The address is the truth where a visit begins, and after Back. While a widget is worked with, the
rows kept for this visit are: the browser may send the address of a moment ago along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import streamlit as st

from workbench import registry
from workbench.app import settings
from workbench.augment import link, presets
from workbench.augment.canonical import canonical
from workbench.augment.link import Placed
from workbench.config import AugmentStep
from workbench.data.dataset import DataInfo

QUERY = "augment"
_ROWS, _TOUCHED = "augment-rows", "augment-touched"
FIRST = {"image": "simclr", "text": "eda"}

_ids = count()


@dataclass
class Row:
    """A step on the screen; its id goes with it when it moves. fresh: just added."""

    name: str
    options: Mapping[str, Any]
    on: bool = True
    fresh: bool = False
    id: int = field(default_factory=lambda: next(_ids))

    @property
    def step(self) -> AugmentStep:
        return AugmentStep(self.name, dict(self.options))


def touch() -> None:
    """Call before a run that a widget of the page caused: the rows count, not the address."""
    st.session_state[_TOUCHED] = True


def rows(info: DataInfo) -> list[Row]:
    """The policy's rows, in order; changing them is what an edit does.

    Raises RequestError if the address names what is not there or does not fit the data.
    """
    kept: dict[str, list[Row]] = st.session_state.setdefault(_ROWS, {})
    touched = st.session_state.pop(_TOUCHED, False)
    asked = st.query_params.get(QUERY)
    known = kept.get(info.modality)
    if known is not None and (touched or asked in (None, text(known))):
        return known
    if touched or asked is None:
        steps: Sequence[Placed] = [Placed(step) for step in _preset(FIRST[info.modality], info)]
    else:
        steps = link.read(asked, info, settings.current().check_path)
    kept[info.modality] = [Row(each.step.name, each.step.options, each.on) for each in steps]
    return kept[info.modality]


def text(chosen: Sequence[Row]) -> str:
    """The rows as they stand in the address."""
    return link.write([Placed(row.step, row.on) for row in chosen])


def steps_of(chosen: Sequence[Row]) -> tuple[AugmentStep, ...]:
    """What training gets: the steps that are on, in canonical form."""
    return tuple(canonical(row.step) for row in chosen if row.on)


def matching_preset(chosen: Sequence[Row], info: DataInfo) -> str | None:
    """The preset that the rows are, as it suits the data; None if they are the user's own."""
    if not all(row.on for row in chosen):
        return None
    found = steps_of(chosen)
    return next((name for name in fitting_presets(info) if _preset(name, info) == found), None)


def fitting_presets(info: DataInfo) -> list[str]:
    """Names of the presets for this kind of data."""
    return [p.name for p in registry.presets().values() if info.modality in p.modalities]


def edit(change: Callable[..., None]) -> Callable[..., None]:
    """``change`` as a callback of a widget."""

    def called(*arguments: Any) -> None:
        touch()
        change(*arguments)

    return called


@edit
def start_from(name: str, info: DataInfo) -> None:
    """Replace all rows by a preset."""
    kept: dict[str, list[Row]] = st.session_state.setdefault(_ROWS, {})
    kept[info.modality] = [Row(step.name, step.options) for step in _preset(name, info)]


@edit
def add(chosen: list[Row], name: str) -> None:
    """Put an operation, with its defaults, at the end."""
    chosen.append(Row(name, {}, fresh=True))


@edit
def remove(chosen: list[Row], row: Row) -> None:
    chosen.remove(row)


@edit
def move(chosen: list[Row], row: Row, places: int) -> None:
    """Let a row change places with the one ``places`` before (negative) or after it."""
    at = chosen.index(row)
    to = min(max(0, at + places), len(chosen) - 1)
    chosen.insert(to, chosen.pop(at))


def _preset(name: str, info: DataInfo) -> tuple[AugmentStep, ...]:
    return presets.steps(name, info)
