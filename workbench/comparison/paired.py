"""Two runs on the same samples: their difference with its interval, and McNemar's exact test.

What is said holds for these two trained models and these samples, not for their methods: only
paired seeds see how much training itself varies (``order.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from workbench.comparison.evidence import Evidence, Predictions
from workbench.comparison.groups import key
from workbench.comparison.reading import (
    KNN,
    PROBE,
    Row,
    Run,
    closed,
    encoder_of,
    gain_by,
    main_gain,
)
from workbench.evaluation.significance import holm, mcnemar

Z = 1.959963984540054
LEVEL = 0.05


def pairs(runs: Sequence[Run], evidence: Evidence) -> list[dict[str, Any]]:
    """``pairs`` of the comparison object: each two comparable runs of different configurations.

    Comparable: the same data, budget, split and seed. Entries: a, b (run ids), protocol,
    difference (of a minus b), low, high, n, and basis. ``same samples``: both have one encoder, and
    their answers on the same samples are compared; only_a, only_b count the samples that one alone
    gets right, p is of McNemar's test, p_holm adjusted over all tests of a protocol. ``gains``:
    their encoders differ, or there are no answers; the difference of trained minus untrained,
    without a test.
    """
    out = []
    for a, b in combinations(runs, 2):
        if _meeting(a) != _meeting(b) or key(a) == key(b):
            continue
        protocols = _protocols(a, b)
        for protocol in protocols:
            row = _on_samples(a, b, protocol, evidence) or _of_gains(a, b, protocol)
            if row is not None:
                out.append({"a": a["id"], "b": b["id"], "protocol": protocol, **row})
    for protocol in dict.fromkeys(row["protocol"] for row in out):
        tested = [row for row in out if row["protocol"] == protocol and row["p"] is not None]
        for row, p in zip(tested, holm([row["p"] for row in tested]), strict=True):
            row["p_holm"] = p
    return out


def told_apart(row: Mapping[str, Any]) -> int:
    """1 or -1 if a pair's difference is above or below 0 beyond its noise, else 0.

    By McNemar's adjusted p where there is one, else by the interval.
    """
    if row["p_holm"] is not None:
        sign = int(np.sign(row["difference"]))
        return sign if row["p_holm"] < LEVEL else 0
    return int(row["low"] > 0) - int(row["high"] < 0)


def difference(only_a: int, only_b: int, n: int) -> dict[str, float]:
    """Difference of two paired shares of n samples, with its 95 % interval.

    Bonett and Price 2012 (Laplace-adjusted Wald interval): one sample for and one against are added
    before the normal interval. only_a, only_b: samples that one alone gets right.
    """
    a, b = (only_a + 1) / (n + 2), (only_b + 1) / (n + 2)
    centre, half = a - b, Z * np.sqrt((a + b - (a - b) ** 2) / (n + 2))
    value = (only_a - only_b) / n
    low, high = min(value, centre - half), max(value, centre + half)
    return {"difference": value, "low": float(max(-1.0, low)), "high": float(min(1.0, high))}


def apart_by_gains(a: Row, b: Row) -> dict[str, float]:
    """Difference of two gains, with an interval from theirs.

    Zou and Donner 2008 (variance estimates recovered from the limits, for independent values).
    Gains on the same samples vary together, so that the interval is rather too wide.
    """
    value = float(a["value"] - b["value"])
    low = value - np.hypot(a["value"] - a["low"], b["high"] - b["value"])
    high = value + np.hypot(a["high"] - a["value"], b["value"] - b["low"])
    return {"difference": value, "low": float(low), "high": float(high)}


def _meeting(run: Run) -> tuple[Any, ...]:
    config = run["config"]
    return (
        config["data"]["fingerprint"],
        tuple(sorted(config["budget"].items())),
        config["seed"],
        closed(run),
    )


def _protocols(a: Run, b: Run) -> list[str]:
    """Those by which both have a gain; anomaly detection has one of its own."""
    shared = [name for name in (KNN, PROBE) if gain_by(a, name) and gain_by(b, name)]
    if shared:
        return shared
    first, second = main_gain(a), main_gain(b)
    same = first is not None and second is not None and first["protocol"] == second["protocol"]
    return [first["protocol"]] if first is not None and same else []


def _on_samples(a: Run, b: Run, protocol: str, evidence: Evidence) -> dict[str, Any] | None:
    one, other = evidence.predictions.get(a["id"]), evidence.predictions.get(b["id"])
    if one is None or other is None or encoder_of(a) != encoder_of(b):
        return None
    if protocol not in one.answers or protocol not in other.answers or not _same(one, other):
        return None
    right = one.answers[protocol] == one.truth
    right_too = other.answers[protocol] == other.truth
    only_a, only_b = int((right & ~right_too).sum()), int((right_too & ~right).sum())
    return {
        **difference(only_a, only_b, len(right)),
        "n": len(right),
        "basis": "same samples",
        "only_a": only_a,
        "only_b": only_b,
        "p": mcnemar(only_a, only_b),
        "p_holm": None,
    }


def _of_gains(a: Run, b: Run, protocol: str) -> dict[str, Any] | None:
    first, second = gain_by(a, protocol), gain_by(b, protocol)
    if first is None or second is None:
        return None
    return {
        **apart_by_gains(first, second),
        "n": int(first["n"]),
        "basis": "gains",
        "only_a": None,
        "only_b": None,
        "p": None,
        "p_holm": None,
    }


def _same(a: Predictions, b: Predictions) -> bool:
    return np.array_equal(a.rows, b.rows) and np.array_equal(a.truth, b.truth) and len(a.rows) > 0
