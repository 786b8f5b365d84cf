"""Label efficiency: the linear probe with 1, 5, 10, 50 and 100 labels a class.

Which labels are drawn depends on the data alone, so that all runs and baselines of one data set
are compared on the same draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation.logistic import fit_path
from workbench.evaluation.probe import ProbeChoice, Scaling, best_of, ended, grid_of, scale

Ints = npt.NDArray[np.int64]

LEVELS: tuple[int, ...] = (1, 5, 10, 50, 100)
DRAWS = 5
# Up to 10 labels a class all draws choose the penalty. Above, fits take longer and differ less from
# draw to draw: two draws choose.
ALL_CHOOSE, FEW_CHOOSE = 10, 2


@dataclass(frozen=True)
class Level:
    """Predictions with ``labels_per_class`` labels: int64 (draws, m), and the probe's choice."""

    labels_per_class: int
    predicted: Ints
    choice: ProbeChoice


def levels_for(labels: Ints) -> tuple[int, ...]:
    """The levels of ``LEVELS`` for which at least half of the classes have enough labels."""
    counts = np.bincount(labels)
    return tuple(level for level in LEVELS if level <= np.median(counts[counts > 0]))


def draw(labels: Ints, level: int, number: int, seed: int) -> Ints:
    """Ascending positions of draw ``number`` of ``level`` labels a class.

    A class with fewer gives all it has. Draw ``number`` of a higher level contains that of a lower
    one.
    """
    rng = np.random.default_rng([seed, number])
    order = rng.permutation(len(labels))
    parts = [order[labels[order] == code][:level] for code in np.unique(labels)]
    return np.sort(np.concatenate(parts))


def label_efficiency(
    train: Any,
    labels: Ints,
    validation: Any,
    validation_labels: Ints,
    test: Any,
    *,
    scalings: Sequence[Scaling] = ("each", "unit"),
    seed: int = 0,
) -> list[Level]:
    """One ``Level`` for each of ``levels_for(labels)``, from ``DRAWS`` draws each.

    Features are scaled by all training samples (which needs no labels). Each level has one scaling
    and penalty: those with the highest validation accuracy averaged over the draws (over the first
    two draws above 10 labels a class). All labelled validation samples choose, so that a level
    measures what few labels teach and not what they could choose.
    """
    if not len(validation_labels):
        scalings = scalings[:1]
    spaces = [scale(train, (train, validation, test), scaling) for scaling in scalings]
    # With few labels the weakest penalty gives the same as the one before it, and takes longest.
    grid = grid_of(train)[:-1]
    out = []
    for level in levels_for(labels):
        draws = [draw(labels, level, number, seed) for number in range(DRAWS)]
        # By scaling, penalty and draw; filled by the search as far as it goes.
        predictions: dict[tuple[int, int, int], Ints] = {}
        if len(validation_labels):
            choosing = draws if level <= ALL_CHOOSE else draws[:FEW_CHOOSE]
            place, at = _search(spaces, labels, validation_labels, choosing, grid, predictions)
        else:
            place, at = 0, len(grid) // 2
        fitted, _, queries = spaces[place]
        path = grid[: at + 1]
        for number, rows in enumerate(draws):
            if (place, at, number) not in predictions:
                *_, model = fit_path(fitted[rows], labels[rows], path, exact=False)
                predictions[place, at, number] = model.predict(queries)
        predicted = np.stack([predictions[place, at, number] for number in range(DRAWS)])
        at_edge, chosen = at in (0, len(grid) - 1), bool(len(validation_labels))
        choice = ProbeChoice(scalings[place], grid[at], at_edge, chosen)
        out.append(Level(level, predicted, choice))
    return out


def _search(
    spaces: Sequence[tuple[Any, ...]],
    labels: Ints,
    validation_labels: Ints,
    draws: Sequence[Ints],
    grid: Sequence[float],
    predictions: dict[tuple[int, int, int], Ints],
) -> tuple[int, int]:
    """(position of the scaling, of the penalty) with the most validation hits over ``draws``.

    spaces: for each scaling the scaled features of train, validation and test. Adds the predictions
    of test samples by (scaling, penalty, draw) to ``predictions``.
    """
    paths: list[list[int]] = []
    for place, (fitted, chooser, queries) in enumerate(spaces):
        paths.append([])
        fits = [fit_path(fitted[rows], labels[rows], grid, exact=False) for rows in draws]
        for at, models in enumerate(zip(*fits, strict=True)):
            hits = [(m.predict(chooser) == validation_labels).sum() for m in models]
            paths[-1].append(int(sum(hits)))
            for number, model in enumerate(models):
                predictions[place, at, number] = model.predict(queries)
            if ended(paths[-1]):
                break
    return best_of(paths)
