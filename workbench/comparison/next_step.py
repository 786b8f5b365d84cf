"""The decision of a comparison: what to run next, for how long, with how many seeds, and why.

It follows from the decisions on the single tasks (``decisions.py``), the first that applies:

- a comparison that only different budgets make unfair is repeated with the longest;
- the task that leads runs ``LONGER`` times as long;
- tasks that still rise run longer, at most ``MOST_TASKS``, the highest gains first;
- tasks without a clear difference run longer if it is too early to say for one of them;
- else they get more seeds: three in all, then six, then twice as many;
- of tasks that are alike the cheaper runs longer: the one that trains on more samples a second;
- without labels people look at neighbours and vote; else the setup has to change.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.comparison.analysis import Analysis
from workbench.comparison.basis import first_gain
from workbench.comparison.decisions import ALIKE, NEXT, NOT_SCORED, OPEN, RISING
from workbench.comparison.groups import FEWEST_SEEDS, Group
from workbench.comparison.records import Action, Decision, NextRun, NextStep
from workbench.comparison.run_fields import TOO_SHORT, name_list, verdict_label, why_unscored
from workbench.comparison.seed_tests import FEWEST_TO_RANK
from workbench.comparison.simple_baselines import baseline_sentences
from workbench.comparison.times import amount, line
from workbench.records import BudgetRecord

LONGER = 5
MOST_TASKS = 3


def next_step(analysis: Analysis, decisions: Sequence[Decision]) -> NextStep | None:
    """What to do next; None without a run that has ended. decisions: of the same runs."""
    if not any(run["status"] == "finished" for run in analysis.runs):
        return None
    if not analysis.fairness.fair:
        return _fair_repeat(analysis)
    longest = {group.name: group for group in analysis.groups}
    by_decision: dict[str, list[Group]] = {}
    for row in decisions:
        by_decision.setdefault(row["decision"], []).append(longest[row["name"]])
    ranked = {
        decision: sorted(groups, key=lambda group: -_value(group, analysis.split))
        for decision, groups in by_decision.items()
    }
    reasons = {row["name"]: row["reason"] for row in decisions}
    if lead := ranked.get(NEXT):
        first = lead[0]
        return _longer([first], f"{first.name}: {reasons[first.name]}", analysis)
    if rising := ranked.get(RISING):
        names = name_list([group.name for group in rising[:MOST_TASKS]])
        return _longer(rising[:MOST_TASKS], f"Still rising: {names}.", analysis)
    if unclear := ranked.get(OPEN):
        early = [group.name for group in unclear[:MOST_TASKS] if _too_early(group)]
        if early:
            words = f"Too early to say for {name_list(early)}: more steps come before more seeds."
            return _longer(unclear[:MOST_TASKS], words, analysis)
        return _more_seeds(unclear[:MOST_TASKS])
    if alike := ranked.get(ALIKE):
        return _cheaper(alike, analysis)
    if NOT_SCORED in ranked:
        groups = ranked[NOT_SCORED]
        words = why_unscored([run for group in groups for run in group.runs])
        if words == TOO_SHORT:
            return _longer(groups[:MOST_TASKS], words, analysis)
        return _step("look at neighbours", f"{words} Compare neighbours by eye, and vote.")
    words = "No task is worth more time as it is. Try other augmentations, tasks or data."
    return _step("change the setup", " ".join([words, *_baselines(analysis)]))


def _fair_repeat(analysis: Analysis) -> NextStep:
    problem = analysis.fairness.problems[0]
    groups = list({line(group): group for group in sorted(analysis.groups, key=amount)}.values())
    units = {tuple(group.runs[0]["config"]["budget"]) for group in groups}
    budgets = {group.budget for group in analysis.groups}
    # Only another budget is mended by running them again.
    if len(units) > 1 or len(budgets) == 1 or len(analysis.fairness.problems) > 1:
        return _step("compare fairly", f"{problem} Choose runs that differ in one thing.")
    budget = max(groups, key=amount).runs[0]["config"]["budget"]
    runs = [_run(group, group.seeds[0], budget) for group in groups]
    return _step("compare fairly", f"{problem} Run them again alike.", groups, runs)


def _longer(groups: Sequence[Group], reason: str, analysis: Analysis) -> NextStep:
    runs = [_run(group, group.seeds[0], _scaled(group, LONGER)) for group in groups]
    words = " ".join([reason, *_baselines(analysis)])
    return _step("run longer", words, groups, runs, times=LONGER)


def _more_seeds(groups: Sequence[Group]) -> NextStep:
    fewest = min(len(group.seeds) for group in groups)
    target = next((n for n in (FEWEST_SEEDS, FEWEST_TO_RANK) if n > fewest), 2 * fewest)
    added = target - fewest
    runs = []
    for group in groups:
        unused = (seed for seed in range(10**6) if seed not in group.seeds)
        budget = group.runs[0]["config"]["budget"]
        runs += [_run(group, next(unused), budget) for _ in range(added)]
    names = name_list([group.name for group in groups])
    between = f"between {names}" if len(groups) > 1 else f"of {names} from the untrained encoder"
    words = f"Not enough evidence: no clear difference {between}. Add {added} seeds."
    return _step("add seeds", words, groups, runs)


def _too_early(group: Group) -> bool:
    """Whether the collapse check says so of most runs: more seeds would be too early as well."""
    early = [run for run in group.runs if verdict_label(run) == "too early to say"]
    return 2 * len(early) > len(group.runs)


def _cheaper(groups: Sequence[Group], analysis: Analysis) -> NextStep:
    speed = {group.name: _speed(group) for group in groups}
    first = max(groups, key=lambda group: speed[group.name])
    names = name_list([group.name for group in groups])
    faster = f" {first.name} trains on the most samples a second ({speed[first.name]:,.0f})."
    words = f"{names} are alike.{faster if speed[first.name] else ''}"
    return {**_longer([first], words, analysis), "action": "take the cheaper"}


def _step(
    action: Action,
    reason: str,
    groups: Sequence[Group] = (),
    runs: Sequence[NextRun] = (),
    times: float = 1,
) -> NextStep:
    """times: how many times as long as before each run takes."""
    seconds = [times * taken for group in groups if (taken := _seconds(group))]
    return {
        "action": action,
        "task": ",".join(dict.fromkeys(g.runs[0]["config"]["task"] for g in groups)) or None,
        "seeds": len(runs) // len(groups) if groups else 0,
        "seconds": float(np.median(seconds)) if seconds and runs else None,
        "command": None,
        "reason": reason,
        "runs": list(runs),
    }


def _run(group: Group, seed: int, budget: BudgetRecord) -> NextRun:
    return {"like": group.runs[0]["id"], "seed": seed, "budget": budget}


def _scaled(group: Group, times: int) -> BudgetRecord:
    ((unit, value),) = group.runs[0]["config"]["budget"].items()
    return {unit: value * times}


def _value(group: Group, split: str) -> float:
    rows = [row for run in group.runs if (row := first_gain(run, split)) is not None]
    return float(np.mean([row["value"] for row in rows])) if rows else -1.0


def _seconds(group: Group) -> float | None:
    """Seconds of training of one run, by its budget or as they were."""
    budget = group.runs[0]["config"]["budget"].get("seconds")
    taken = max((float(run["training"].get("seconds") or 0) for run in group.runs), default=0.0)
    return float(budget or taken) or None


def _speed(group: Group) -> float:
    """Samples a second; 0 if that was not stored."""
    return max(
        (float(run["training"].get("samples_per_second") or 0) for run in group.runs), default=0.0
    )


def _baselines(analysis: Analysis) -> list[str]:
    scored = [run for group in analysis.scored for run in group.runs]
    return baseline_sentences(scored) if scored else []
