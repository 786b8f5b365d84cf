"""How long scoring takes: one feature set of 10,000 x 512 under every protocol, and the word
features of a text data set if one is named.

    python benchmarks/evaluation.py [--texts FILE.parquet --text COLUMN --label COLUMN]
                                    [--seconds S]

Writes the section ``evaluation`` of RESULTS.md; exit status 1 if the feature set takes longer than
``--seconds``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from machine import describe
from rows import put
from threadpoolctl import threadpool_limits

from workbench.evaluation import nuisance
from workbench.evaluation.feature_scores import CLUSTERING, FEW, KNN, PROBE, STANDARD, Setup
from workbench.evaluation.forms import first_form
from workbench.evaluation.protocols import score
from workbench.scoring.word_features import word_features

SIZES = {"train": 10_000, "validation": 2_000, "test": 5_000}
COLUMNS, CLASSES = 512, 10


def synthetic() -> tuple[dict[str, Any], dict[str, Any]]:
    """Features like those after a rectifier, with a spectrum that falls as 1 / rank: ten classes
    that a linear probe tells apart in about 7 of 10 cases."""
    rng = np.random.default_rng(0)
    centres = 0.12 * rng.standard_normal((CLASSES, COLUMNS))
    spread = rng.standard_normal((COLUMNS, COLUMNS)) * np.arange(1, COLUMNS + 1)[:, None] ** -0.5
    labels = {split: rng.integers(0, CLASSES, n) for split, n in SIZES.items()}
    features = {
        split: np.maximum(
            (centres[known] + rng.standard_normal((len(known), COLUMNS))) @ spread, 0.0
        ).astype(np.float32)
        for split, known in labels.items()
    }
    return features, labels


def texts(path: Path, text: str, label: str) -> tuple[dict[str, list[str]], dict[str, Any]]:
    """Texts and labels of a Parquet file, divided at random into the sizes of an evaluation."""
    table = pq.read_table(path, columns=[text, label]).to_pydict()
    _, known = np.unique(np.array(table[label]), return_inverse=True)
    order = np.random.default_rng(0).permutation(len(known))
    sizes = [int(len(order) * share) for share in (0.6, 0.2)]
    parts = dict(zip(SIZES, np.split(order, np.cumsum(sizes)), strict=True))
    parts = {split: rows[: SIZES[split]] for split, rows in parts.items()}
    return (
        {split: [str(table[text][i]) for i in rows] for split, rows in parts.items()},
        {split: known[rows] for split, rows in parts.items()},
    )


def timed(what: str, work: Callable[[], Any]) -> tuple[Any, str, float]:
    """What ``work`` gives, a line of a table, and the seconds on the wall."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    line = f"| {what} | {wall:.1f} | {processor:.1f} |"
    print(line, flush=True)
    return result, line, wall


def main() -> None:
    """Time, write the table, and say whether the limit held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="label")
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    names = {
        KNN: "kNN",
        PROBE: "linear probe with its search (2 scalings x up to 6 penalties)",
        FEW: "label efficiency (5 levels x 5 draws, each with its search)",
        CLUSTERING: "clustering agreement",
    }
    lines, total = [], 0.0
    with threadpool_limits(1, user_api="blas"):
        features, labels = synthetic()
        for protocol in STANDARD:

            def one(protocol: str = protocol) -> Any:
                return score("trained", features, labels, [protocol], Setup("label"))

            _, line, seconds = timed(names[protocol], one)
            lines.append(line)
            total += seconds
        values = {s: x[:, :1].astype(np.float64) for s, x in features.items()}
        _, line, seconds = timed(
            "nuisance probe of one value and of ten groups",
            lambda: nuisance.score("trained", features, {"one": values}, labels["train"]),
        )
        lines.append(line)
        total += seconds
        lines.append(f"| all, 10,000 x 512, 10 classes | {total:.1f} | |")
        if given.texts is not None:
            words, labels = texts(given.texts, given.text, given.label)
            counts = f"{given.texts.parent.name}, {len(np.unique(labels['train']))} classes"
            (found, _), line, _ = timed(
                f"{counts}: TF-IDF and LSA made", lambda: word_features(words)
            )
            lines.append(line)
            for name, features in found.items():
                counted = first_form(features)
                lines.append(
                    timed(
                        f"{counts}: probe and label efficiency of {name}",
                        lambda name=name, counted=counted: score(
                            name, counted, labels, [PROBE, FEW], Setup("label")
                        ),
                    )[1]
                )
    head = [
        "## What scoring costs",
        "",
        f"`python benchmarks/evaluation.py`, {describe()}. One thread. Limit for the feature set: "
        f"{given.seconds:g} s.",
        "",
        "| | seconds | processor seconds |",
        "|---|---|---|",
    ]
    put("evaluation", "\n".join([*head, *lines]))
    sys.exit(total > given.seconds)


if __name__ == "__main__":
    main()
