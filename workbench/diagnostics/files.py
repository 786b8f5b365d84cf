"""The collapse check of embeddings from elsewhere: a .npy file, with labels or without."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

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
    "neighbours_agree": "nearest neighbours share the label",
    "n": "rows judged",
    "d": "columns",
}


def diagnose(file: Path, labels: Path | None = None) -> dict[str, Any]:
    """``{"verdict", "metrics"}`` of the embeddings in ``file``: .npy, numbers, (n, d).

    labels: .npy, (n,), of anything that can be told apart; adds ``neighbours_agree`` in [0, 1],
    the share of rows whose nearest others have the same label. Above 25,600 rows a seeded draw of
    that many is judged, and the reason says so. Raises RequestError for a file that is missing or
    no such array, for NaN or Inf, and for labels of another length.
    """
    z = _load(file, "FILE")
    if z.ndim != 2 or z.dtype.kind not in "fiu":
        raise RequestError(
            f"'{file}' holds an array of shape {z.shape} and type {z.dtype}.",
            field="FILE",
            remedy="Give a two-dimensional array of real numbers, one embedding a row.",
        )
    _refuse_odd_values(z, file)
    names = None if labels is None else _load_labels(labels, len(z))
    total = len(z)
    if total > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(total, MOST_ROWS, replace=False))
        z, names = z[rows], None if names is None else names[rows]
    try:
        verdict = judge_array(z).to_json()
    except RequestError as error:
        raise RequestError(
            f"'{file}': {error.message}", field="FILE", remedy=error.remedy
        ) from error
    metrics = dict(verdict["metrics"])
    if total > MOST_ROWS:
        verdict["reason"] += f" {MOST_ROWS:,} rows were drawn from {total:,}."
    if names is not None:
        shared = agreement(z, names)
        if shared is None:
            raise RequestError(
                "all labels are the same.",
                field="--labels",
                remedy="Give labels of at least two kinds, or leave --labels out.",
            )
        metrics["neighbours_agree"] = shared
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


def _load(file: Path, field: str) -> npt.NDArray[Any]:
    try:
        array = np.load(file, allow_pickle=False, mmap_mode="r")
    except OSError as error:
        what = "is not there" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise RequestError(
            f"'{file}' {what}.", field=field, remedy="Give the path of a .npy file."
        ) from error
    except (ValueError, EOFError) as error:
        raise _no_array(file, field) from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise _no_array(file, field)
    return array


def _no_array(file: Path, field: str) -> RequestError:
    return RequestError(
        f"'{file}' is no .npy file of plain numbers.",
        field=field,
        remedy="Write one with numpy.save(path, array). Pickled objects are not read.",
    )


def _load_labels(file: Path, count: int) -> npt.NDArray[np.int64]:
    """Labels as class indices int64 (n,)."""
    names = _load(file, "--labels")
    if names.shape != (count,):
        raise RequestError(
            f"there are labels of shape {names.shape} for {count} embeddings.",
            field="--labels",
            remedy=f"Give one label a row: an array of shape ({count},).",
        )
    places: npt.NDArray[np.int64] = np.unique(names, return_inverse=True)[1].astype(np.int64)
    return places


def _refuse_odd_values(z: npt.NDArray[Any], file: Path) -> None:
    block = 1 << 16
    bad = sum(
        int((~np.isfinite(z[start : start + block])).any(axis=1).sum())
        for start in range(0, len(z), block)
    )
    if bad:
        raise RequestError(
            f"{bad} of {len(z)} rows in '{file}' hold NaN or Inf.",
            field="FILE",
            remedy="Remove or mend these rows.",
        )
