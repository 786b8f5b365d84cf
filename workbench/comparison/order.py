"""Which of several configurations scored higher, in the words that the evidence allows.

One or two seeds: an observation of trained models. Three to five: indicative. Six paired seeds or
more, with an adjusted p below .05: "scores higher after equal time". Never "better".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from workbench.comparison import numbers
from workbench.comparison.groups import Group, mean_gain
from workbench.comparison.records import Pair, SeedTest
from workbench.comparison.run_fields import (
    encoder_of,
    equal_budget,
    gain_by,
    main_gain,
    name_list,
)
from workbench.comparison.run_pairs import difference_of_gains, sign_beyond_noise
from workbench.comparison.seed_tests import (
    FEWEST_TO_RANK,
    is_shown,
    protocols_for,
    seed_tests,
    seeds_needed,
)
from workbench.evaluation.significance import smallest_p
from workbench.records import Interval

INDICATIVE = 3


def order_sentences(groups: Sequence[Group], pairs: Sequence[Pair]) -> list[str]:
    """What may be concluded on the order of ``groups``, which are fair to compare and of one
    budget.

    pairs: of all their runs (``run_pairs.pairs``).
    """
    means = [(group, mean) for group in groups if (mean := _mean(group)) is not None]
    if len(means) < 2:
        return []
    ranked = [group for group, _ in sorted(means, key=lambda entry: -entry[1]["value"])]
    tests = {frozenset((row["a"], row["b"])): row for row in seed_tests(ranked)}
    few = [
        (a, b)
        for a, b in combinations(ranked, 2)
        if _seeds(tests.get(frozenset((a.name, b.name)))) < INDICATIVE
    ]
    out = _observed(ranked, few, pairs)
    more = [row for row in tests.values() if INDICATIVE <= _seeds(row) < FEWEST_TO_RANK]
    out += _indicative([row for row in more if _clear(row)])
    enough = [row for row in tests.values() if _seeds(row) >= FEWEST_TO_RANK]
    out += [_ranked(row, ranked) for row in enough if is_shown(row)]
    unsure = [row for row in more if not _clear(row)] + [row for row in enough if not is_shown(row)]
    if unsure:
        out.append(f"Not told apart over seeds: {_pairs_words(unsure)}.")
    if enough and not any(is_shown(row) for row in enough):
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
    pairs: Sequence[Pair],
) -> list[str]:
    """Of pairs with too few seeds: which trained models are told apart from the highest one."""
    lead = ranked[0]
    rivals = [b for a, b in few if a is lead]
    if not rivals:
        return []
    apart = [rival for rival in rivals if _models_apart(lead, rival, pairs)]
    close = [rival for rival in rivals if rival not in apart]
    out = []
    if apart:
        names = name_list([rival.name for rival in apart])
        out.append(
            f"Observation: {lead.name} gained more than {names} on these samples. "
            "This speaks of these trained models, not of the methods."
        )
    if close:
        unresolved = ", ".join([lead.name, *(rival.name for rival in close)])
        out.append(f"Not told apart by these numbers: {unresolved}.")
    return out


def _models_apart(lead: Group, rival: Group, pairs: Sequence[Pair]) -> bool:
    """Whether ``lead``'s runs score higher than ``rival``'s beyond the noise of the samples, by
    every protocol that counts: at each seed that they share, else by the gains' intervals."""
    needed = protocols_for(lead, rival)
    ours, theirs = ({run["id"] for run in group.runs} for group in (lead, rival))
    signs: dict[str, list[int]] = {}
    for row in pairs:
        if row["a"] in ours and row["b"] in theirs:
            signs.setdefault(row["protocol"], []).append(sign_beyond_noise(row))
        elif row["a"] in theirs and row["b"] in ours:
            signs.setdefault(row["protocol"], []).append(-sign_beyond_noise(row))
    if not signs:
        return all(_gains_apart(lead, rival, protocol) for protocol in needed)
    return all(
        protocol in signs and all(sign > 0 for sign in signs[protocol]) for protocol in needed
    )


def _gains_apart(lead: Group, rival: Group, protocol: str) -> bool:
    ours, theirs = _mean(lead, protocol), _mean(rival, protocol)
    if ours is None or theirs is None:
        return False
    return difference_of_gains(ours, theirs)["low"] > 0


def _indicative(rows: Sequence[SeedTest]) -> list[str]:
    """Three to five paired seeds: mean differences with their intervals, and the smallest p that
    such a test could have given."""
    if not rows:
        return []
    below: dict[str, list[str]] = {}
    for row in rows:
        upper, lower = _upper(row)
        below.setdefault(upper, []).append(f"{lower} ({_difference_words(row)})")
    seeds = min(_seeds(row) for row in rows)
    sentences = [
        f"Indicative, over {seeds} paired seeds on these samples: {upper} gained more than "
        f"{name_list(lower)}."
        for upper, lower in below.items()
    ]
    least = numbers.p_value(smallest_p(seeds))
    return [*sentences, f"A sign-flip test of {seeds} seeds can give no p below {least}."]


def _ranked(row: SeedTest, groups: Sequence[Group]) -> str:
    upper, lower = _upper(row)
    two = [group for group in groups if group.name in (upper, lower)]
    verb = "gains more" if _encoders(two) > 1 else "scores higher"
    equal = equal_budget(two[0].runs[0]["config"]["budget"])
    return (
        f"{upper} {verb} after {equal} than {lower}: {_difference_words(row)} over {_seeds(row)} "
        f"paired seeds (sign-flip {numbers.p_statement(row['p_holm'])}, adjusted by Holm)."
    )


def _difference_words(row: SeedTest) -> str:
    """The difference by the first protocol, counted from the lower one up."""
    first = next(iter(row["by"].values()))
    sign = 1 if first["difference"] > 0 else -1
    low, high = sorted((sign * first["low"], sign * first["high"]))
    both = ", by both readouts" if len(row["by"]) > 1 else ""
    upward: Interval = {"value": abs(first["difference"]), "low": low, "high": high}
    return f"{numbers.gain_in_points(upward)}{both}"


def _upper(row: SeedTest) -> tuple[str, str]:
    """(the higher one's name, the lower one's) by the first protocol."""
    first = next(iter(row["by"].values()))
    return (row["a"], row["b"]) if first["difference"] > 0 else (row["b"], row["a"])


def _clear(row: SeedTest) -> bool:
    """Whether Student's t intervals of the difference lie off 0, on one side by all protocols."""
    return row["agree"] and all(test["low"] > 0 or test["high"] < 0 for test in row["by"].values())


def _pairs_words(rows: Sequence[SeedTest]) -> str:
    return "; ".join(f"{row['a']} and {row['b']}" for row in rows)


def _seeds(row: SeedTest | None) -> int:
    return 0 if row is None else len(row["seeds"])


def _encoders(groups: Sequence[Group]) -> int:
    return len({encoder_of(group.runs[0]) for group in groups})


def _mean(group: Group, protocol: str | None = None) -> Interval | None:
    scored = [
        (run, row)
        for run in group.runs
        if (row := gain_by(run, protocol) if protocol else main_gain(run)) is not None
    ]
    if not scored:
        return None
    return mean_gain([run for run, _ in scored], [row for _, row in scored])
