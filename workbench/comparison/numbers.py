"""The one way to write numbers: scores, gains, intervals, p values and shares as text.

A value stands before its 95 % interval: ``+3.1 [+1.4, +4.7]``. Gains and differences are given as
shares and written in percentage points. Scores that are shares are written in percent, others with
three digits. The formats are those of Python and of d3, so that charts use them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from workbench.comparison.records import DifferenceEstimate
from workbench.evaluation.knn import NEIGHBOURS
from workbench.records import Interval, Score

POINTS = "+.1f"
SHARE = ".1%"
_NUMBER = ".3f"
# Metrics that are shares; R² and the agreement of groups, for example, are not.
_SHARES = frozenset({"accuracy", "balanced_accuracy", "macro_f1", "auroc", "auprc", "fpr95"})
_SMALLEST_P = 1e-4


def points(share: float) -> str:
    """``+3.1``: a difference of shares, in percentage points with its sign."""
    return f"{100 * share:{POINTS}}"


def distance(share: float) -> str:
    """``3.1``: as ``points``, without a sign."""
    return f"{100 * abs(share):.1f}"


def points_from(share: float, other: str, of: str = "") -> str:
    """``3.1 points above OTHER`` or ``3.1 points below OTHER``: a sign before such a word would be
    read twice. of: `` of balanced accuracy``."""
    return f"{distance(share)} points{of} {'below' if share < 0 else 'above'} {other}"


def interval(row: Interval | DifferenceEstimate) -> str:
    """``[+1.4, +4.7]``: the interval of a gain or difference, in points."""
    return f"[{points(row['low'])}, {points(row['high'])}]"


def gain(row: Interval) -> str:
    """``+3.1 [+1.4, +4.7]``: a gain with its interval, in points."""
    return f"{points(row['value'])} {interval(row)}"


def gain_in_points(row: Interval) -> str:
    """``+3.1 points [+1.4, +4.7]``: as ``gain``, with the unit."""
    return f"{points(row['value'])} points {interval(row)}"


def neighbours(row: Interval) -> str:
    """``k = 5``: of a kNN score or gain, where k is not the default; empty otherwise."""
    k = cast(Mapping[str, object], row).get("neighbours", NEIGHBOURS)
    return "" if k == NEIGHBOURS else f"k = {k}"


def difference(row: DifferenceEstimate) -> str:
    """``+3.1 [+1.4, +4.7]``: a difference with its interval, in points."""
    return f"{points(row['difference'])} {interval(row)}"


def is_share(metric: str) -> bool:
    """Whether scores of this metric are shares, and so written in percent."""
    return metric in _SHARES


def score_format(metric: str) -> str:
    """The format of a score of this metric, for Python and d3."""
    return SHARE if is_share(metric) else _NUMBER


def score(value: float, metric: str = "accuracy") -> str:
    """``91.2%``; ``0.912`` where the metric is no share."""
    return f"{value:{score_format(metric)}}"


def score_interval(row: Interval, metric: str = "accuracy") -> str:
    """``[88.9%, 93.1%]``."""
    return f"[{score(row['low'], metric)}, {score(row['high'], metric)}]"


def scored(row: Score) -> str:
    """``300 of 1,200``: the samples that were scored, of those in the split. ``300`` where all
    were, and for older runs, which did not store how many there are."""
    total = row.get("total", row["n"])
    return f"{row['n']:,}" if total == row["n"] else f"{row['n']:,} of {total:,}"


def share(value: float, digits: int = 0) -> str:
    """``91%``; ``91.2%`` with one digit."""
    return f"{value:.{digits}%}"


def share_with_interval(row: Interval) -> str:
    """``91% [89%, 93%]``."""
    return f"{share(row['value'])} [{share(row['low'])}, {share(row['high'])}]"


def p_value(p: float | None) -> str:
    """``0.031`` or ``< 0.0001``; empty without a test. A table would cut a small one off."""
    if p is None:
        return ""
    return f"< {_SMALLEST_P:.4f}" if p < _SMALLEST_P else f"{p:.2g}"


def p_statement(p: float) -> str:
    """``p = 0.031`` or ``p < 0.0001``."""
    return f"p {p_value(p)}" if p < _SMALLEST_P else f"p = {p_value(p)}"


def hover_interval(low: int, high: int, number: str, *, axis: Literal["x", "y"] = "x") -> str:
    """Part of a plotly hover template: a mark's value with its interval.

    low, high: places in ``customdata``. number: ``POINTS`` or the ``score_format`` of a metric.
    """
    unit = " points" if number == POINTS else ""
    ends = ", ".join(f"%{{customdata[{place}]:{number}}}" for place in (low, high))
    return f"%{{{axis}:{number}}}{unit} [{ends}]"
