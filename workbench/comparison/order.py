"""Which of several configurations scored higher, in words that the evidence allows.

One seed, or two, is an observation of trained models; three seeds are indicative; from six paired
seeds on, and with an adjusted p below .05, "scores higher after equal time". Never "better".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from workbench.comparison.groups import Group, mean_gain
from workbench.comparison.paired import apart_by_gains, told_apart
from workbench.comparison.reading import (
    encoder_of,
    equal_budget,
    gain_by,
    listed,
    main_gain,
)
from workbench.comparison.seed_tests import (
    FEWEST_TO_RANK,
    protocols_for,
    seed_tests,
    seeds_needed,
    shown,
)
from workbench.evaluation.significance import smallest_p

INDICATIVE = 3


def order_sentences(groups: Sequence[Group], met: Sequence[Mapping[str, Any]]) -> list[str]:
    """What may be said of the order of ``groups``, which are fair to compare and of one budget.

    met: the ``pairs`` of all their runs (``paired.pairs``).
    """
    scored = [group for group in groups if _mean(group) is not None]
    if len(scored) < 2:
        return []
    ranked = sorted(scored, key=lambda group: -(_mean(group) or {})["value"])
    tests = {frozenset((row["a"], row["b"])): row for row in seed_tests(ranked)}
    few = [
        (a, b)
        for a, b in combinations(ranked, 2)
        if _seeds(tests.get(frozenset((a.name, b.name)))) < INDICATIVE
    ]
    out = _observed(ranked, few, met)
    more = [row for row in tests.values() if INDICATIVE <= _seeds(row) < FEWEST_TO_RANK]
    out += _indicative([row for row in more if _clear(row)])
    enough = [row for row in tests.values() if _seeds(row) >= FEWEST_TO_RANK]
    out += [_ranked(row, ranked) for row in enough if shown(row)]
    unsure = [row for row in more if not _clear(row)] + [row for row in enough if not shown(row)]
    if unsure:
        out.append(f"Not told apart over seeds: {_pairs_words(unsure)}.")
    if enough and not any(shown(row) for row in enough):
        least = min(row["least"] for row in enough)
        if least >= 0.05:
            out.append(
                f"{_seeds(enough[0])} paired seeds cannot show a difference among "
                f"{len(tests)} comparisons; {seeds_needed(len(tests))} could."
            )
    return out


def _observed(
    ranked: Sequence[Group],
    few: Sequence[tuple[Group, Group]],
    met: Sequence[Mapping[str, Any]],
) -> list[str]:
    """Of pairs with too few seeds: which trained models are told apart from the highest one."""
    lead = ranked[0]
    rivals = [b for a, b in few if a is lead]
    if not rivals:
        return []
    apart = [rival for rival in rivals if _models_apart(lead, rival, met)]
    near = [rival for rival in rivals if rival not in apart]
    out = []
    if apart:
        out.append(
            f"Observation: {lead.name} gained more than {listed([g.name for g in apart])} on these "
            "samples. This speaks of these trained models, not of the methods."
        )
    if near:
        names = [lead.name, *(group.name for group in near)]
        out.append(f"Not told apart by these numbers: {', '.join(names)}.")
    return out


def _models_apart(lead: Group, rival: Group, met: Sequence[Mapping[str, Any]]) -> bool:
    """Whether ``lead``'s runs score higher than ``rival``'s beyond the noise of the samples, by
    every protocol that counts: at each seed that they share, else by the gains' intervals."""
    needed = protocols_for(lead, rival)
    ours, theirs = ({run["id"] for run in group.runs} for group in (lead, rival))
    found: dict[str, list[int]] = {}
    for row in met:
        if row["a"] in ours and row["b"] in theirs:
            found.setdefault(row["protocol"], []).append(told_apart(row))
        elif row["a"] in theirs and row["b"] in ours:
            found.setdefault(row["protocol"], []).append(-told_apart(row))
    if not found:
        return all(_gains_apart(lead, rival, protocol) for protocol in needed)
    return all(
        protocol in found and all(sign > 0 for sign in found[protocol]) for protocol in needed
    )


def _gains_apart(lead: Group, rival: Group, protocol: str) -> bool:
    one, other = _mean(lead, protocol), _mean(rival, protocol)
    return one is not None and other is not None and apart_by_gains(one, other)["low"] > 0


def _indicative(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Three to five paired seeds: mean differences with their intervals, and what such a test
    could have given at the least."""
    if not rows:
        return []
    below: dict[str, list[str]] = {}
    for row in rows:
        upper, lower = _upper(row)
        below.setdefault(upper, []).append(f"{lower} ({_difference_words(row)})")
    seeds = min(_seeds(row) for row in rows)
    said = [
        f"Indicative, over {seeds} paired seeds on these samples: {upper} gained more than "
        f"{listed(lower)}."
        for upper, lower in below.items()
    ]
    least = f"A sign-flip test of {seeds} seeds can give no p below {smallest_p(seeds):.2g}."
    return [*said, least]


def _ranked(row: dict[str, Any], groups: Sequence[Group]) -> str:
    upper, lower = _upper(row)
    two = [group for group in groups if group.name in (upper, lower)]
    verb = "gains more" if _encoders(two) > 1 else "scores higher"
    equal = equal_budget(two[0].runs[0]["config"]["budget"])
    return (
        f"{upper} {verb} after {equal} than {lower}: {_difference_words(row)} over {_seeds(row)} "
        f"paired seeds (sign-flip p = {row['p_holm']:.2g}, adjusted by Holm)."
    )


def _difference_words(row: dict[str, Any]) -> str:
    """Points of the difference by the first protocol, counted from the lower one up."""
    found = next(iter(row["by"].values()))
    sign = 1 if found["difference"] > 0 else -1
    low, high = sorted((100 * sign * found["low"], 100 * sign * found["high"]))
    both = ", by both readouts" if len(row["by"]) > 1 else ""
    return f"{100 * abs(found['difference']):+.1f} points [{low:+.1f}, {high:+.1f}]{both}"


def _upper(row: dict[str, Any]) -> tuple[str, str]:
    first = next(iter(row["by"].values()))
    return (row["a"], row["b"]) if first["difference"] > 0 else (row["b"], row["a"])


def _clear(row: dict[str, Any]) -> bool:
    """Whether Student's t intervals of the difference lie off 0, on one side by all protocols."""
    return bool(row["agree"]) and all(
        found["low"] > 0 or found["high"] < 0 for found in row["by"].values()
    )


def _pairs_words(rows: Sequence[dict[str, Any]]) -> str:
    return "; ".join(f"{row['a']} and {row['b']}" for row in rows)


def _seeds(row: dict[str, Any] | None) -> int:
    return 0 if row is None else len(row["seeds"])


def _encoders(groups: Sequence[Group]) -> int:
    return len({encoder_of(group.runs[0]) for group in groups})


def _mean(group: Group, protocol: str | None = None) -> dict[str, float] | None:
    scored = [
        (run, row)
        for run in group.runs
        if (row := gain_by(run, protocol) if protocol else main_gain(run)) is not None
    ]
    if not scored:
        return None
    return mean_gain([run for run, _ in scored], [row for _, row in scored])
