"""Agreement between runs: how many nearest neighbours they share, and how many seeds share.

What two runs share means little of itself: it depends on the data, on k and on the encoder. Two
seeds of one configuration are the yardstick, the untrained encoder and chance are the floor.
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
# Fewer common samples than this say nothing of neighbours.
FEWEST_SAMPLES = 4 * NEIGHBOURS


def agreement(runs: Sequence[StoredRun], external: Sequence[Space] = ()) -> AgreementRecord | None:
    """``comparison.agreement`` of ``workbench compare``; None if there is nothing to compare.

    ``{"keys", "titles", "kinds", "overlap", "cka", "n", "k", "chance", "seeds", "sentences",
    "notes"}``; overlap and cka are lists of rows in the order of keys, a CKA is null where an
    embedding does not vary. seeds: ``{"pairs", "overlap": [least, most], "cka": [...]}`` over the
    pairs of seeds of one configuration, null without such pairs.
    """
    kept = feature_spaces.with_embeddings(runs)
    notes = []
    if len(kept) < len(runs):
        notes.append(
            f"Left out of the agreement: {len(runs) - len(kept)} runs on other data, or without "
            "stored embeddings."
        )
    found = [*feature_spaces.of_runs(kept, plain=False), *external]
    if len(found) > MOST_SPACES:
        notes.append(f"The agreement is of the first {MOST_SPACES} of {len(found)}.")
        found = found[:MOST_SPACES]
    found, left_out = _overlapping(found)
    notes += [
        f"{space.title} has too few of the training and validation samples that the other runs "
        "show, so it is left out of the agreement."
        for space in left_out
    ]
    if len(found) < 2:
        return None
    rows = common_rows(found)
    together = matrix([_at(space, rows) for space in found], k=NEIGHBOURS)
    return _document(found, together, notes)


def common_rows(found: Sequence[Space]) -> npt.NDArray[np.int64]:
    """The samples that all spaces have, at most 1,000 by a seeded draw, ascending."""
    rows = found[0].rows
    for space in found[1:]:
        rows = np.intersect1d(rows, space.rows)
    drawn: npt.NDArray[np.int64] = np.sort(
        np.random.default_rng(0).permutation(rows)[:MOST_SAMPLES]
    )
    return drawn


def as_text(document: AgreementRecord) -> list[str]:
    """The matrix of shared neighbours and what it says, as lines for a terminal."""
    titles = document["titles"]
    width = max(len(title) for title in titles)
    lines = [f"neighbours in common (k {document['k']}, {document['n']:,} samples), in %"]
    lines.append(" " * (width + 4) + "".join(f"{i:5}" for i in range(1, len(titles))))
    for i, (title, shares) in enumerate(zip(titles, document["overlap"], strict=True)):
        cells = "".join(f"{100 * share:5.0f}" for share in shares[:i])
        lines.append(f"{i + 1:>2}  {title:<{width}}{cells}".rstrip())
    return [*lines, *document["sentences"], *document["notes"]]


def _document(found: Sequence[Space], together: Matrix, notes: list[str]) -> AgreementRecord:
    pairs = seed_pairs([space.configuration for space in found])
    seeds: SeedAgreement | None = None
    if pairs:
        seeds = {
            "pairs": len(pairs),
            "overlap": _range([float(together.overlap[pair]) for pair in pairs]) or [],
            "cka": _range([float(together.cka[pair]) for pair in pairs]),
        }
    notes += [
        f"{space.title} does not vary at all, so it has no CKA."
        for space, cka in zip(found, np.diag(together.cka), strict=True)
        if cka != cka
    ]
    return {
        "keys": [space.key for space in found],
        "titles": [space.title for space in found],
        "kinds": [space.kind for space in found],
        "overlap": together.overlap.tolist(),
        "cka": [[v if math.isfinite(v) else None for v in row] for row in together.cka.tolist()],
        "n": together.n,
        "k": together.k,
        "chance": together.chance,
        "seeds": seeds,
        "sentences": _sentences(found, together, seeds, pairs),
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
    found: Sequence[Space],
    together: Matrix,
    seeds: SeedAgreement | None,
    pairs: Sequence[tuple[int, int]],
) -> list[str]:
    runs, untrained, outside = (
        [i for i, space in enumerate(found) if space.kind == kind]
        for kind in ("run", "untrained", "outside")
    )
    between = [pair for pair in itertools.combinations(runs, 2) if pair not in pairs]
    said = [
        f"Unrelated embeddings share {100 * together.chance:.1f} % of their {together.k} nearest "
        f"neighbours by chance ({together.n:,} training and validation samples, cosine, in the "
        "representations themselves)."
    ]
    if seeds is None:
        said.append(
            "No configuration was run with several seeds, so how far two seeds of one agree is not "
            "known here: run with --seeds 2 or more."
        )
    else:
        low, high = seeds["overlap"]
        many = "pairs" if seeds["pairs"] > 1 else "pair"
        said.append(
            f"Seeds of one and the same configuration share {_percent(low, high)} of their "
            f"neighbours ({seeds['pairs']} {many})."
        )
    if between:
        shares = [together.overlap[pair] for pair in between]
        line = f"Different configurations share {_percent(min(shares), max(shares))}"
        if seeds is not None:
            within = sum(share >= seeds["overlap"][0] for share in shares)
            line += (
                f"; {within} of {len(shares)} pairs agree as much as two seeds of one do"
                if within
                else ", less than any two seeds of one do here"
            )
        said.append(f"{line}.")
    if untrained and runs:
        shares = [max(together.overlap[i, j] for j in untrained) for i in runs]
        said.append(f"With an untrained encoder they share {_percent(min(shares), max(shares))}.")
    for i in outside if runs else ():
        shares = [together.overlap[i, j] for j in runs]
        said.append(
            f"{found[i].title} shares {_percent(min(shares), max(shares))} with the runs here."
        )
    return said


def _percent(low: float, high: float) -> str:
    first, last = f"{100 * low:.0f}", f"{100 * high:.0f}"
    return f"{last} %" if first == last else f"{first} to {last} %"


def _overlapping(found: Sequence[Space]) -> tuple[list[Space], list[Space]]:
    """Spaces that share enough samples with the first ones, and those that do not.

    What comes from elsewhere may be of other samples; it must not take the runs' away.
    """
    kept: list[Space] = []
    left_out: list[Space] = []
    rows: npt.NDArray[np.int64] | None = None
    for space in found:
        shared = space.rows if rows is None else np.intersect1d(rows, space.rows)
        least = FEWEST_FOR_CKA if rows is None else min(FEWEST_SAMPLES, len(rows))
        if len(shared) < least:
            left_out.append(space)
        else:
            kept.append(space)
            rows = shared
    return kept, left_out


def _at(space: Space, rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    return space.features[np.searchsorted(space.rows, rows)]
