"""Agreement between runs: the share of nearest neighbours that they have in common, and CKA.

The share of two runs means little alone: it depends on the data, on k and on the encoder. It is
compared with the share of two seeds of one configuration, with that of the untrained encoder, and
with chance.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.comparison.records import AgreementRecord, SeedAgreement
from workbench.maps.agreement import FEWEST_FOR_CKA, Matrix, matrix
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.feature_spaces import Space
from workbench.stored_runs.stored_run import StoredRun

NEIGHBOURS = 10
MOST_SAMPLES = 1000
MOST_SPACES = 20
# With fewer common samples the share of common neighbours says nothing.
FEWEST_SAMPLES = 4 * NEIGHBOURS


def agreement(runs: Sequence[StoredRun], external: Sequence[Space] = ()) -> AgreementRecord | None:
    """``comparison.agreement`` of ``workbench compare``; None with fewer than two feature spaces.

    external: spaces of embeddings from elsewhere. Runs on other data than the first, and runs
    without stored embeddings, are left out with a note.
    """
    kept = feature_spaces.with_embeddings(runs)
    notes = []
    if len(kept) < len(runs):
        notes.append(
            f"Left out of the agreement: {len(runs) - len(kept)} runs on other data, or without "
            "stored embeddings."
        )
    spaces = [*feature_spaces.of_runs(kept, plain=False), *external]
    if len(spaces) > MOST_SPACES:
        notes.append(f"The agreement is of the first {MOST_SPACES} of {len(spaces)}.")
        spaces = spaces[:MOST_SPACES]
    spaces, left_out = _split_by_overlap(spaces)
    notes += [
        f"{space.title} has too few of the training and validation samples that the other runs "
        "show, so it is left out of the agreement."
        for space in left_out
    ]
    if len(spaces) < 2:
        return None
    rows = common_rows(spaces)
    pairwise = matrix([_features_at(space, rows) for space in spaces], k=NEIGHBOURS)
    return _document(spaces, pairwise, notes)


def common_rows(spaces: Sequence[Space]) -> npt.NDArray[np.int64]:
    """int64 (n,), ascending: samples that all spaces have, at most 1,000 by a seeded draw."""
    rows = spaces[0].rows
    for space in spaces[1:]:
        rows = np.intersect1d(rows, space.rows)
    drawn: npt.NDArray[np.int64] = np.sort(
        np.random.default_rng(0).permutation(rows)[:MOST_SAMPLES]
    )
    return drawn


def as_text(document: AgreementRecord) -> list[str]:
    """The matrix of common neighbours, with its sentences and notes, as lines for a terminal."""
    titles = document["titles"]
    width = max(len(title) for title in titles)
    lines = [f"neighbours in common (k {document['k']}, {document['n']:,} samples), in %"]
    lines.append(" " * (width + 4) + "".join(f"{i:5}" for i in range(1, len(titles))))
    for i, (title, shares) in enumerate(zip(titles, document["overlap"], strict=True)):
        cells = "".join(f"{100 * share:5.0f}" for share in shares[:i])
        lines.append(f"{i + 1:>2}  {title:<{width}}{cells}".rstrip())
    return [*lines, *document["sentences"], *document["notes"]]


def _document(spaces: Sequence[Space], pairwise: Matrix, notes: list[str]) -> AgreementRecord:
    pairs = seed_pairs([space.configuration for space in spaces])
    seeds: SeedAgreement | None = None
    if pairs:
        seeds = {
            "pairs": len(pairs),
            "overlap": _range([float(pairwise.overlap[pair]) for pair in pairs]) or [],
            "cka": _range([float(pairwise.cka[pair]) for pair in pairs]),
        }
    notes += [
        f"{space.title} does not vary at all, so it has no CKA."
        for space, cka in zip(spaces, np.diag(pairwise.cka), strict=True)
        if cka != cka
    ]
    return {
        "keys": [space.key for space in spaces],
        "titles": [space.title for space in spaces],
        "kinds": [space.kind for space in spaces],
        "overlap": pairwise.overlap.tolist(),
        "cka": [[v if math.isfinite(v) else None for v in row] for row in pairwise.cka.tolist()],
        "n": pairwise.n,
        "k": pairwise.k,
        "chance": pairwise.chance,
        "seeds": seeds,
        "sentences": _sentences(spaces, pairwise, seeds, pairs),
        "notes": notes,
    }


def _range(values: Sequence[float]) -> list[float] | None:
    """[least, greatest] of the finite values; None without one."""
    finite = [value for value in values if math.isfinite(value)]
    return [min(finite), max(finite)] if finite else None


def seed_pairs(configurations: Sequence[str]) -> list[tuple[int, int]]:
    """Positions of the pairs that are seeds of one configuration; "" is no configuration."""
    every = itertools.combinations(range(len(configurations)), 2)
    return [(i, j) for i, j in every if configurations[i] == configurations[j] != ""]


def _sentences(
    spaces: Sequence[Space],
    pairwise: Matrix,
    seeds: SeedAgreement | None,
    pairs: Sequence[tuple[int, int]],
) -> list[str]:
    runs, untrained, external = (
        [i for i, space in enumerate(spaces) if space.kind == kind]
        for kind in ("run", "untrained", "outside")
    )
    between = [pair for pair in itertools.combinations(runs, 2) if pair not in pairs]
    sentences = [
        f"Unrelated embeddings share {100 * pairwise.chance:.1f} % of their {pairwise.k} nearest "
        f"neighbours by chance ({pairwise.n:,} training and validation samples, cosine, in the "
        "representations themselves)."
    ]
    if seeds is None:
        sentences.append(
            "No configuration was run with several seeds, so how far two seeds of one agree is not "
            "known here: run with --seeds 2 or more."
        )
    else:
        low, high = seeds["overlap"]
        many = "pairs" if seeds["pairs"] > 1 else "pair"
        sentences.append(
            f"Seeds of one and the same configuration share {_percent(low, high)} of their "
            f"neighbours ({seeds['pairs']} {many})."
        )
    if between:
        shares = [pairwise.overlap[pair] for pair in between]
        line = f"Different configurations share {_percent(min(shares), max(shares))}"
        if seeds is not None:
            within = sum(share >= seeds["overlap"][0] for share in shares)
            line += (
                f"; {within} of {len(shares)} pairs agree as much as two seeds of one do"
                if within
                else ", less than any two seeds of one do here"
            )
        sentences.append(f"{line}.")
    if untrained and runs:
        shares = [max(pairwise.overlap[i, j] for j in untrained) for i in runs]
        sentences.append(
            f"With an untrained encoder they share {_percent(min(shares), max(shares))}."
        )
    for i in external if runs else ():
        shares = [pairwise.overlap[i, j] for j in runs]
        sentences.append(
            f"{spaces[i].title} shares {_percent(min(shares), max(shares))} with the runs here."
        )
    return sentences


def _percent(low: float, high: float) -> str:
    first, last = f"{100 * low:.0f}", f"{100 * high:.0f}"
    return f"{last} %" if first == last else f"{first} to {last} %"


def _split_by_overlap(spaces: Sequence[Space]) -> tuple[list[Space], list[Space]]:
    """The spaces that share enough samples with those before them, and the others.

    Embeddings from elsewhere may be of few samples. They must not reduce the samples on which the
    runs are compared.
    """
    kept: list[Space] = []
    left_out: list[Space] = []
    rows: npt.NDArray[np.int64] | None = None
    for space in spaces:
        shared = space.rows if rows is None else np.intersect1d(rows, space.rows)
        least = FEWEST_FOR_CKA if rows is None else min(FEWEST_SAMPLES, len(rows))
        if len(shared) < least:
            left_out.append(space)
        else:
            kept.append(space)
            rows = shared
    return kept, left_out


def _features_at(space: Space, rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    return space.features[np.searchsorted(space.rows, rows)]
