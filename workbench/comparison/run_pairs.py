"""Two runs on the same samples: their difference with its interval, and McNemar's exact test.

The result holds for these two trained models and these samples, not for their methods. Only paired
seeds show how much training itself varies (``seed_tests.py``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from workbench.comparison.basis import TEST, basis, first_gain, gain_on
from workbench.comparison.evidence import Evidence, Predictions
from workbench.comparison.groups import key
from workbench.comparison.lead_metric import ACCURACY, MACRO_F1, lead_metric
from workbench.comparison.records import DifferenceEstimate, Pair, PairTest
from workbench.comparison.run_fields import (
    KNN,
    PROBE,
    closed,
    encoder_of,
)
from workbench.evaluation import f1
from workbench.evaluation.intervals import Estimate
from workbench.evaluation.significance import holm, mcnemar
from workbench.records import Interval, RunRecord

Z = 1.959963984540054
LEVEL = 0.05


def pairs(runs: Sequence[RunRecord], evidence: Evidence) -> list[Pair]:
    """Each two comparable runs of different configurations: the same data, budget, split and seed.

    Where both have one encoder and predictions of the same samples, these are compared by a test
    (McNemar's; of balanced accuracy and macro F1, of the mean of what each sample adds),
    with p adjusted over all tests of a protocol. Else the gains over the untrained encoders are
    compared, without a test. Samples and gains are of the runs' basis (``basis.py``).
    """
    out: list[Pair] = []
    split = basis(runs)
    predictions = evidence.predictions if split == TEST else evidence.validation
    for a, b in combinations(runs, 2):
        if _circumstances(a) != _circumstances(b) or key(a) == key(b):
            continue
        for protocol in _protocols(a, b, split):
            row = _on_samples(a, b, protocol, predictions) or _of_gains(a, b, protocol, split)
            if row is not None:
                out.append(Pair(a=a["id"], b=b["id"], protocol=protocol, split=split, **row))
    for protocol in dict.fromkeys(row["protocol"] for row in out):
        tests = [
            (row, p) for row in out if row["protocol"] == protocol and (p := row["p"]) is not None
        ]
        for (row, _), adjusted in zip(tests, holm([p for _, p in tests]), strict=True):
            row["p_holm"] = adjusted
    return out


def sign_beyond_noise(row: PairTest) -> int:
    """1 or -1 if a pair's difference is above or below 0 beyond its noise, else 0.

    By McNemar's adjusted p where there is one, else by the interval.
    """
    if row["p_holm"] is not None:
        sign = int(np.sign(row["difference"]))
        return sign if row["p_holm"] < LEVEL else 0
    return int(row["low"] > 0) - int(row["high"] < 0)


def paired_difference(only_a: int, only_b: int, n: int) -> DifferenceEstimate:
    """Difference of two paired shares of n samples, with its 95 % interval.

    Bonett and Price 2012 (Laplace-adjusted Wald interval): one sample for and one against are added
    before the normal interval. only_a, only_b: samples that only one of the two gets right.
    """
    a, b = (only_a + 1) / (n + 2), (only_b + 1) / (n + 2)
    centre, half = a - b, Z * np.sqrt((a + b - (a - b) ** 2) / (n + 2))
    value = (only_a - only_b) / n
    low, high = min(value, centre - half), max(value, centre + half)
    return {"difference": value, "low": float(max(-1.0, low)), "high": float(min(1.0, high))}


def difference_of_gains(a: Interval, b: Interval) -> DifferenceEstimate:
    """Difference of two gains, with an interval from theirs.

    Zou and Donner 2008 (variance estimates recovered from the limits, for independent values).
    Gains on the same samples vary together, so the interval is rather too wide.
    """
    value = float(a["value"] - b["value"])
    low = value - np.hypot(a["value"] - a["low"], b["high"] - b["value"])
    high = value + np.hypot(a["high"] - a["value"], b["value"] - b["low"])
    return {"difference": value, "low": float(low), "high": float(high)}


def _circumstances(run: RunRecord) -> tuple[object, ...]:
    """Data, budget, seed and split: what two runs must have in common."""
    config = run["config"]
    return (
        config["data"]["fingerprint"],
        tuple(sorted(config["budget"].items())),
        config["seed"],
        closed(run),
    )


def _protocols(a: RunRecord, b: RunRecord, split: str) -> list[str]:
    """Those by which both have a gain; anomaly detection has a protocol of its own."""
    shared = [name for name in (KNN, PROBE) if gain_on(a, name, split) and gain_on(b, name, split)]
    if shared:
        return shared
    first, second = first_gain(a, split), first_gain(b, split)
    same = first is not None and second is not None and first["protocol"] == second["protocol"]
    return [first["protocol"]] if first is not None and same else []


def _on_samples(
    a: RunRecord, b: RunRecord, protocol: str, predictions: Mapping[str, Predictions]
) -> PairTest | None:
    of_a, of_b = predictions.get(a["id"]), predictions.get(b["id"])
    if of_a is None or of_b is None or encoder_of(a) != encoder_of(b):
        return None
    if protocol not in of_a.answers or protocol not in of_b.answers or not _same(of_a, of_b):
        return None
    right_a = of_a.answers[protocol] == of_a.truth
    right_b = of_b.answers[protocol] == of_b.truth
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    metric = lead_metric(a, protocol)
    if metric != ACCURACY:
        paired = f1.gain if metric == MACRO_F1 else f1.balanced_gain
        estimate = paired(of_a.truth, of_a.answers[protocol], of_b.answers[protocol])
        difference: DifferenceEstimate = {
            "difference": estimate.value,
            "low": estimate.low,
            "high": estimate.high,
        }
        p = _normal_p(estimate)
    else:
        difference = paired_difference(only_a, only_b, len(right_a))
        p = mcnemar(only_a, only_b)
    return {
        **difference,
        "n": len(right_a),
        "basis": "same samples",
        "only_a": only_a,
        "only_b": only_b,
        "p": p,
        "p_holm": None,
    }


def _normal_p(estimate: Estimate) -> float:
    """Two-sided p of a difference whose interval is normal."""
    half = (estimate.high - estimate.low) / 2
    return math.erfc(abs(estimate.value) / half * Z / math.sqrt(2)) if half > 0 else 1.0


def _of_gains(a: RunRecord, b: RunRecord, protocol: str, split: str) -> PairTest | None:
    first, second = gain_on(a, protocol, split), gain_on(b, protocol, split)
    if first is None or second is None:
        return None
    return {
        **difference_of_gains(first, second),
        "n": int(first["n"]),
        "basis": "gains",
        "only_a": None,
        "only_b": None,
        "p": None,
        "p_holm": None,
    }


def _same(a: Predictions, b: Predictions) -> bool:
    return np.array_equal(a.rows, b.rows) and np.array_equal(a.truth, b.truth) and len(a.rows) > 0
