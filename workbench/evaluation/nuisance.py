"""Nuisance probes: what a representation predicts that a class should not depend on.

These are mean colour and brightness of an image, the length of a text, and the group that a sample
is from (patient, scanner, author). A representation that predicts these well may have learned a
shortcut. The probes need no class labels. Compare with the untrained encoder: what that predicts as
well was never learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation.feature_scores import NUISANCE, Scored, row
from workbench.evaluation.intervals import Estimate, Z, wilson, within
from workbench.evaluation.logistic import fit_path
from workbench.evaluation.probe import DENSE, halves, scale
from workbench.records import Score

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Splits = Mapping[str, Any]

# L2 penalties of the ridge regression, added to the mean squared error of standardised features.
PENALTIES = (1e3, 1e2, 1e1, 1.0, 1e-1, 1e-2, 1e-3)
# R2 of fewer samples means nothing; a group of fewer cannot be fitted, chosen and scored.
FEWEST, FEWEST_OF_GROUP = 10, 5
MOST_GROUPS = 50
_BLOCK = 1024
_TINY = 1e-9


@dataclass(frozen=True)
class ValueFit:
    """R2 of a predicted value on test samples and on validation samples, n of each. None where
    there are too few samples, or the value does not vary."""

    test: Estimate | None
    validation: Estimate | None
    n_test: int
    n_validation: int


@dataclass(frozen=True)
class GroupFit:
    """Accuracy of predicting which of ``groups`` groups a sample is from, over n samples. largest:
    the share of the commonest group, which is the accuracy of guessing."""

    accuracy: Estimate
    groups: int
    n: int
    largest: float


def of_images(images: npt.NDArray[np.uint8], rows: Ints) -> dict[str, Floats]:
    """``brightness`` (n, 1): mean of the pixels at ``rows`` of uint8 (N, C, H, W), in [0, 1].
    ``colour`` (n, C): mean of each channel less the brightness; not for one channel."""
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

    features: (n, d) by split. values: what is predicted, by name, then by split, (n, c). groups:
    int64 (n,) of the training samples; their row is of the split ``train`` in both.
    """
    tested: list[Score] = []
    validated: list[Score] = []
    notes = []
    for target, wanted in values.items():
        fit = fit_values(features, wanted)
        if fit.test is not None:
            tested.append(row(NUISANCE, "r2", name, target, "test", fit.test, fit.n_test))
        else:
            notes.append(f"No nuisance probe for {target}: too few samples, or it does not vary.")
        if fit.validation is not None:
            n = fit.n_validation
            validated.append(row(NUISANCE, "r2", name, target, "validation", fit.validation, n))
    group_fit = None if groups is None else fit_groups(features["train"], groups)
    if group_fit is not None:
        accuracy, n = group_fit.accuracy, group_fit.n
        for scores in (tested, validated):
            scores.append(row(NUISANCE, "accuracy", name, "group", "train", accuracy, n))
        notes.append(
            f"No group is in two splits. So the probe predicts {group_fit.groups} of the training "
            "split, on training samples that it was not fitted on. The largest holds "
            f"{group_fit.largest:.0%} of these."
        )
    elif groups is not None:
        notes.append(
            f"No nuisance probe for groups: fewer than two have {FEWEST_OF_GROUP} samples."
        )
    return Scored(tuple(tested), notes=tuple(notes), validation=Scored(tuple(validated)))


