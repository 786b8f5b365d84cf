"""What was shown and what was not, in plain sentences, the most important first."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison import numbers
from workbench.comparison.copies import copies_sentences
from workbench.comparison.evidence import NONE, Evidence, Looks
from workbench.comparison.groups import Group, group_runs, mean_gain
from workbench.comparison.guard import Guard, crossed, guard
from workbench.comparison.order import INDICATIVE, order_sentences
from workbench.comparison.records import Decision
from workbench.comparison.run_fields import (
    MEASURED,
    closed,
    collapsed,
    gain_words,
    main_gain,
    name_list,
    title,
    verdict_label,
)
from workbench.comparison.run_pairs import pairs
from workbench.comparison.seed_tests import FEWEST_TO_RANK
from workbench.comparison.simple_baselines import baseline_sentences
from workbench.comparison.times import growth_sentences
from workbench.records import RunRecord

LONG_RUNS = (
    "A short run shows what learns quickly here. It does not rank methods in the long run: over 12 "
    "published methods on CIFAR-10, the order at 200 epochs explained little of the order at 800 "
    "(Spearman 0.30); over another 5, that at 10 epochs did not foretell that at 1,000 (-0.20)."
)
CLOSED = (
    "The test is kept closed for these data: what is shown is of validation samples, until the "
    "runs that you choose are confirmed on test."
)


def sentences(runs: Sequence[RunRecord], evidence: Evidence = NONE) -> list[str]:
    """What may be concluded on ``runs``; the caution about long runs is the last.

    The gains over the untrained encoder come first, then the order, in words that follow the
    evidence (``order.py``). With predictions in ``evidence`` two models are compared by a paired
    test; without, by the intervals of their gains, which is stricter.
    """
    out = [CLOSED] if any(closed(run) for run in runs) else []
    out += [sentence for group in group_runs(runs) if (sentence := _collapse_sentence(group))]
    scored = [run for run in runs if main_gain(run) is not None]
    if not scored:
        out.append(_nothing_scored(runs))
        return [*out, LONG_RUNS]
    groups = group_runs(scored)
    out += [_gain_sentence(group) for group in groups]
    out += growth_sentences(groups)
    fairness = guard(scored)
    out += [*fairness.problems, *fairness.forced, *fairness.notes]
    if len({run["config"]["data"].get("fingerprint") for run in scored}) == 1:
        out += baseline_sentences(scored)
    out += copies_sentences(scored)
    if fairness.fair:
        out += _orders(groups, scored, evidence)
    out += [looks_sentence(looks) for looks in evidence.looks if looks.runs]
    return [*out, _evidence_sentence(groups), LONG_RUNS]


def looks_sentence(looks: Looks) -> str:
    """How many runs' test scores have been open, and what that means."""
    runs = "1 run" if looks.runs == 1 else f"{looks.runs} runs"
    return (
        f"The test scores of {runs} here have been open for {looks.name}. Looking is choosing: the "
        "more are looked at, the more the highest of them flatters."
    )


def decisions_sentence(decisions: Sequence[Decision]) -> str:
    """On which samples the decisions were made."""
    if all(row["split"] == "validation" for row in decisions):
        return "Decided on validation samples; the test split had no part in it."
    return (
        "Decided on test samples, as there are no validation scores: whatever is chosen by this "
        "wants other samples to be tested on."
    )


def fair_groups(groups: Sequence[Group], fairness: Guard) -> list[list[Group]]:
    """The configurations that may be ordered, those of one budget together; none if that would be
    unfair."""
    if not fairness.fair:
        return []
    cells: dict[str, list[Group]] = {}
    for group in groups:
        cells.setdefault(group.budget, []).append(group)
    return list(cells.values())


def _orders(groups: Sequence[Group], scored: Sequence[RunRecord], evidence: Evidence) -> list[str]:
    run_pairs = pairs(scored, evidence)
    out = []
    for cell in fair_groups(groups, guard(scored)):
        lines = order_sentences(cell, run_pairs)
        out += [f"After {cell[0].budget}: {line}" for line in lines] if crossed(scored) else lines
    return out


def _collapse_sentence(group: Group) -> str:
    """Which of a configuration's runs collapsed, with the first one's reason; may be empty."""
    bad = [run for run in group.runs if collapsed(run)]
    if not bad:
        return ""
    labels = name_list(list(dict.fromkeys(verdict_label(run) for run in bad)))
    name = title(bad[0])
    if len(group.runs) > 1:
        name = f"{group.name}, {len(bad)} of {len(group.runs)} runs"
    verdict = bad[0]["verdict"]
    return f"{name}: {labels}. {verdict['reason'] if verdict else ''}".strip()


def _gain_sentence(group: Group) -> str:
    rows = [row for run in group.runs if (row := main_gain(run)) is not None]
    how = MEASURED[rows[0]["protocol"]]
    if len(rows) == 1:
        name = title(group.runs[0])
        budget = f", {group.budget}" if group.budget in group.name else ""
        return f"{name}{budget}: {gain_words(rows[0])} ({how})."
    mean = mean_gain(group.runs, rows)
    each = ", ".join(numbers.points(row["value"]) for row in rows)
    return f"{group.name}, mean of {len(rows)} runs: {gain_words(mean)} ({how}; each: {each})."


def _nothing_scored(runs: Sequence[RunRecord]) -> str:
    if any(closed(run) for run in runs):
        return (
            "There are no validation scores to show: these data have no labels, or the runs are "
            "older than validation scores."
        )
    return "There are no labels to score with: compare the maps and the collapse checks."


def _evidence_sentence(groups: Sequence[Group]) -> str:
    seeds = min(len(group.seeds) for group in groups)
    plural = "one seed" if seeds == 1 else f"{seeds} seeds"
    if seeds < INDICATIVE:
        return f"With {plural} a task this is an observation."
    if seeds < FEWEST_TO_RANK:
        return f"With {plural} a task this is indicative."
    return (
        f"With {plural} a task, what is said to score higher has passed a test over paired seeds; "
        "the rest is not told apart."
    )
