"""Which of several configurations scored higher, in the words that the evidence allows.

One or two seeds: trained models are compared. Three to five: indicative. Six paired seeds or more,
with an adjusted p below .05: "scores higher after equal time". Never "better".
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison import numbers
from workbench.comparison.basis import first_gain
from workbench.comparison.groups import FEWEST_SEEDS, Group, mean_gain
from workbench.comparison.records import Relation, SeedTest
from workbench.comparison.relations import MARGIN, both_ways
from workbench.comparison.run_fields import encoder_of, equal_budget, name_list
from workbench.comparison.seed_tests import FEWEST_TO_RANK, LEVEL, seeds_needed
from workbench.records import Interval


def order_sentences(
    groups: Sequence[Group], relations: Sequence[Relation], tests: Sequence[SeedTest], split: str
) -> list[str]:
    """What may be concluded on the order of ``groups``, which are fair to compare and of one
    budget.

    relations, tests: of these groups and perhaps others. split: the basis of the relations.
    """
    means = [(group, mean) for group in groups if (mean := _mean(group, split)) is not None]
    if len(means) < 2:
        return []
    ranked = [group for group, _ in sorted(means, key=lambda entry: -entry[1]["value"])]
    names = [group.name for group in ranked]
    rows = [row for row in relations if row["a"] in names and row["b"] in names]
    few = [row for row in rows if len(row["seeds"]) < FEWEST_SEEDS]
    out = _observed(names[0], few, split)
    more = [row for row in rows if FEWEST_SEEDS <= len(row["seeds"]) < FEWEST_TO_RANK]
    out += _indicative([row for row in more if _apart(row)])
    enough = [row for row in rows if len(row["seeds"]) >= FEWEST_TO_RANK]
    p_values = {(test["a"], test["b"]): test["p_holm"] for test in tests}
    out += [_ranked(row, ranked, p_values[row["a"], row["b"]]) for row in enough if _apart(row)]
    unsure = [row for row in [*more, *enough] if row["relation"] == "open"]
    if unsure:
        out.append(f"No clear difference over seeds: {_pairs_words(unsure)}.")
    alike = [row for row in [*more, *enough] if row["relation"] == "alike"]
    if alike:
        out.append(f"Alike within {_MARGIN_WORDS} over seeds: {_pairs_words(alike)}.")
    if enough and not any(_apart(row) for row in enough):
        seeds, needed = len(enough[0]["seeds"]), seeds_needed(len(enough))
        if seeds < needed:
            out.append(
                f"{seeds} paired seeds cannot show a difference among {len(enough)} comparisons; "
                f"{needed} could."
            )
    return out


_MARGIN_WORDS = f"{numbers.distance(MARGIN)} points"


def _observed(lead: str, few: Sequence[Relation], split: str) -> list[str]:
    """Of pairs with too few seeds: which trained models differ from the highest one."""
    known = both_ways(few)
    rivals = [(b, row) for (a, b), row in known.items() if a == lead]
    if not rivals:
        return []
    lower = [name for name, row in rivals if row["relation"] == "higher"]
    close = [name for name, row in rivals if row["relation"] in ("open", "lower")]
    alike = [name for name, row in rivals if row["relation"] == "alike"]
    out = []
    if lower:
        out.append(
            f"On {split} samples, {lead} gained more than {name_list(lower)}. "
            "Another seed may give another order."
        )
    if alike:
        out.append(f"Alike within {_MARGIN_WORDS}: {', '.join([lead, *alike])}.")
    if close:
        out.append(f"No clear difference: {', '.join([lead, *close])}.")
    return out


def _indicative(rows: Sequence[Relation]) -> list[str]:
    """Three to five paired seeds: mean differences with their intervals."""
    if not rows:
        return []
    below: dict[str, list[str]] = {}
    for row in rows:
        upper, lower = _upper(row)
        below.setdefault(upper, []).append(f"{lower} ({_difference_words(row)})")
    seeds = min(len(row["seeds"]) for row in rows)
    sentences = [
        f"Indicative, over {seeds} paired seeds on {rows[0]['split']} samples: {upper} gained more "
        f"than {name_list(lower)}."
        for upper, lower in below.items()
    ]
    few = f"{seeds} seeds are too few for a test; {FEWEST_TO_RANK} can reach p < {LEVEL}."
    return [*sentences, few]


def _ranked(row: Relation, groups: Sequence[Group], p: float) -> str:
    upper, lower = _upper(row)
    two = [group for group in groups if group.name in (upper, lower)]
    verb = "gains more" if _encoders(two) > 1 else "scores higher"
    equal = equal_budget(two[0].runs[0]["config"]["budget"])
    return (
        f"{upper} {verb} after {equal} than {lower}: {_difference_words(row)} over "
        f"{len(row['seeds'])} paired seeds (sign-flip {numbers.p_statement(p)}, adjusted by Holm)."
    )


def _difference_words(row: Relation) -> str:
    """The difference by the first protocol, counted from the lower one up."""
    first = next(iter(row["by"].values()))
    sign = 1 if first["difference"] > 0 else -1
    low, high = sorted((sign * first["low"], sign * first["high"]))
    both = ", by both readouts" if len(row["by"]) > 1 else ""
    upward: Interval = {"value": abs(first["difference"]), "low": low, "high": high}
    return f"{numbers.gain_in_points(upward)}{both}"


def _apart(row: Relation) -> bool:
    return row["relation"] in ("higher", "lower")


def _upper(row: Relation) -> tuple[str, str]:
    """(the higher one's name, the lower one's)."""
    return (row["a"], row["b"]) if row["relation"] == "higher" else (row["b"], row["a"])


def _pairs_words(rows: Sequence[Relation]) -> str:
    return "; ".join(f"{row['a']} and {row['b']}" for row in rows)


def _encoders(groups: Sequence[Group]) -> int:
    return len({encoder_of(group.runs[0]) for group in groups})


def _mean(group: Group, split: str) -> Interval | None:
    rows = [(run, row) for run in group.runs if (row := first_gain(run, split)) is not None]
    return mean_gain([run for run, _ in rows], [row for _, row in rows]) if rows else None
