"""Pretext tasks as cards: what each sees and must answer, on the chosen data. The user chooses one
or more of them; the choice is kept in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from workbench import registry
from workbench.app.plain import plain
from workbench.app.pretrain import pictures
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.tasks.base import Task
from workbench.tasks.families import family_of, place_of

FIRST = 6
# The address of an empty choice. Without tasks in the address, nobody has chosen yet.
_NOTHING = "none"


def fitting(info: DataInfo) -> dict[str, type[Task]]:
    """The tasks that can learn from this data, by name; those of one family together."""
    tasks = registry.tasks()
    out = {}
    for name in sorted(tasks, key=lambda name: (place_of(tasks[name].family), name)):
        try:
            tasks[name]().check(info)
        except RequestError:
            continue
        out[name] = tasks[name]
    return out


def suited(tasks: Mapping[str, type[Task]]) -> list[str]:
    """Six tasks to begin with: the starters in their order, then others without a caution first."""
    starters = sorted((task.starter, name) for name, task in tasks.items() if task.starter)
    others = [name for name, task in tasks.items() if not task.starter and not task.needs.labels]
    others.sort(key=lambda name: bool(tasks[name].caution))
    return [*(name for _, name in starters), *others][:FIRST]


def choose(
    tasks: Mapping[str, type[Task]], addressed: Sequence[str], info: DataInfo
) -> tuple[list[str], dict[str, DeltaGenerator]]:
    """Draw the cards; returns the chosen tasks, and a placeholder for each task's picture.

    addressed: the names in the address; unknown ones are left out with a warning.
    """
    first = suited(tasks)
    chosen = [name for name in addressed if name in tasks] if addressed else first[:1]
    unfit = [name for name in addressed if name not in tasks and name != _NOTHING]
    instead = ""
    if unfit and not chosen:
        # The tasks were chosen for other data.
        chosen = first[:1]
        instead = f" {tasks[chosen[0]].title} is chosen instead."
    if unfit:
        words = ", ".join(_title(name) for name in unfit)
        st.warning(f"Not for these data, or unknown: {plain(words[:200])}.{instead}")
    placeholders: dict[str, DeltaGenerator] = {}
    everything = len(tasks) > len(first) and st.query_params.get("show") == "all"
    if everything:
        families = dict.fromkeys(task.family for task in tasks.values())
        for family in families:
            st.markdown(f"**{family_of(family).title}**")
            names = [name for name in tasks if tasks[name].family == family]
            placeholders |= _cards(names, tasks, chosen, info)
    else:
        shown = [*first, *(name for name in chosen if name not in first)]
        placeholders |= _cards(shown, tasks, chosen, info)
    if len(tasks) > len(first):
        label = "Show six tasks" if everything else f"Show all {len(tasks)} tasks"
        st.button(label, on_click=_show, args=("" if everything else "all",))
    return chosen, placeholders


def _title(name: str) -> str:
    task = registry.tasks().get(name)
    return name if task is None else str(task.title)


def _cards(
    names: Sequence[str], tasks: Mapping[str, type[Task]], chosen: Sequence[str], info: DataInfo
) -> dict[str, DeltaGenerator]:
    grid = st.grid(3, min_column_width=260, border=True)
    placeholders = {}
    for name in names:
        task = tasks[name]
        key = f"task-{name}"
        # The address decides, whatever the box held on other data.
        st.session_state[key] = name in chosen
        with grid.cell():
            st.checkbox(
                task.title,
                key=key,
                on_change=_toggle,
                args=(name, tuple(chosen)),
                help=task.sees or None,
            )
            placeholders[name] = pictures.placeholder(name, info.fingerprint)
            st.write(task.summary)
            if task.caution:
                st.caption(f":material/info: {task.caution}")
    return placeholders


def _toggle(name: str, chosen: tuple[str, ...]) -> None:
    now = [other for other in chosen if other != name] if name in chosen else [*chosen, name]
    st.query_params["tasks"] = ",".join(now) or _NOTHING


def _show(which: str) -> None:
    if which:
        st.query_params["show"] = which
    else:
        st.query_params.pop("show", None)
