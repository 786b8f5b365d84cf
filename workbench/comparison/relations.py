"""How two configurations compare: the one rule that sentences, tables and decisions use.

``alike``: the whole interval of their difference lies within the margin. ``higher`` and ``lower``:
they differ beyond the noise, by every protocol that counts. ``open``: neither; it takes more seeds.
What is compared depends on the seeds that both have:

- none: the intervals of their mean gains;
- one or two: at each seed the two trained models, on the same samples. The seeds must agree;
- three to five: the mean difference over paired seeds, by Student's t;
- six or more: the sign-flip test over paired seeds must give an adjusted p below .05 as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from workbench.comparison.groups import FEWEST_SEEDS, Group
from workbench.comparison.records import DifferenceEstimate, Pair, Relation, SeedTest
from workbench.comparison.run_pairs import difference_of_gains, sign_beyond_noise
from workbench.comparison.seed_tests import FEWEST_TO_RANK, is_shown, protocols_for, seed_tests

# Two configurations are alike if their difference is surely smaller: 2 points.
MARGIN = 0.02
Kind = Literal["higher", "lower", "alike", "open"]
_OPPOSITE: dict[Kind, Kind] = {
    "higher": "lower",
    "lower": "higher",
    "alike": "alike",
    "open": "open",
}

# Relations by (a, b), each pair in both directions.
Relations = Mapping[tuple[str, str], Relation]
Basis = Literal["same samples", "gains", "paired seeds"]


@dataclass(frozen=True)
class _Difference:
    """One configuration minus another. by: by protocol. signs: which way it goes beyond the noise,
    0 for neither; one for each thing that has to agree."""

    by: Mapping[str, DifferenceEstimate]
    signs: Sequence[int]
    basis: Basis


def relations(
    groups: Sequence[Group], pairs: Sequence[Pair], split: str, margin: float = MARGIN
) -> list[Relation]:
    """Each two of ``groups`` that have one budget, and gains on ``split``.

    groups: fair to compare. pairs: of their runs (``run_pairs.pairs``). margin: a share.
    """
    tests = {(row["a"], row["b"]): row for row in seed_tests(groups, split)}
    out: list[Relation] = []
    for a, b in combinations(groups, 2):
        if a.budget != b.budget:
            continue
        test = tests.get((a.name, b.name))
        if test is not None and len(test["seeds"]) >= FEWEST_SEEDS:
            difference: _Difference | None = _of_seeds(test)
        else:
            needed = protocols_for(a, b, split)
            difference = _of_models(a, b, pairs, needed) or _of_means(a, b, split, needed)
        if difference is not None:
            out.append(
                {
                    "a": a.name,
                    "b": b.name,
                    "budget": a.budget,
                    "relation": _relation(difference, margin),
                    "by": difference.by,
                    "seeds": sorted(set(a.seeds) & set(b.seeds)),
                    "basis": difference.basis,
                    "split": split,
                }
            )
    return out


def both_ways(rows: Iterable[Relation]) -> Relations:
    """The relations by (a, b) and by (b, a)."""
    out: dict[tuple[str, str], Relation] = {}
    for row in rows:
        by = {protocol: _turned(one) for protocol, one in row["by"].items()}
        turned = row.copy()
        turned.update(
            {"a": row["b"], "b": row["a"], "relation": _OPPOSITE[row["relation"]], "by": by}
        )
        out[row["a"], row["b"]], out[row["b"], row["a"]] = row, turned
    return out


def _relation(difference: _Difference, margin: float) -> Kind:
    if all(-margin <= row["low"] and row["high"] <= margin for row in difference.by.values()):
        return "alike"
    if all(sign > 0 for sign in difference.signs):
        return "higher"
    return "lower" if all(sign < 0 for sign in difference.signs) else "open"


def _of_seeds(test: SeedTest) -> _Difference:
    by: dict[str, DifferenceEstimate] = {
        protocol: {"difference": row["difference"], "low": row["low"], "high": row["high"]}
        for protocol, row in test["by"].items()
    }
    shown = len(test["seeds"]) < FEWEST_TO_RANK or is_shown(test)
    return _Difference(by, [shown * _sign(row) for row in by.values()], "paired seeds")


def _of_models(
    a: Group, b: Group, pairs: Sequence[Pair], needed: Sequence[str]
) -> _Difference | None:
    """By the trained models at each seed that both have; None if a protocol has no such pair."""
    first, second = ({run["id"] for run in group.runs} for group in (a, b))
    of_protocol: dict[str, list[tuple[DifferenceEstimate, int]]] = {name: [] for name in needed}
    same = True
    for row in pairs:
        if row["protocol"] not in of_protocol:
            continue
        estimate: DifferenceEstimate = {
            "difference": row["difference"],
            "low": row["low"],
            "high": row["high"],
        }
        if row["a"] in first and row["b"] in second:
            of_protocol[row["protocol"]].append((estimate, sign_beyond_noise(row)))
        elif row["a"] in second and row["b"] in first:
            of_protocol[row["protocol"]].append((_turned(estimate), -sign_beyond_noise(row)))
        else:
            continue
        same = same and row["basis"] == "same samples"
    if not all(of_protocol.values()):
        return None
    by = {name: _hull([row for row, _ in rows]) for name, rows in of_protocol.items()}
    signs = [sign for rows in of_protocol.values() for _, sign in rows]
    return _Difference(by, signs, "same samples" if same else "gains")


def _of_means(a: Group, b: Group, split: str, needed: Sequence[str]) -> _Difference | None:
    by = {}
    for protocol in needed:
        first, second = (group.mean(protocol, split) for group in (a, b))
        if first is None or second is None:
            return None
        by[protocol] = difference_of_gains(first, second)
    return _Difference(by, [_sign(row) for row in by.values()], "gains")


def _hull(rows: Sequence[DifferenceEstimate]) -> DifferenceEstimate:
    """The mean difference, with an interval that holds the intervals of all ``rows``."""
    return {
        "difference": float(np.mean([row["difference"] for row in rows])),
        "low": min(row["low"] for row in rows),
        "high": max(row["high"] for row in rows),
    }


def _turned(row: DifferenceEstimate) -> DifferenceEstimate:
    return {"difference": -row["difference"], "low": -row["high"], "high": -row["low"]}


def _sign(row: DifferenceEstimate) -> int:
    return int(row["low"] > 0) - int(row["high"] < 0)
