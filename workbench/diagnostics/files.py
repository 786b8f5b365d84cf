"""The collapse check of embeddings from elsewhere: a file, with labels or without."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from workbench.diagnostics.metrics import METRICS
from workbench.diagnostics.table import read_embeddings, read_labels
from workbench.diagnostics.verdict import judge_array
from workbench.diagnostics.verdict_words import label_words
from workbench.errors import RequestError
from workbench.evaluation.knn import agreement
from workbench.records import VerdictRecord

# RankMe is defined on 25,600 samples; more rows cost time and change no verdict.
MOST_ROWS = 25_600

_NEIGHBOURS = "neighbours_agree"
# Squares of larger values overflow single precision.
_HUGE = 1e18
_FAR = 1e4


class Diagnosis(TypedDict):
    """``workbench diagnose --json``. metrics: those of ``metrics.METRICS``, and
    ``neighbours_agree`` in [0, 1] where there are labels."""

    verdict: VerdictRecord
    metrics: dict[str, float]


def diagnose(file: Path, labels: Path | None = None, columns: str | None = None) -> Diagnosis:
    """Verdict and metrics of the embeddings in ``file``: .npy, Parquet or CSV, (n, d) numbers.

    labels: such a file, (n,), values of any kind; with two classes or more they add
    ``neighbours_agree`` in [0, 1], the share of rows whose nearest others have the same label.
    columns: of a table, see ``table.read_embeddings``. Above 25,600 rows a seeded draw of that many
    is judged. The verdict's reason names what limits the answer: columns that do not vary or were
    left out, rows of zeros, huge values, one class only, missing labels, a draw.
    Raises RequestError for a file that is missing or no such array, for NaN or Inf, for fewer than
    two rows, and for labels of another length.
    """
    table = read_embeddings(file, "FILE", columns)
    z, caveats = table.values, list(table.notes)
    if table.guessed:
        caveats.append("--columns A,B or --columns all takes others.")
    codes = None if labels is None else _labels(labels, len(z))
    total = len(z)
    if total > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(total, MOST_ROWS, replace=False))
        z, codes = z[rows], None if codes is None else codes[rows]
        caveats.append(f"{MOST_ROWS:,} rows were drawn from {total:,}.")
    try:
        verdict = judge_array(z).to_json()
    except RequestError as error:
        raise RequestError(
            f"'{file}': {error.message}", field="FILE", remedy=error.remedy
        ) from error
    metrics = dict(verdict["metrics"])
    constant = int((np.ptp(z, axis=0) == 0).sum())
    if constant:
        verb = "is" if constant == 1 else "are"
        caveats.append(f"{constant} of {z.shape[1]} columns {verb} constant.")
    caveats += _value_caveats(z)
    if codes is not None:
        # A row of zeros has no direction, so it has no nearest row either.
        zeros = (z == 0).all(axis=1)
        share = agreement(z, codes if zeros.all() else np.where(zeros, -1, codes))
        caveats += _label_caveats(codes, share is not None)
        if share is not None:
            metrics[_NEIGHBOURS] = share
    verdict["reason"] = " ".join([verdict["reason"], *caveats])
    return {"verdict": verdict, "metrics": metrics}


def as_text(diagnosis: Diagnosis) -> str:
    """The diagnosis for a terminal: verdict, reason, advice, then each number and its meaning."""
    verdict = diagnosis["verdict"]
    lines = [f"collapse check: {label_words(verdict['label'])}", verdict["reason"]]
    if verdict.get("advice"):
        lines.append(verdict["advice"])
    meanings = {name: metric.meaning for name, metric in METRICS.items()}
    meanings[_NEIGHBOURS] = "nearest neighbours share the label"
    for name, value in diagnosis["metrics"].items():
        number = f"{value:.0f}" if name in ("n", "d") else f"{value:.3f}"
        lines.append(f"{number:>10}  {meanings[name]}")
    return "\n".join(lines)


def _labels(file: Path, count: int) -> npt.NDArray[np.int64]:
    """Labels as class indices int64 (n,), -1 where one is missing."""
    codes = read_labels(file, "--labels")
    if codes.shape != (count,):
        raise RequestError(
            f"there are labels of shape {codes.shape} for {count} embeddings.",
            field="--labels",
            remedy=f"Give one label a row: an array of shape ({count},).",
        )
    return codes


def _value_caveats(z: npt.NDArray[Any]) -> list[str]:
    """Sentences on rows of zeros, huge values, and rows far longer than the others."""
    largest = np.abs(z.astype(np.float64)).max(axis=1)
    caveats = []
    zeros = int((largest == 0).sum())
    if 0 < zeros < len(z):
        verb = "is" if zeros == 1 else "are"
        caveats.append(
            f"{zeros:,} of {len(z):,} rows {verb} all zero: such a row has no direction, and no "
            "neighbours are counted for it."
        )
    if largest.max() > _HUGE:
        caveats.append(f"Values reach {largest.max():.0e}: they were scaled, as metrics allow.")
    middle = float(np.median(largest[largest > 0])) if zeros < len(z) else 0.0
    far = int((largest > _FAR * middle).sum()) if middle else 0
    if far:
        caveats.append(
            f"{far:,} of {len(z):,} rows {'is' if far == 1 else 'are'} more than {_FAR:,.0f} times "
            "as large as the median row, and decide most of these numbers."
        )
    return caveats


def _label_caveats(codes: npt.NDArray[np.int64], compared: bool) -> list[str]:
    """Sentences on missing labels, and on labels that are all of one class."""
    missing = int((codes < 0).sum())
    caveats = [f"{missing} of {len(codes)} labels are missing and left out."] if missing else []
    if not compared:
        caveats.append("The labels are all of one class, so neighbours were not compared by them.")
    return caveats
