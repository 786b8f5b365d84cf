"""The collapse check of embeddings from elsewhere: a file, with labels or without."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.diagnostics.table import read_embeddings, read_labels
from workbench.diagnostics.verdict import judge_array
from workbench.errors import RequestError
from workbench.evaluation.knn import agreement

# RankMe is defined on 25,600 samples; more rows cost time and change no verdict.
MOST_ROWS = 25_600

_MEANINGS = {
    "std_sqrt_d": "std times sqrt(d): 1 spread out, 0 all in one place",
    "mean_cosine": "mean cosine: 0 spread out, 1 all in one place",
    "rankme": "RankMe: directions in use, by the paper's formula",
    "rankme_ratio": "RankMe as a share of isotropic data of this shape",
    "participation_ratio": "participation ratio: directions that hold the variance",
    "top_share": "share of the variance in the strongest direction",
    "nesum": "NESum: the variance as multiples of that of the strongest direction",
    "alpha_req": "alpha-ReQ: how fast the spectrum falls; about 1 is common, large: few directions",
    "uniformity": "uniformity: -4 + 8/d spread out evenly, 0 all in one place",
    "off_diagonal": "correlation between columns: 0 none, 1 all say the same",
    "neighbours_agree": "nearest neighbours share the label",
    "n": "rows judged",
    "d": "columns",
}


def diagnose(file: Path, labels: Path | None = None) -> dict[str, Any]:
    """``{"verdict", "metrics"}`` of the embeddings in ``file``: .npy or Parquet, (n, d) numbers.

    labels: .npy or Parquet, (n,), of anything that can be told apart; adds ``neighbours_agree`` in
    [0, 1], the share of rows whose nearest others have the same label, if there are two classes.
    Above 25,600 rows a seeded draw of that many is judged. What limits the answer (columns that do
    not vary, one class only, missing labels, a draw) stands in the verdict's reason.
    Raises RequestError for a file that is missing or no such array, for NaN or Inf, for fewer than
    two rows, and for labels of another length.
    """
    table = read_embeddings(file, "FILE")
    z, caveats = table.values, list(table.notes)
    names = None if labels is None else _labels(labels, len(z))
    total = len(z)
    if total > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(total, MOST_ROWS, replace=False))
        z, names = z[rows], None if names is None else names[rows]
        caveats.append(f"{MOST_ROWS:,} rows were drawn from {total:,}.")
    try:
        verdict = judge_array(z).to_json()
    except RequestError as error:
        raise RequestError(
            f"'{file}': {error.message}", field="FILE", remedy=error.remedy
        ) from error
    metrics = dict(verdict["metrics"])
    still = int((np.ptp(z, axis=0) == 0).sum())
    if still:
        caveats.append(f"{still} of {z.shape[1]} columns {'is' if still == 1 else 'are'} constant.")
    if names is not None:
        shared = agreement(z, names)
        caveats += _of_labels(names, shared is not None)
        if shared is not None:
            metrics["neighbours_agree"] = shared
    verdict["reason"] = " ".join([verdict["reason"], *caveats])
    return {"verdict": verdict, "metrics": metrics}


def as_text(document: Mapping[str, Any]) -> str:
    """The document for a terminal: verdict, reason, advice, then each number and what it means."""
    verdict = document["verdict"]
    lines = [f"collapse check: {said(verdict['label'])}", verdict["reason"]]
    if verdict["advice"]:
        lines.append(verdict["advice"])
    for name, value in document["metrics"].items():
        shown = f"{value:.0f}" if name in ("n", "d") else f"{value:.3f}"
        lines.append(f"{shown:>10}  {_MEANINGS.get(name, name)}")
    return "\n".join(lines)


def said(label: str) -> str:
    """A verdict as people read it: the absence of a fault is no praise."""
    return "passed; quality not judged" if label == "no sign of collapse" else label


def _labels(file: Path, count: int) -> npt.NDArray[np.int64]:
    """Labels as class indices int64 (n,), -1 where one is missing."""
    names = read_labels(file, "--labels")
    if names.shape != (count,):
        raise RequestError(
            f"there are labels of shape {names.shape} for {count} embeddings.",
            field="--labels",
            remedy=f"Give one label a row: an array of shape ({count},).",
        )
    return names


def _of_labels(names: npt.NDArray[np.int64], compared: bool) -> list[str]:
    """What the labels leave unsaid."""
    missing = int((names < 0).sum())
    said = [f"{missing} of {len(names)} labels are missing and left out."] if missing else []
    if not compared:
        said.append("The labels are all of one class, so neighbours were not compared by them.")
    return said
