"""Why a pilot is not a ranking: two tasks, two budgets, three seeds."""

from __future__ import annotations

from workbench.comparison import numbers
from workbench.comparison.groups import group_runs, summaries
from workbench.comparison.records import SeedSummary
from workbench.evaluation.significance import smallest_p
from workbench.lessons.base import Answer, Block, Choice, Lesson, LessonRun, LessonRuns, Variant
from workbench.lessons.run_numbers import name_list

_DATA = "sample:digits"
_SHORT, _LONG = 50, 250
_SEEDS = (0, 1, 2)
_TASKS = {"simclr": "SimCLR", "byol": "BYOL"}


def _variant(task: str, steps: int, seed: int) -> Variant:
    length = "short" if steps == _SHORT else "long"
    return Variant(
        f"{task}-{length}-{seed}",
        f"{_TASKS[task]}, {length}",
        _DATA,
        task,
        steps,
        eval={"label_efficiency": False, "nuisances": False},
        seed=seed,
    )


def _keys(task: str, length: str) -> list[str]:
    return [f"{task}-{length}-{seed}" for seed in _SEEDS]


def _answer(runs: LessonRuns) -> Answer:
    gains = {
        (task, length): _mean([runs[key] for key in _keys(task, length)])
        for task in _TASKS
        for length in ("short", "long")
    }
    first, second = _TASKS
    gap = {
        length: gains[first, length]["value"] - gains[second, length]["value"]
        for length in ("short", "long")
    }
    clear = {
        length: gains[first, length]["low"] > gains[second, length]["high"]
        or gains[second, length]["low"] > gains[first, length]["high"]
        for length in ("short", "long")
    }
    leader = _TASKS[first if gap["short"] > 0 else second]
    right = (
        "turned" if gap["short"] * gap["long"] < 0 else "held" if all(clear.values()) else "open"
    )
    because = (
        f"In the mean of {len(_SEEDS)} seeds {leader} was ahead by "
        f"{numbers.distance(gap['short'])} points after {_SHORT} steps. After {_LONG} steps "
        f"{_TASKS[first if gap['long'] > 0 else second]} was ahead by "
        f"{numbers.distance(gap['long'])} points."
    )
    each = name_list(
        [f"{_TASKS[task]} {length} {numbers.gain(row)}" for (task, length), row in gains.items()]
    )
    least, most = _range([runs[key] for key in _keys(first, "short")])
    lowest = smallest_p(len(_SEEDS))
    more = (
        f"Gains over the untrained encoder, with intervals over seeds and samples: {each}.",
        f"{_TASKS[first]}'s short runs alone reach from {numbers.points(least)} to "
        f"{numbers.points(most)} points, by their seed.",
        f"With {len(_SEEDS)} seeds a sign-flip test gives {numbers.p_statement(lowest)} at the "
        "lowest, whatever the runs show. It takes six seeds to reach p < 0.05.",
    )
    return Answer(
        right,
        because,
        more,
        "Shown: two tasks on digits, where both come close to the most there is to gain. Not "
        "shown: which of them is better. Elsewhere, early ranks rarely predicted late ranks. "
        "A pilot shows which run is broken, which learns nothing yet, and which learns quickly "
        "here.",
    )


def _mean(members: list[LessonRun]) -> SeedSummary:
    """The mean gain over the seeds of one configuration."""
    (group,) = group_runs(members)
    (summary,) = summaries([group])
    return summary


def _range(members: list[LessonRun]) -> tuple[float, float]:
    gains = _mean(members)["gains"]
    return min(gains), max(gains)


LESSON = Lesson(
    name="pilot",
    place=8,
    title="Why a pilot is not a ranking",
    teaser="Ahead after seconds: ahead for good?",
    idea=(
        "A [[pilot]] is a handful of short runs. It is tempting to read it as a ranking: the one "
        "that is ahead now will be ahead later.",
        "Two things stand in the way. Another [[seed]] gives another score. And methods learn at "
        "different speeds, so that the order may turn while they train. Here SimCLR and BYOL each "
        "run three seeds for a few steps, and three for five times as many.",
    ),
    brief=(
        "A pilot is a handful of short runs. Here SimCLR and BYOL each run three seeds for "
        f"{_SHORT} steps, and three for {_LONG}."
    ),
    question=f"One of the two is ahead after {_SHORT} steps. And after {_LONG}?",
    choices=(
        Choice("held", "The same one, and by more than the seeds scatter, both times."),
        Choice("turned", "The other one is ahead."),
        Choice("open", "The same one, but the seeds scatter too much to tell."),
    ),
    variants=tuple(
        _variant(task, steps, seed)
        for steps in (_SHORT, _LONG)
        for task in _TASKS
        for seed in _SEEDS
    ),
    answer=_answer,
    blocks=(
        Block(
            "seeds",
            "Each seed, and the mean of three",
            note="Nearest neighbours share the digit; gain over the untrained encoder.",
        ),
        Block("table", "The twelve runs"),
    ),
    pooled=("simclr-short-0", "byol-short-0"),
)
