"""Label efficiency: the linear probe again, with 1, 5, 10, 50 and 100 labels a class.

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
from workbench.evaluation.probe import Choice, Scaling, best_of, ended, grid_of, scale

Ints = npt.NDArray[np.int64]

LEVELS = (1, 5, 10, 50, 100)
DRAWS = 5
# Many labels cost the most and differ the least from draw to draw: two draws choose there.
_ALL_CHOOSE, _FEW_CHOOSE = 10, 2


@dataclass(frozen=True)
class Level:
    """Predictions with ``labels_per_class`` labels: int64 (draws, m), and what was chosen."""

    labels_per_class: int
    predicted: Ints
    choice: Choice


def levels_for(labels: Ints) -> tuple[int, ...]:
    """The levels that exist: those that at least half of the classes can fill."""
    counts = np.bincount(labels)
    return tuple(level for level in LEVELS if level <= np.median(counts[counts > 0]))


def draw(labels: Ints, level: int, number: int, seed: int) -> Ints:
    """Ascending positions of draw ``number`` of ``level`` labels a class.

    A class with fewer gives all it has. The same draw of a higher level holds the lower one.
    """
    rng = np.random.default_rng([seed, number])
    order = rng.permutation(len(labels))
    parts = [order[labels[order] == found][:level] for found in np.unique(labels)]
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
    """One ``Level`` for each that exists, from ``DRAWS`` draws each.

    Features are scaled by all training samples (which needs no labels). One scaling and penalty a
    level: those with the highest validation accuracy averaged over the draws (the first two draws
    above 10 labels a class). All labelled validation samples choose, so that a level says what few
    labels teach and not what they could choose.
    """
    if not len(validation_labels):
        scalings = scalings[:1]
    spaces = [scale(train, (train, validation, test), scaling) for scaling in scalings]
    # With few labels the weakest penalty gives what the one before it gives, and takes the longest.
    grid = grid_of(train)[:-1]
    out = []
    for level in levels_for(labels):
        draws = [draw(labels, level, number, seed) for number in range(DRAWS)]
        choosing = draws if level <= _ALL_CHOOSE else draws[:_FEW_CHOOSE]
        answers: dict[tuple[int, int, int], Ints] = {}
        if len(validation_labels):
            paths: list[list[int]] = []
            for place, (known, asked, tested) in enumerate(spaces):
                paths.append([])
                fits = [fit_path(known[rows], labels[rows], grid) for rows in choosing]
                for at, models in enumerate(zip(*fits, strict=True)):
                    right = [(m.predict(asked) == validation_labels).sum() for m in models]
                    paths[-1].append(int(sum(right)))
                    for number, model in enumerate(models):
                        answers[place, at, number] = model.predict(tested)
                    if ended(paths[-1]):
                        break
            place, at = best_of(paths)
        else:
            place, at = 0, len(grid) // 2
        known, _, tested = spaces[place]
        for number, rows in enumerate(draws):
            if (place, at, number) not in answers:
                (model,) = fit_path(known[rows], labels[rows], grid[at : at + 1])
                answers[place, at, number] = model.predict(tested)
        predicted = np.stack([answers[place, at, number] for number in range(DRAWS)])
        choice = Choice(
            scalings[place], grid[at], at in (0, len(grid) - 1), bool(len(validation_labels))
        )
        out.append(Level(level, predicted, choice))
    return out
