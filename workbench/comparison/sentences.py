"""What was shown and what was not, in plain sentences, the most important first."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison import numbers
from workbench.comparison.analysis import Analysis, analyse
from workbench.comparison.copies import copies_sentences
from workbench.comparison.decisions import NOT_SCORED
from workbench.comparison.evidence import NONE, Evidence, Looks
from workbench.comparison.groups import FEWEST_SEEDS, Group, mean_gain
from workbench.comparison.guard import crossed
from workbench.comparison.order import order_sentences
from workbench.comparison.records import Decision
from workbench.comparison.run_fields import (
    MEASURED,
    closed,
    collapsed,
    gain_words,
    main_gain,
    name_list,
    of_metric,
    title,
    verdict_label,
    why_unscored,
)
from workbench.comparison.seed_tests import FEWEST_TO_RANK
from workbench.comparison.simple_baselines import baseline_sentences
from workbench.comparison.times import growth_sentences
from workbench.records import Interval, RunRecord

# Of 12 published methods on CIFAR-10, the order at 200 epochs explained little of that at 800
# (Spearman 0.30). Of another 5, the order at 10 epochs did not predict that at 1,000 (-0.20).
LONG_RUNS = (
    "A short run shows what learns quickly here. It does not rank methods in the long run: "
    "elsewhere, early ranks rarely predicted late ranks."
)
CLOSED = (
    "Test scores of these data are hidden. All scores are of validation samples, until you confirm "
    "chosen runs on test."
)


def sentences(runs: Sequence[RunRecord], evidence: Evidence = NONE) -> list[str]:
    """What may be concluded on ``runs``; the caution about long runs is the last."""
    return sentences_of(analyse(runs, evidence))


def sentences_of(analysis: Analysis) -> list[str]:
    """As ``sentences``. Simple baselines come first, then the gains over the untrained encoder,
    then the order, in words that follow the evidence (``order.py``)."""
    runs, groups = analysis.runs, analysis.scored
    out = baselines_of(analysis)
    out += [CLOSED] if any(closed(run) for run in runs) else []
    out += [sentence for group in analysis.groups if (sentence := _collapse_sentence(group))]
    if not groups:
        out.append(_nothing_scored(runs))
        return [*out, LONG_RUNS]
    scored = [run for group in groups for run in group.runs]
    out += [_gain_sentence(group) for group in groups]
    out += growth_sentences(groups)
    fairness = analysis.fairness
    out += [*fairness.problems, *fairness.forced, *fairness.notes]
    out += [analysis.unequal_steps["sentence"]] if analysis.unequal_steps else []
    out += _order_of(analysis)
    out += copies_sentences(scored)
    out += [looks_sentence(looks) for looks in analysis.evidence.looks if looks.runs]
    return [*out, _evidence_sentence(groups), LONG_RUNS]


def headline_of(analysis: Analysis) -> list[str]:
    """The answer first: what simple baselines reach without training, and the order of the runs."""
    return [*baselines_of(analysis), *_order_of(analysis)]


def baselines_of(analysis: Analysis) -> list[str]:
    """What simple baselines reach; nothing where the runs are of different data."""
    scored = [run for group in analysis.scored for run in group.runs]
    if len({run["config"]["data"].get("fingerprint") for run in scored}) != 1:
        return []
    return baseline_sentences(scored)


def _order_of(analysis: Analysis) -> list[str]:
    scored = [run for group in analysis.scored for run in group.runs]
    out = []
    for cell in analysis.cells:
        lines = order_sentences(cell, analysis.relations, analysis.tests, analysis.split)
        out += [f"After {cell[0].budget}: {line}" for line in lines] if crossed(scored) else lines
    return out


def looks_sentence(looks: Looks) -> str:
    """How many runs' test scores have been open, and what that means."""
    runs = "1 run" if looks.runs == 1 else f"{looks.runs} runs"
    return (
        f"Test scores of {runs} on {looks.name} have been open here. The more test scores you "
        "compare, the more the best one is luck."
    )


def decisions_sentence(decisions: Sequence[Decision]) -> str:
    """On which samples the decisions were made."""
    if all(row["decision"] == NOT_SCORED for row in decisions):
        return "Nothing is ranked: there are no scores."
    if all(row["split"] == "validation" for row in decisions):
        return "Decided on validation samples; the test split had no part in it."
    return (
        "Decided on test samples, because there are no validation scores. Confirm on new samples."
    )


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
    gained = [row for run in bad if (row := main_gain(run)) is not None and row["low"] > 0]
    yet = ", yet its scores are above the untrained encoder's" if gained else ""
    return f"{name}: {labels}{yet}. {verdict['reason'] if verdict else ''}".strip()


def _gain_sentence(group: Group) -> str:
    rows = [row for run in group.runs if (row := main_gain(run)) is not None]
    how = MEASURED[rows[0]["protocol"]]
    metric = rows[0]["metric"]
    if len(rows) == 1:
        name = title(group.runs[0])
        budget = f", {group.budget}" if group.budget in group.name else ""
        return f"{name}{budget}: {gain_words(rows[0])} ({how})."
    mean = mean_gain(group.runs, rows)
    if len(rows) == 2:
        return f"{group.name}, 2 runs: {_both_words(rows, mean, of_metric(metric))} ({how})."
    each = ", ".join(numbers.points(row["value"]) for row in rows)
    return (
        f"{group.name}, mean of {len(rows)} runs: {gain_words(mean, metric)} ({how}; each: {each})."
    )


def _both_words(rows: Sequence[Interval], hull: Interval, of: str) -> str:
    """Two gains. hull: from the lower end of one run's interval to the upper end of the other's.
    of: as in ``numbers.points_from``."""
    if hull["low"] > 0 or hull["high"] < 0:
        both = " and ".join(numbers.distance(row["value"]) for row in rows)
        where = "above" if hull["low"] > 0 else "below"
        return f"{both} points{of}, both {where} the untrained encoder"
    both = " and ".join(numbers.points(row["value"]) for row in rows)
    return f"{both} points{of}, no clear difference from the untrained encoder"


def _nothing_scored(runs: Sequence[RunRecord]) -> str:
    if any(closed(run) for run in runs):
        return (
            "There are no validation scores to show. These data have no labels, or the runs are "
            "older than validation scores."
        )
    return f"{why_unscored(runs)} Compare neighbours, maps and collapse checks."


def _evidence_sentence(groups: Sequence[Group]) -> str:
    seeds = min(len(group.seeds) for group in groups)
    words = "One seed" if seeds == 1 else f"{seeds} seeds"
    if seeds < FEWEST_SEEDS:
        return f"{words} a task: may be luck. Run {FEWEST_SEEDS} or more."
    if seeds < FEWEST_TO_RANK:
        return f"{words} a task: indicative. A test needs {FEWEST_TO_RANK} or more."
    return f"{words} a task: 'scores higher' means that a test over paired seeds agrees."
