"""The pictures and tables of a lesson's answer: one function for each kind of block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pandas as pd
import streamlit as st

from workbench.app import tables
from workbench.app.learn import lesson_maps
from workbench.app.shared import run_words
from workbench.app.shared.figure import plot, theme
from workbench.comparison.groups import group_runs, summaries
from workbench.lessons.base import Block, BlockKind, Lesson, LessonRun, LessonRuns
from workbench.lessons.run_numbers import PROBE, guessing, percent, score
from workbench.plots import (
    checks_figure,
    curves_figure,
    factors_figure,
    label_efficiency_figure,
    levels_figure,
    seeds_figure,
)
from workbench.plots.curves import Curve
from workbench.plots.words import FEATURES
from workbench.stored_runs.stored_run import StoredRun

_CURVES = {
    "loss": "loss",
    "accuracy": "share of turns named right",
    "explained": "share explained",
}
_TEXT_BASELINES = ("tf-idf", "lsa", "random init")


@dataclass(frozen=True)
class BlockContent:
    """What a block is drawn of: its runs by variant, as records and as stored.

    key: of its widgets. options: whether the choices of its maps are drawn.
    """

    block: Block
    records: LessonRuns
    runs: Mapping[str, StoredRun]
    key: str
    options: bool

    @property
    def record_list(self) -> list[LessonRun]:
        return list(self.records.values())


def show(
    lesson: Lesson, records: LessonRuns, runs: Mapping[str, StoredRun], *, options: bool
) -> None:
    """Draw all blocks of the lesson. options: whether the dial and the maps' choices are drawn."""
    dial_variant = _dial(lesson, options)
    for number, block in enumerate(lesson.blocks):
        keys = block.keys or tuple(variant.key for variant in lesson.variants)
        if block.kind in ("maps", "checks") and lesson.dial is not None:
            keys = tuple(dict.fromkeys((dial_variant, lesson.dial.reference)))
        st.markdown(f"**{block.title}**")
        _DRAW[block.kind](
            BlockContent(
                block,
                {key: records[key] for key in keys},
                {key: runs[key] for key in keys},
                f"{lesson.name}-{number}",
                options,
            )
        )
        if block.note:
            st.caption(block.note)


def _dial(lesson: Lesson, options: bool) -> str:
    """The key of the variant that the lesson's dial is set to, empty without a dial."""
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


def _maps(content: BlockContent) -> None:
    lesson_maps.show(
        content.runs,
        content.records,
        key=content.key,
        options=content.options,
        colour=content.block.colour,
    )


def _again(content: BlockContent) -> None:
    lesson_maps.show_twice(content.runs, content.records, key=content.key)


def _table(content: BlockContent) -> None:
    """Draw check, score and gain of each run."""
    records = content.record_list
    table = [
        {
            "run": record["name"] + _seed(record, records),
            "collapse check": run_words.verdict(record["verdict"]),
            "neighbours share the label": percent(score(record)),
            "by guessing": _guess(record),
            "gain over untrained, in points": run_words.gain({"gains": record["gains"]}),
        }
        for record in records
    ]
    tables.table(pd.DataFrame(table).set_index("run"), f"lesson-runs-{content.key}")


def _guess(record: LessonRun) -> str:
    share = guessing(record)
    return "" if share is None else f"{share:.0%}"


def _seed(record: LessonRun, records: Sequence[LessonRun]) -> str:
    """The seed, if another run has the same name."""
    same = sum(other["name"] == record["name"] for other in records)
    return f", seed {record['config']['seed']}" if same > 1 else ""


def _curve(content: BlockContent) -> None:
    name, records = content.block.curve, content.record_list
    figure = curves_figure(
        {record["name"]: _curves_of(record).get(name, []) for record in records},
        chance={record["name"]: record["chance"] for record in records} if name == "loss" else None,
        name=_CURVES[name],
        theme=theme(),
        height=260,
    )
    plot(figure, content.key, f"{content.block.title}: one line a run")


def _curves_of(record: LessonRun) -> Mapping[str, Curve]:
    """The curves of a packaged run, which have a value at each step."""
    return cast(Mapping[str, Curve], record["curves"])


def _checks(content: BlockContent) -> None:
    curves = {record["name"]: _curves_of(record) for record in content.record_list}
    figure = checks_figure(curves, theme=theme())
    plot(figure, content.key, "Spread and directions used over training steps")


def _factors(content: BlockContent) -> None:
    records = content.record_list
    rows = {record["name"]: _by_factor(record, "trained") for record in records}
    rows |= {FEATURES[name]: _by_factor(records[0], name) for name in ("random init", "raw input")}
    alt = "; ".join(
        f"{name}: " + ", ".join(f"{factor} {v:.0%}" for factor, v in values.items())
        for name, values in rows.items()
    )
    plot(factors_figure(rows, theme=theme()), content.key, alt)
    st.caption(
        "Strongest blue: best of its column. A column whose scores lie within 10 points stays "
        "pale. Do not compare shades between columns."
    )


def _by_factor(record: LessonRun, features: str) -> dict[str, float]:
    """The linear probe's accuracy for each factor. The label of the drawn shapes is the shape."""
    return {
        "shape" if row["target"] == "label" else row["target"]: float(row["value"])
        for row in record["scores"]
        if (row["features"], row["protocol"], row["metric"]) == (features, PROBE, "accuracy")
    }


def _labels(content: BlockContent) -> None:
    figure = label_efficiency_figure(content.record_list, metric="accuracy", theme=theme())
    plot(figure, content.key, "Score by the number of labels a class")


def _baselines(content: BlockContent) -> None:
    records = content.record_list
    rows = [(record["name"], score(record, protocol=PROBE)) for record in records]
    rows += [(FEATURES[name], score(records[0], name, PROBE)) for name in _TEXT_BASELINES]
    alt = "; ".join(f"{name} {percent(row)}" for name, row in rows)
    plot(levels_figure(rows, theme=theme()), content.key, alt)


def _seeds(content: BlockContent) -> None:
    figure = seeds_figure(summaries(group_runs(content.record_list)), theme=theme())
    plot(figure, content.key, "Gain of each seed, and the mean with its interval")


_DRAW: Mapping[BlockKind, Callable[[BlockContent], None]] = {
    "maps": _maps,
    "again": _again,
    "table": _table,
    "curve": _curve,
    "checks": _checks,
    "factors": _factors,
    "labels": _labels,
    "baselines": _baselines,
    "seeds": _seeds,
}
