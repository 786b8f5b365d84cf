"""The policy that is being composed: its rows, and its text in the address.

The address decides when a visit begins, and after Back. After a widget was used, the rows kept in
the session decide: the browser may still send an outdated address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import streamlit as st

from workbench import registry
from workbench.app.shared import source_access
from workbench.augment import link, presets
from workbench.augment.canonical_form import canonical_form
from workbench.augment.link import Placed
from workbench.config import AugmentStep
from workbench.data.dataset import DataInfo

QUERY = "augment"
_ROWS, _TOUCHED = "augment-rows", "augment-touched"
FIRST = {"image": "simclr", "text": "eda"}

_ids = count()


@dataclass
class PolicyRow:
    """A step on the screen. id: stays the same when the step moves. fresh: just added."""

    name: str
    options: Mapping[str, Any]
    on: bool = True
    fresh: bool = False
    id: int = field(default_factory=lambda: next(_ids))

    @property
    def step(self) -> AugmentStep:
        return AugmentStep(self.name, dict(self.options))


@dataclass
class Composition:
    """The policy that was composed for a data set."""

    info: DataInfo
    rows: list[PolicyRow]


def touch() -> None:
    """Let the rows decide in the next script run, not the address. For callbacks of widgets."""
    st.session_state[_TOUCHED] = True


def rows(info: DataInfo) -> list[PolicyRow]:
    """The policy's rows for these data, in order: a preset that fits them until they are changed.
    Edits change this list.

    Raises RequestError if the address names what does not exist or does not fit the data.
    """
    touched = st.session_state.pop(_TOUCHED, False)
    address = st.query_params.get(QUERY)
    composition = _compositions().get(info.fingerprint)
    if composition is not None and (touched or address == address_text(composition.rows, info)):
        return composition.rows
    if touched or address is None:
        steps: Sequence[Placed] = [Placed(step) for step in _preset(FIRST[info.modality], info)]
    else:
        steps = link.read(address, info, source_access.check_path)
    return _put(info, [PolicyRow(each.step.name, each.step.options, each.on) for each in steps])


def address_text(chosen: Sequence[PolicyRow], info: DataInfo) -> str | None:
    """The rows as a parameter of the address; None for the list that stands there at first."""
    first = link.write([Placed(step) for step in _preset(FIRST[info.modality], info)])
    now = text(chosen)
    return None if now == first else now


def composed_for(fingerprint: str | None) -> str | None:
    """What was composed in this visit for these data, as a parameter of the address; None for the
    list that stands there at first."""
    composition = _compositions().get(fingerprint or "")
    return None if composition is None else address_text(composition.rows, composition.info)


def composed_for_others(info: DataInfo) -> Composition | None:
    """The last policy of this visit that is no preset, for other data of the same kind; None if
    there is none, or if it is what these data have."""
    own = _compositions()[info.fingerprint].rows
    for other in reversed(_compositions().values()):
        if other.info.fingerprint == info.fingerprint or other.info.modality != info.modality:
            continue
        if matching_preset(other.rows, other.info) is None and text(other.rows) != text(own):
            return other
    return None


def _compositions() -> dict[str, Composition]:
    """What was composed in this visit, by the fingerprint of the data; the last is the newest."""
    compositions: dict[str, Composition] = st.session_state.setdefault(_ROWS, {})
    return compositions


def _put(info: DataInfo, new: list[PolicyRow]) -> list[PolicyRow]:
    _compositions().pop(info.fingerprint, None)
    _compositions()[info.fingerprint] = Composition(info, new)
    return new


def text(chosen: Sequence[PolicyRow]) -> str:
    """The rows as a parameter of the address."""
    return link.write([Placed(row.step, row.on) for row in chosen])


def steps_of(chosen: Sequence[PolicyRow]) -> tuple[AugmentStep, ...]:
    """The steps that training uses: those that are on, in canonical form."""
    return tuple(canonical_form(row.step) for row in chosen if row.on)


def matching_preset(chosen: Sequence[PolicyRow], info: DataInfo) -> str | None:
    """The preset, adapted to the data, that the rows are equal to; None if there is none."""
    if not all(row.on for row in chosen):
        return None
    steps = steps_of(chosen)
    return next((name for name in fitting_presets(info) if _preset(name, info) == steps), None)


def fitting_presets(info: DataInfo) -> list[str]:
    """Names of the presets for this kind of data."""
    return [p.name for p in registry.presets().values() if info.modality in p.modalities]


def edit(change: Callable[..., None]) -> Callable[..., None]:
    """``change`` as a callback of a widget."""

    def callback(*arguments: object) -> None:
        touch()
        change(*arguments)

    return callback


@edit
def start_from(name: str, info: DataInfo) -> None:
    """Replace all rows by a preset."""
    _put(info, [PolicyRow(step.name, step.options) for step in _preset(name, info)])


@edit
def apply(other: Composition, info: DataInfo) -> None:
    """Replace all rows by what was composed for other data."""
    _put(info, [PolicyRow(row.name, dict(row.options), row.on) for row in other.rows])


@edit
def add(chosen: list[PolicyRow], name: str) -> None:
    """Put an operation, with its defaults, at the end."""
    chosen.append(PolicyRow(name, {}, fresh=True))


@edit
def remove(chosen: list[PolicyRow], row: PolicyRow) -> None:
    chosen.remove(row)


@edit
def move(chosen: list[PolicyRow], row: PolicyRow, places: int) -> None:
    """Move a row ``places`` forward, or back if negative."""
    at = chosen.index(row)
    to = min(max(0, at + places), len(chosen) - 1)
    chosen.insert(to, chosen.pop(at))


def _preset(name: str, info: DataInfo) -> tuple[AugmentStep, ...]:
    return presets.steps(name, info)
