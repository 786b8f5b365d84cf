"""Names that people or files bring are text in every figure, and never plotly's markup."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.plots.conftest import MakeRun
from workbench import plots
from workbench.plots import style

# Short enough that no figure cuts it. A tag, an entity, a variable of hover texts, a formula.
NAME = "<i>&lt;%{x}$2$"
TEXT = "&lt;i>&amp;lt;&#37;{x}&#36;2&#36;"
RAW = ("<i>", "%{x}$", "$2$")
# Plotly does not draw these.
HIDDEN = {"legendgroup", "template"}

INTERVAL = {"value": 0.5, "low": 0.4, "high": 0.7, "n": 100}
MOVEMENTS = {"trained": INTERVAL, "untrained": INTERVAL}
CHECKS = {"check.h.std_sqrt_d": [(0, 0.9)], "check.h.rankme_ratio": [(0, 0.5)]}
SEEDS = INTERVAL | {"name": NAME, "seeds": [0, 1], "gains": [0.4, 0.6]}
AGREEMENT = {
    "titles": [NAME, "other"],
    "overlap": [[1.0, 0.5], [0.5, 1.0]],
    "cka": [[1.0, 0.5], [0.5, 1.0]],
    "chance": 0.01,
    "seeds": None,
}
PANEL = plots.MapPanel(NAME, np.eye(2), np.arange(2), NAME, NAME)
SCORE = INTERVAL | {"features": NAME, "metric": NAME, "target": NAME, "split": NAME}


def _records(make_run: MakeRun) -> list[Any]:
    """A run with a hostile name, and one that only has the name."""
    scores = [
        SCORE | {"protocol": "knn"},
        SCORE | {"protocol": "label efficiency", "labels_per_class": 1},
    ]
    gain = INTERVAL | {"metric": NAME, "target": NAME, "over": "random init", "protocol": NAME}
    named = make_run(name=NAME, scores=scores, gains=[gain])
    return [named, make_run(id="other", name=f"{NAME}2", scores=[], gains=[])]


CASES: dict[str, Callable[[Any, Any], Any]] = {
    "agreement_figure": lambda draw, _: draw(AGREEMENT),
    "baselines_figure": lambda draw, make: draw(_records(make), metric=NAME),
    "checks_figure": lambda draw, _: draw({NAME: CHECKS, "other": CHECKS}),
    "class_counts_figure": lambda draw, _: draw([NAME], {NAME: [3], "test": [1]}),
    "confusion_figure": lambda draw, _: draw(np.ones((2, 2), np.int64), [NAME, "other"]),
    "curves_figure": lambda draw, _: draw({NAME: [(0, 1.0)]}, name=NAME, steps=NAME),
    "embedding_figure": lambda draw, _: draw([PANEL], np.zeros(2, int), [NAME], texts=[NAME] * 2),
    "factors_figure": lambda draw, _: draw({NAME: {NAME: 0.5}}),
    "histogram_figure": lambda draw, _: draw(
        {NAME: np.arange(3)}, title=NAME, counted=NAME, mark=1.0, mark_title=NAME
    ),
    "invariance_figure": lambda draw, _: draw([(NAME, MOVEMENTS)]),
    "label_efficiency_figure": lambda draw, make: draw(_records(make), metric=NAME),
    "levels_figure": lambda draw, _: draw([(NAME, INTERVAL)], name=NAME),
    "scores_figure": lambda draw, make: draw(_records(make), metric=NAME),
    "seeds_figure": lambda draw, _: draw([SEEDS]),
    "spectrum_figure": lambda draw, _: draw({NAME: {"h": {"trained": [1.0], NAME: [1.0]}}}),
    "tally_figure": lambda draw, _: draw([(NAME, 3)]),
}
NAMELESS = {"pooled_figure"}


def _figures() -> Iterator[tuple[str, Callable[..., Any]]]:
    """All public functions below ``plots`` that return a figure."""
    for module in pkgutil.iter_modules(plots.__path__, f"{plots.__name__}."):
        if module.name == style.__name__:
            continue
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            own = function.__module__ == module.name and not name.startswith("_")
            if own and "Figure" in str(function.__annotations__.get("return")):
                yield name, function


FIGURES = dict(_figures())


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key not in HIDDEN:
                yield from _texts(value)
    elif isinstance(part, list | tuple | np.ndarray):
        for value in part:
            yield from _texts(value)
    elif isinstance(part, str):
        yield part


def test_every_figure_has_a_case() -> None:
    assert set(FIGURES) == set(CASES) | NAMELESS


@pytest.mark.parametrize("name", sorted(CASES))
def test_names_are_text_and_no_markup(name: str, make_run: MakeRun) -> None:
    texts = list(_texts(CASES[name](FIGURES[name], make_run).to_dict()))
    assert any(TEXT in text for text in texts), "the figure shows no name"
    for text in texts:
        rest = text.replace(TEXT, "")
        assert not any(raw in rest for raw in RAW), text
        assert "amp;amp;" not in text, "escaped twice"


def test_a_title_is_cut_before_it_becomes_markup() -> None:
    assert style.wrapped("a<b") == "a&lt;b"
    assert style.wrapped("<" * 30) == "&lt;" * 17 + "…"
    assert style.wrapped("a<b and a second line", 12) == "a&lt;b and a<br>second line"
