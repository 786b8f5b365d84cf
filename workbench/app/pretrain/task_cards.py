"""Pretext tasks as cards: what each sees and must answer, on the chosen data. One or more of them
are chosen; which, stands in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from workbench import registry
from workbench.app.pretrain import pictures
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.tasks.base import Task

FIRST = 6
# An address without tasks is one that nobody has chosen in: an empty choice says so.
_NOTHING = "none"
# One of each family that shows a gain in half a minute (benchmarks/RESULTS.md).
_SUITED = {
    "image": ("simclr", "vicreg", "rotation", "mae", "byol", "swav"),
    "text": ("half_split", "simcse", "mlm", "tsdae", "token_order", "bart_denoising"),
}
FAMILIES = {
    "contrastive": "Contrastive: find what belongs together",
    "non-contrastive": "Non-contrastive: agree with yourself, without counterexamples",
    "redundancy": "Redundancy reduction: agree, and use every dimension",
    "clustering": "Clustering: agree on a cluster",
    "distillation": "Distillation: follow a slow teacher network",
    "masked": "Masked: fill in what is hidden",
    "predictive": "Predictive: answer a question about the input",
    "language": "Language: find or write words",
    "reference": "Reference: uses the labels",
}


def fitting(info: DataInfo) -> dict[str, type[Task]]:
    """The tasks that can learn from this data, by name; those of one family together."""
    out = {}
    order = list(FAMILIES)

    def place(item: tuple[str, type[Task]]) -> tuple[int, str]:
        family = item[1].family
        return (order.index(family) if family in order else len(order), item[0])

    for name, task in sorted(registry.tasks().items(), key=place):
        try:
            task().check(info)
        except RequestError:
            continue
        out[name] = task
    return out


def suited(tasks: Mapping[str, type[Task]], info: DataInfo) -> list[str]:
    """Six tasks to begin with, those without a caution first."""
    named = [name for name in _SUITED[info.modality] if name in tasks]
    others = [name for name in tasks if name not in named and tasks[name].family != "reference"]
    return [*named, *sorted(others, key=lambda name: bool(tasks[name].caution))][:FIRST]


def choose(
    tasks: Mapping[str, type[Task]], asked: Sequence[str], info: DataInfo
) -> tuple[list[str], dict[str, Any]]:
    """Draw the cards; returns the chosen tasks, and the places that wait for pictures.

    asked: what the address says, of which unknown names are left out.
    """
    first = suited(tasks, info)
    chosen = [name for name in asked if name in tasks] if asked else first[:1]
    unfit = [name for name in asked if name not in tasks and name != _NOTHING]
    if unfit:
        st.warning(f"Not for these data, or unknown: {', '.join(unfit)[:200]}.")
    places: dict[str, Any] = {}
    everything = len(tasks) > len(first) and st.query_params.get("show") == "all"
    if everything:
        families = dict.fromkeys(task.family for task in tasks.values())
        for family in families:
            st.markdown(f"**{FAMILIES.get(family, family.capitalize())}**")
            names = [name for name in tasks if tasks[name].family == family]
            places |= _cards(names, tasks, chosen, info)
    else:
        shown = [*first, *(name for name in chosen if name not in first)]
        places |= _cards(shown, tasks, chosen, info)
    if len(tasks) > len(first):
        label = "Show six tasks" if everything else f"Show all {len(tasks)} tasks"
        st.button(label, on_click=_show, args=("" if everything else "all",))
    return chosen, places


def _cards(
    names: Sequence[str], tasks: Mapping[str, type[Task]], chosen: Sequence[str], info: DataInfo
) -> dict[str, Any]:
    grid = st.grid(3, min_column_width=260, border=True)
    places = {}
    for name in names:
        task = tasks[name]
        key = f"task-{name}"
        # The address says what is chosen, whatever the box held on other data.
        st.session_state[key] = name in chosen
        with grid.cell():
            st.checkbox(task.title, key=key, on_change=_move, args=(name, tuple(chosen)))
            st.write(task.sees or task.summary)
            places[name] = pictures.place(name, info.fingerprint)
            if task.caution:
                st.caption(f":material/info: {task.caution}")
    return places


def _move(name: str, chosen: tuple[str, ...]) -> None:
    now = [one for one in chosen if one != name] if name in chosen else [*chosen, name]
    st.query_params["tasks"] = ",".join(now) or _NOTHING


def _show(which: str) -> None:
    if which:
        st.query_params["show"] = which
    else:
        st.query_params.pop("show", None)
