"""The pictures and tables of a lesson's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from workbench.app.learn import lesson_maps
from workbench.app.runs.detail import theme
from workbench.app.shared import run_words
from workbench.app.shared.figure import plot
from workbench.app.shared.session import Located
from workbench.comparison.groups import grouped, summaries
from workbench.lessons.base import Block, Lesson, Run
from workbench.lessons.reading import PROBE, percent, score
from workbench.plots import (
    checks_figure,
    curves_figure,
    factors_figure,
    label_efficiency_figure,
    levels_figure,
    seeds_figure,
)
from workbench.plots.words import FEATURES

Docs = Mapping[str, Run]
_CURVES = {
    "loss": "loss",
    "accuracy": "share of turns named right",
    "explained": "share explained",
}
_TEXT_BASELINES = ("tf-idf", "lsa", "random init")


def show(lesson: Lesson, docs: Docs, located: Mapping[str, Located], *, options: bool) -> None:
    """Every block of the lesson. options: whether the dial and the maps' choices are offered."""
    dialled = _dial(lesson, options)
    for number, block in enumerate(lesson.blocks):
        keys = block.keys or tuple(variant.key for variant in lesson.variants)
        if block.kind in ("maps", "checks") and lesson.dial is not None:
            keys = tuple(dict.fromkeys((dialled, lesson.dial.beside)))
        st.markdown(f"**{block.title}**")
        _draw(block, {key: docs[key] for key in keys}, located, f"{lesson.name}-{number}", options)
        if block.note:
            st.caption(block.note)


def _dial(lesson: Lesson, options: bool) -> str:
    """The variant that the lesson's dial stands at, empty without one."""
    dial = lesson.dial
    if dial is None:
        return ""
    if not options:
        return dial.values[dial.start]
    chosen = st.select_slider(
        dial.label,
        list(dial.values),
        dial.start,
        help=dial.help or None,
        key="dial",
        bind="query-params",
    )
    return dial.values[str(chosen)]


def _draw(
    block: Block, docs: Docs, located: Mapping[str, Located], key: str, options: bool
) -> None:
    runs = list(docs.values())
    if block.kind == "maps":
        lesson_maps.show({name: located[name] for name in docs}, docs, key=key, options=options)
    elif block.kind == "again":
        lesson_maps.twice({name: located[name] for name in docs}, docs, key=key)
    elif block.kind == "table":
        _table(runs)
    elif block.kind == "curve":
        curves = {run["name"]: run["curves"].get(block.curve, []) for run in runs}
        chance = {run["name"]: run.get("chance") for run in runs} if block.curve == "loss" else None
        figure = curves_figure(
            curves, chance=chance, name=_CURVES[block.curve], theme=theme(), height=260
        )
        plot(figure, key, f"{block.title}: one line a run")
    elif block.kind == "checks":
        figure = checks_figure({run["name"]: run["curves"] for run in runs}, theme=theme())
        plot(figure, key, "Spread and directions used over training steps")
    elif block.kind == "factors":
        _factors(runs, key)
    elif block.kind == "labels":
        figure = label_efficiency_figure(runs, metric="accuracy", theme=theme())
        plot(figure, key, "Score by the number of labels a class")
    elif block.kind == "baselines":
        _baselines(runs, key)
    else:
        figure = seeds_figure(summaries(grouped(runs)), theme=theme())
        plot(figure, key, "Gain of each seed, and the mean with its interval")


def _table(runs: Sequence[Run]) -> None:
    """Check, score and gain of each run."""
    table = [
        {
            "run": run["name"] + _seed(run, runs),
            "collapse check": run_words.verdict(run),
            "neighbours share the label": percent(score(run)),
            "gain in points": run_words.gain({"gains": run["gains"]}),
        }
        for run in runs
    ]
    st.table(pd.DataFrame(table).set_index("run"))


def _seed(run: Run, runs: Sequence[Run]) -> str:
    """The seed, where another run is called the same."""
    same = sum(other["name"] == run["name"] for other in runs)
    return f", seed {run['config']['seed']}" if same > 1 else ""


def _factors(runs: Sequence[Run], key: str) -> None:
    rows = {run["name"]: _by_factor(run, "trained") for run in runs}
    rows |= {FEATURES[name]: _by_factor(runs[0], name) for name in ("random init", "raw input")}
    said = "; ".join(
        f"{name}: " + ", ".join(f"{factor} {100 * v:.0f} %" for factor, v in found.items())
        for name, found in rows.items()
    )
    plot(factors_figure(rows, theme=theme()), key, said)
    st.caption("The first column, 'label', is the shape. Shades run within each column.")


def _by_factor(run: Run, features: str) -> dict[str, float]:
    return {
        row["target"]: float(row["value"])
        for row in run["scores"]
        if (row["features"], row["protocol"], row["metric"]) == (features, PROBE, "accuracy")
    }


def _baselines(runs: Sequence[Run], key: str) -> None:
    rows = [(run["name"], score(run, protocol=PROBE)) for run in runs]
    rows += [(FEATURES[name], score(runs[0], name, PROBE)) for name in _TEXT_BASELINES]
    said = "; ".join(f"{name} {percent(row)}" for name, row in rows)
    plot(levels_figure(rows, theme=theme()), key, said)
