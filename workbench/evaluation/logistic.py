"""Multinomial logistic regression over a path of penalties, fast enough to be fitted hundreds of
times an evaluation.

Minimises  mean_i [-log softmax(x_i W + b)_{y_i}] + penalty / 2 |W|^2  (b is not penalised).

Method. The Hessian of the mean loss never exceeds half of the features' second moments (Böhning
1992, "Multinomial logistic regression algorithm", section 3), whatever W is. In the features' own
principal directions that bound is diagonal. So each step is a gradient divided by numbers that are
known beforehand: there is no line search, and correlated features are not slow. Nesterov's momentum
with restarts (O'Donoghue and Candès 2015) speeds up the descent. sklearn's L-BFGS finds the same
minimum (the tests compare them); on one thread it took three to twelve times as long for pixels and
TF-IDF of the sample data, and many times more where threads compete for two cores.

Word counts have too many columns for principal directions. There every word has a bound of its
own: for X >= 0 and any positive v, X'X <= diag(X'X v / v), as the right-hand side minus the left is
weakly diagonally dominant after scaling by v. v is the root mean square of each word, so that rare
words take long steps. One bound for all words needs two to four times as many steps for the same
objective.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# Steps a penalty at most, for the minimum.
MOST_STEPS, MOST_SPARSE_STEPS = 200, 100
# Steps a penalty along a path, of dense features and of word counts, where hundreds of fits of few
# labels are made. Each starts where the one before it ended, so that few are enough: accuracy was
# within half a point of that at the minimum, or higher (benchmarks/RESULTS.md, "Steps of the
# probe"). With all labels they had cost word counts almost a point: those fits go to the minimum.
PATH_STEPS, SPARSE_PATH_STEPS = 25, 50
# Length of the gradient in the metric of the bound at which a fit is done: predictions then agree
# with the exact minimum's on about 99 of 100 samples, or more.
_TOLERANCE = 1e-3
_RANK = 1e-9
_TINY = 1e-12


@dataclass(frozen=True)
class Model:
    """weights: float32 (d, K); bias: float32 (K,); classes: int64 (K,), ascending."""

    weights: Floats
    bias: Floats
    classes: Ints

    def predict(self, features: Any) -> Ints:
        """int64 (m,) classes of dense or sparse (m, d) features; ties go to the smaller class."""
        chosen: Ints = self.classes[(features @ self.weights + self.bias).argmax(axis=1)]
        return chosen


def fit_path(
    features: Any, labels: Ints, penalties: Sequence[float], *, exact: bool = True
) -> Iterator[Model]:
    """A Model for each of ``penalties``, each started from the one before: strongest first.

    Each is fitted when the iterator reaches it, so that a search may stop early. features: float32
    (n, d), or a scipy sparse matrix; labels: int64 (n,). exact: False ends each fit after some tens
    of steps; a model then depends on the penalties before its own. Deterministic.
    """
    classes, place = np.unique(labels, return_inverse=True)
    wanted = np.zeros((len(labels), len(classes)), np.float32)
    wanted[np.arange(len(labels)), place] = 1.0
    if isinstance(features, np.ndarray):
        steps = MOST_STEPS if exact else PATH_STEPS
        return _dense(features, wanted, classes, penalties, steps)
    steps = MOST_SPARSE_STEPS if exact else SPARSE_PATH_STEPS
    return _sparse(features.tocsr(), wanted, classes, penalties, steps)


def _dense(
    x: Floats, wanted: Floats, classes: Ints, penalties: Sequence[float], steps: int
) -> Iterator[Model]:
    mean = x.mean(axis=0)
    turned, moments, axes = _principal(x - mean)
    problem = _Problem(turned, turned.T.copy(), wanted, moments[:, None], 1.0, steps)
    for w, b in _descend(problem, penalties):
        weights = (axes @ w).astype(np.float32)
        yield Model(weights, (b - mean @ weights).astype(np.float32), classes)


def _sparse(
    x: Any, wanted: Floats, classes: Ints, penalties: Sequence[float], steps: int
) -> Iterator[Model]:
    """Words that do not occur keep weight 0."""
    used = np.unique(x.indices)
    small = x[:, used]
    transposed = small.T.tocsr()
    size = np.sqrt(np.asarray(small.multiply(small).mean(axis=0), np.float32).ravel())
    bound = (abs(transposed) @ (abs(small) @ size)) / (x.shape[0] * np.maximum(size, _TINY))
    # Uncentred words and the bias are correlated: each gets twice its own bound.
    moments = 2 * bound[:, None].astype(np.float32)
    problem = _Problem(small, transposed, wanted, moments, 2.0, steps)
    for w, b in _descend(problem, penalties):
        weights = np.zeros((x.shape[1], len(classes)), np.float32)
        weights[used] = w
        yield Model(weights, b, classes)


@dataclass(frozen=True)
class _Problem:
    """x: (n, d); transposed: x'; wanted: one-hot (n, K); moments: bound of x'x / n, (d, 1);
    of_bias: bound of the bias's own second moment; steps: at most so many a penalty."""

    x: Any
    transposed: Any
    wanted: Floats
    moments: Floats
    of_bias: float
    steps: int


def _descend(problem: _Problem, penalties: Sequence[float]) -> Iterator[tuple[Floats, Floats]]:
    """(weights, bias) for each penalty."""
    n, width = problem.x.shape
    classes = problem.wanted.shape[1]
    state = [np.zeros((width, classes), np.float32), np.zeros(classes, np.float32)]
    for penalty in map(np.float32, penalties):
        bound = np.float32(0.5) * problem.moments + penalty
        lengths = (np.float32(1) / bound, np.float32(2.0 / problem.of_bias))
        ahead, momentum = [part.copy() for part in state], 1.0
        for _ in range(problem.steps):
            error = _softmax(problem.x @ ahead[0] + ahead[1]) - problem.wanted
            slope = problem.transposed @ error
            slope /= n
            slope += penalty * ahead[0]
            gradient = [slope, error.mean(axis=0)]
            moves = [length * part for length, part in zip(lengths, gradient, strict=True)]
            size = sum(_dot(g, m) for g, m in zip(gradient, moves, strict=True))
            for part, move in zip(ahead, moves, strict=True):
                part -= move
            steps = [new - old for new, old in zip(ahead, state, strict=True)]
            uphill = sum(_dot(g, step) for g, step in zip(gradient, steps, strict=True))
            momentum = 1.0 if uphill > 0 else momentum
            following = (1 + np.sqrt(1 + 4 * momentum * momentum)) / 2
            pull = np.float32((momentum - 1) / following)
            state = ahead
            ahead = [new + pull * step for new, step in zip(state, steps, strict=True)]
            momentum = following
            if size < _TOLERANCE**2:
                break
        yield state[0].copy(), state[1].copy()


def _dot(a: Floats, b: Floats) -> float:
    return float(np.vdot(a, b))


def _principal(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Centred x (n, d) in its principal directions (n, r), their second moments, axes (d, r)."""
    n, d = x.shape
    if n >= d:
        values, axes = np.linalg.eigh((x.T @ x).astype(np.float64) / n)
    else:
        values, axes = np.linalg.eigh((x @ x.T).astype(np.float64) / n)
    kept = values > _RANK * max(values[-1], 1e-30)
    values, axes = values[kept], axes[:, kept]
    if n < d:
        axes = x.T @ axes / np.sqrt(values * n)
    axes = axes.astype(np.float32)
    return x @ axes, values.astype(np.float32), axes


def _softmax(logits: Floats) -> Floats:
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    return logits
