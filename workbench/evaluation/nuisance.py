"""Nuisance probes: what a representation tells that a class should not depend on.

Mean colour and brightness of an image, the length of a text, the group that a sample is from
(patient, scanner, author). A representation that tells these well may have learned a shortcut; it
needs no class labels to find out. Read it beside the untrained encoder: what that tells as well was
never learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation.feature_scores import NUISANCE, Scored, row
from workbench.evaluation.intervals import Interval, Z, wilson, within
from workbench.evaluation.logistic import fit_path
from workbench.evaluation.probe import DENSE, halves, scale

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Splits = Mapping[str, Any]

# L2 penalties of the ridge regression, beside the mean squared error of standardised features.
PENALTIES = (1e3, 1e2, 1e1, 1.0, 1e-1, 1e-2, 1e-3)
# With fewer samples an R2 says nothing; a group of fewer cannot be fitted, chosen and scored.
FEWEST, FEWEST_OF_GROUP = 10, 5
MOST_GROUPS = 50
_BLOCK = 1024
_TINY = 1e-9


@dataclass(frozen=True)
class Told:
    """How well a value is told: of test samples and of validation samples, n of each. None where
    there are too few samples, or the value does not vary."""

    test: Interval | None
    validation: Interval | None
    n_test: int
    n_validation: int


@dataclass(frozen=True)
class GroupsTold:
    """Accuracy of telling groups apart, over ``groups`` of them, of n samples. largest: the share
    of the commonest one, which is chance."""

    accuracy: Interval
    groups: int
    n: int
    largest: float


def of_images(images: npt.NDArray[np.uint8], rows: Ints) -> dict[str, Floats]:
    """``brightness`` (n, 1): mean of the pixels at ``rows`` of uint8 (N, C, H, W), in [0, 1].
    ``colour`` (n, C): how far the mean of each channel is from that; not for one channel."""
    parts = [
        images[rows[start : start + _BLOCK]].mean(axis=(2, 3), dtype=np.float64) / 255.0
        for start in range(0, len(rows), _BLOCK)
    ]
    means = np.concatenate([np.empty((0, images.shape[1])), *parts])
    brightness = means.mean(axis=1, keepdims=True)
    return {"brightness": brightness} | (
        {"colour": means - brightness} if images.shape[1] > 1 else {}
    )


def of_texts(offsets: Ints, rows: Ints) -> dict[str, Floats]:
    """``length`` (n, 1): log of one more than the number of tokens of the texts at ``rows``."""
    return {"length": np.log1p((offsets[rows + 1] - offsets[rows]).astype(np.float64))[:, None]}


def score(
    name: str,
    features: Splits,
    values: Mapping[str, Mapping[str, Floats]],
    groups: Ints | None = None,
) -> Scored:
    """One kind of features under the nuisance probe, on test and on validation samples.

    features: (n, d) by split. values: what is told, by name, then by split, (n, c). groups: int64
    (n,) of the training samples, whose row is of the split ``train`` in both.
    """
    rows: list[dict[str, Any]] = []
    validated: list[dict[str, Any]] = []
    notes = []
    for target, wanted in values.items():
        told = values_told(features, wanted)
        for into, split, found, n in (
            (rows, "test", told.test, told.n_test),
            (validated, "validation", told.validation, told.n_validation),
        ):
            if found is not None:
                into.append(row(NUISANCE, "r2", name, target, split, found, n))
        if told.test is None:
            notes.append(f"No nuisance probe for {target}: too few samples, or it does not vary.")
    told_apart = None if groups is None else groups_told(features["train"], groups)
    if told_apart is not None:
        accuracy, n = told_apart.accuracy, told_apart.n
        for into in (rows, validated):
            into.append(row(NUISANCE, "accuracy", name, "group", "train", accuracy, n))
        notes.append(
            f"Groups never straddle splits, so the probe tells {told_apart.groups} of the training "
            f"split apart, on samples kept out of its fitting; the largest holds "
            f"{told_apart.largest:.0%} of these."
        )
    elif groups is not None:
        notes.append(
            f"No nuisance probe for groups: fewer than two have {FEWEST_OF_GROUP} samples."
        )
    return Scored(tuple(rows), notes=tuple(notes), validation=Scored(tuple(validated)))


def values_told(features: Splits, values: Mapping[str, Floats]) -> Told:
    """Ridge regression of ``values`` (n, c) by split from ``features`` (n, d) by split.

    Fitted on train, the penalty chosen on validation, R2 of test, over all c columns together: 1 is
    told exactly, 0 is no better than their mean, less is worse. Each half of the validation samples
    is scored by the penalty that the other half chooses.
    """
    train, test = features["train"], features["test"]
    validation = features.get("validation", train[:0])
    wanted = values["train"]
    centre = wanted.mean(axis=0) if len(wanted) else np.zeros(wanted.shape[1])
    enough = len(wanted) >= FEWEST and _spread(wanted) > 0
    known = values.get("validation", wanted[:0])
    counts = len(values["test"]), len(known)
    if not enough:
        return Told(None, None, *counts)
    fitted = _ridge(train, wanted - centre, (validation, test))
    errors = np.array([((centre + found[0] - known) ** 2).sum(axis=1) for found in fitted])
    middle = len(PENALTIES) // 2
    best = int(errors.sum(axis=1).argmin()) if len(known) else middle
    return Told(
        _r2(((centre + fitted[best][1] - values["test"]) ** 2).sum(axis=1), values["test"]),
        _r2(_two_fold(errors), known) if len(known) else None,
        *counts,
    )


def groups_told(features: Array, groups: Ints) -> GroupsTold | None:
    """A linear probe over groups, within one split: groups never straddle splits.

    features: (n, d); groups: int64 (n,), -1 where missing. Of every group of at least 5 samples (at
    most the 50 largest) one half is fitted on, a quarter chooses the penalty, a quarter is scored.
    None if fewer than two groups are that large.
    """
    found, counts = np.unique(groups[groups >= 0], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MOST_GROUPS]
    kept = found[order][counts[order] >= FEWEST_OF_GROUP]
    if len(kept) < 2:
        return None
    rows = np.flatnonzero(np.isin(groups, kept))
    mine = groups[rows]
    fits = halves(mine)
    rest = rows[~fits]
    chooses = halves(groups[rest])
    used, chosen, scored = rows[fits], rest[chooses], rest[~chooses]
    known, asked, tested = scale(
        features[used], (features[used], features[chosen], features[scored]), "each"
    )
    models = list(fit_path(known, groups[used], DENSE))
    hits = [int((model.predict(asked) == groups[chosen]).sum()) for model in models]
    right = models[int(np.argmax(hits))].predict(tested) == groups[scored]
    largest = float(np.unique(groups[scored], return_counts=True)[1].max() / len(scored))
    return GroupsTold(wilson(int(right.sum()), len(right)), len(kept), len(right), largest)


def _ridge(train: Array, wanted: Floats, parts: tuple[Array, ...]) -> list[list[Floats]]:
    """For each penalty the predictions of centred ``wanted`` for each of ``parts``."""
    known, *asked = scale(train, (train, *parts), "each")
    n = len(known)
    gram = (known.T @ known).astype(np.float64) / n
    moments, axes = np.linalg.eigh(gram)
    turned = axes.T @ (known.T @ wanted.astype(np.float32)).astype(np.float64) / n
    out = []
    for penalty in PENALTIES:
        weights = axes @ (turned / (np.maximum(moments, 0.0) + penalty)[:, None])
        out.append([part.astype(np.float64) @ weights for part in asked])
    return out


def _two_fold(errors: Floats) -> Floats:
    """Squared error (v,) of each validation sample, by the penalty that the other half chooses.
    errors: (penalties, v)."""
    first = halves(np.zeros(errors.shape[1], np.int64))
    out = np.empty(errors.shape[1])
    for mask in (first, ~first):
        best = int(errors[:, ~mask].sum(axis=1).argmin())
        out[mask] = errors[best, mask]
    return out


def _r2(errors: Floats, values: Floats) -> Interval | None:
    """1 - sum of squared errors / sum of squared distances from the mean.

    Interval by the delta method for the log of their ratio, so that it never passes 1.
    """
    n = len(values)
    if n < FEWEST or _spread(values) <= 0:
        return None
    around = ((values - values.mean(axis=0)) ** 2).sum(axis=1)
    left = float(errors.mean() / around.mean())
    # Exact to rounding: as good as one part in a thousand million.
    left = max(left, _TINY)
    deviation = np.std((errors - left * around) / around.mean() / left) / np.sqrt(n)
    low, high = 1 - left * np.exp(Z * deviation), 1 - left * np.exp(-Z * deviation)
    return within(1 - left, low, high, -np.inf, 1.0)


def _spread(values: Floats) -> float:
    """Variance of ``values``; 0 if that is only rounding."""
    spread = float(values.var(axis=0).sum())
    return spread if spread > _TINY**2 * max(1.0, float((values**2).mean())) else 0.0