def fit_values(features: Splits, values: Mapping[str, Floats]) -> ValueFit:
    """Ridge regression of ``values`` (n, c) by split from ``features`` (n, d) by split.

    Fitted on train, the penalty chosen on validation, R2 of test, over all c columns together: 1 is
    exact, 0 is no better than the mean, less is worse. Each half of the validation samples is
    scored by the penalty that the other half chooses. Validation and test may be missing.
    """
    train = features["train"]
    test, validation = (features.get(split, train[:0]) for split in ("test", "validation"))
    wanted = values["train"]
    centre = wanted.mean(axis=0) if len(wanted) else np.zeros(wanted.shape[1])
    enough = len(wanted) >= FEWEST and _spread(wanted) > 0
    tested, chooser = (values.get(split, wanted[:0]) for split in ("test", "validation"))
    counts = len(tested), len(chooser)
    if not enough:
        return ValueFit(None, None, *counts)
    predicted = _ridge(train, wanted - centre, (validation, test))
    errors = np.array([((centre + parts[0] - chooser) ** 2).sum(axis=1) for parts in predicted])
    middle = len(PENALTIES) // 2
    best = int(errors.sum(axis=1).argmin()) if len(chooser) else middle
    return ValueFit(
        _r2(((centre + predicted[best][1] - tested) ** 2).sum(axis=1), tested),
        _r2(_two_fold(errors), chooser) if len(chooser) else None,
        *counts,
    )


def fit_groups(features: Array, groups: Ints) -> GroupFit | None:
    """A linear probe over groups, within one split: groups never straddle splits.

    features: (n, d); groups: int64 (n,), -1 where missing. Of every group of at least 5 samples (at
    most the 50 largest) one half is fitted on, a quarter chooses the penalty, a quarter is scored.
    None if fewer than two groups are that large.
    """
    codes, counts = np.unique(groups[groups >= 0], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MOST_GROUPS]
    large = codes[order][counts[order] >= FEWEST_OF_GROUP]
    if len(large) < 2:
        return None
    rows = np.flatnonzero(np.isin(groups, large))
    fits = halves(groups[rows])
    rest = rows[~fits]
    chooses = halves(groups[rest])
    used, chosen, scored = rows[fits], rest[chooses], rest[~chooses]
    fitted, chooser, queries = scale(
        features[used], (features[used], features[chosen], features[scored]), "each"
    )
    models = list(fit_path(fitted, groups[used], DENSE))
    hits = [int((model.predict(chooser) == groups[chosen]).sum()) for model in models]
    right = models[int(np.argmax(hits))].predict(queries) == groups[scored]
    largest = float(np.unique(groups[scored], return_counts=True)[1].max() / len(scored))
    return GroupFit(wilson(int(right.sum()), len(right)), len(large), len(right), largest)


def _ridge(train: Array, wanted: Floats, parts: tuple[Array, ...]) -> list[list[Floats]]:
    """For each penalty the predictions of centred ``wanted`` for each of ``parts``."""
    fitted, *queries = scale(train, (train, *parts), "each")
    n = len(fitted)
    gram = (fitted.T @ fitted).astype(np.float64) / n
    moments, axes = np.linalg.eigh(gram)
    turned = axes.T @ (fitted.T @ wanted.astype(np.float32)).astype(np.float64) / n
    out = []
    for penalty in PENALTIES:
        weights = axes @ (turned / (np.maximum(moments, 0.0) + penalty)[:, None])
        out.append([part.astype(np.float64) @ weights for part in queries])
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


def _r2(errors: Floats, values: Floats) -> Estimate | None:
    """1 - sum of squared errors / sum of squared distances from the mean.

    Interval by the delta method for the log of their ratio, so that it never passes 1.
    """
    n = len(values)
    if n < FEWEST or _spread(values) <= 0:
        return None
    around = ((values - values.mean(axis=0)) ** 2).sum(axis=1)
    left = float(errors.mean() / around.mean())
    # An exact fit counts as off by one part in a thousand million: that is rounding.
    left = max(left, _TINY)
    deviation = np.std((errors - left * around) / around.mean() / left) / np.sqrt(n)
    low, high = 1 - left * np.exp(Z * deviation), 1 - left * np.exp(-Z * deviation)
    return within(1 - left, low, high, -np.inf, 1.0)


def _spread(values: Floats) -> float:
    """Variance of ``values``; 0 if that is only rounding."""
    spread = float(values.var(axis=0).sum())
    return spread if spread > _TINY**2 * max(1.0, float((values**2).mean())) else 0.0
