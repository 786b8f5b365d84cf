"""How well a score tells anomalous samples from normal ones: AUROC, AUPRC, FPR at 95 % TPR.

Higher scores are more anomalous; both kinds have to be present. Every interval stays in [0, 1] and
has a width, also where the kinds are separated without an error.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from workbench.evaluation.intervals import Estimate, Z, wilson, within

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TPR = 0.95
_ROUNDING = 1e-15


def auroc(scores: Floats, anomalous: Bools) -> Estimate:
    """Area under the ROC curve, ties counted half: the chance that an anomalous sample scores
    higher than a normal one.

    scores: float (m,); anomalous: bool (m,). Interval by DeLong, DeLong and Clarke-Pearson 1988 on
    the logit scale. Where its variance is 0 or a kind has one sample, Wilson's interval of the
    rarer kind is taken.
    """
    of_anomalous, of_normal = placements(scores, anomalous)
    return _on_logits(of_anomalous, of_normal)


def auprc(scores: Floats, anomalous: Bools) -> Estimate:
    """Average precision: mean over anomalous samples of the precision at their score.

    sklearn's ``average_precision_score``. It depends on the share of anomalous samples: chance is
    that share. The interval is by the delta method (the derivative by each sample's weight), with
    the two shares fixed, on the logit scale.
    """
    order = np.argsort(-scores, kind="stable")
    ordered, positive = scores[order], anomalous[order]
    last = np.searchsorted(-ordered, -ordered, side="right") - 1
    hits, misses = np.cumsum(positive)[last], np.cumsum(~positive)[last]
    precision = hits / (hits + misses)
    # How one more hit or miss at or above a sample's score changes the precision there.
    weight = positive / (hits + misses) ** 2.0
    first = np.searchsorted(-ordered, -ordered, side="left")
    by_hit = np.cumsum((weight * misses)[::-1])[::-1][first]
    by_miss = np.cumsum((weight * hits)[::-1])[::-1][first]
    n_anomalous, n_normal = int(positive.sum()), int((~positive).sum())
    of_anomalous = precision[positive] + by_hit[positive] - by_hit[positive].mean()
    of_normal = -(n_normal / n_anomalous) * by_miss[~positive]
    return _on_logits(of_anomalous, of_normal)


def fpr95(scores: Floats, anomalous: Bools) -> Estimate:
    """Share of normal samples that are called anomalous where 95 % of the anomalous ones are found.

    The threshold is the largest score that finds at least 95 % of them. There are two noises: the
    normal samples (Wilson) and the threshold. The threshold's limits are order statistics of the
    anomalous scores (exact for their 5 % quantile; the smallest one where there are fewer than 73).
    Their distances from the value add in squares (Zou and Donner 2008).
    """
    positive, normal = np.sort(scores[anomalous]), scores[~anomalous]
    n = len(positive)
    missed = int(np.floor((1 - TPR) * n + 1e-9))
    value = float((normal >= positive[missed]).mean())
    ranks = binom.ppf((0.975, 0.025), n, 1 - TPR) - (0, 1)
    least, most = (
        float((normal >= positive[int(np.clip(rank, 0, n - 1))]).mean()) for rank in ranks
    )
    plain = wilson(value * len(normal), len(normal))
    low = value - np.hypot(value - plain.low, max(0.0, value - least))
    high = value + np.hypot(plain.high - value, max(0.0, most - value))
    return within(value, low, high, 0.0, 1.0)


def auroc_gain(first: Floats, second: Floats, anomalous: Bools) -> Estimate:
    """AUROC of ``first`` less that of ``second`` on the same samples, with DeLong's interval."""
    one, two = placements(first, anomalous), placements(second, anomalous)
    differences = [a - b for a, b in zip(one, two, strict=True)]
    value = float(differences[0].mean())
    # As in the paired interval of accuracy: one sample for and one against, so that an interval
    # has a width where no difference was seen.
    variance = sum(float(np.var(np.append(d, (1.0, -1.0)))) / (len(d) + 2) for d in differences)
    half = Z * np.sqrt(variance)
    return within(value, value - half, value + half, -1.0, 1.0)


def placements(scores: Floats, anomalous: Bools) -> tuple[Floats, Floats]:
    """For each anomalous sample the share of normal ones below it, for each normal one the share of
    anomalous ones above it; ties count half. Both means are the AUROC."""
    high, low = scores[anomalous], scores[~anomalous]
    return _share_below(high, low), 1.0 - _share_below(low, high)


def _on_logits(of_anomalous: Floats, of_normal: Floats) -> Estimate:
    """The mean of ``of_anomalous`` with its interval, from both kinds' contributions."""
    value = float(np.clip(of_anomalous.mean(), 0.0, 1.0))
    variance = _variance(of_anomalous) + _variance(of_normal)
    rarer = min(len(of_anomalous), len(of_normal))
    if rarer < 2 or variance <= _ROUNDING or value <= 0 or value >= 1:
        return wilson(value * rarer, rarer)
    half = Z * np.sqrt(variance) / (value * (1 - value))
    centre = np.log(value / (1 - value))
    low, high = 1 / (1 + np.exp(-(centre - half))), 1 / (1 + np.exp(-(centre + half)))
    return within(value, low, high, 0.0, 1.0)


def _share_below(of: Floats, among: Floats) -> Floats:
    ordered = np.sort(among)
    left, right = (np.searchsorted(ordered, of, side=side) for side in ("left", "right"))
    result: Floats = (left + right) / (2.0 * len(among))
    return result


def _variance(values: Floats) -> float:
    return float(np.var(values, ddof=1) / len(values)) if len(values) > 1 else 0.0
