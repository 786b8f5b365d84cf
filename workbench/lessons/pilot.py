"""Why a pilot is not a ranking: two tasks, two budgets, three seeds."""

from __future__ import annotations

from workbench.comparison.groups import grouped, summaries
from workbench.evaluation.significance import smallest_p
from workbench.lessons.base import Answer, Block, Choice, Lesson, Run, Runs, Variant
from workbench.lessons.reading import listed

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


def _answer(runs: Runs) -> Answer:
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
    told = {
        length: gains[first, length]["low"] > gains[second, length]["high"]
        or gains[second, length]["low"] > gains[first, length]["high"]
        for length in ("short", "long")
    }
    leader = _TASKS[first if gap["short"] > 0 else second]
    right = "turned" if gap["short"] * gap["long"] < 0 else "held" if all(told.values()) else "open"
    because = (
        f"After {_SHORT} steps {leader} was ahead by {100 * abs(gap['short']):.1f} points in the "
        f"mean of {len(_SEEDS)} seeds; after {_LONG} steps "
        f"{_TASKS[first if gap['long'] > 0 else second]} was, by "
        f"{100 * abs(gap['long']):.1f} points."
    )
    each = listed(
        [
            f"{_TASKS[task]} {length} {100 * row['value']:+.1f} "
            f"[{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]"
            for (task, length), row in gains.items()
        ]
    )
    lowest, highest = _range([runs[key] for key in _keys(first, "short")])
    more = (
        f"Gains over the untrained encoder, with intervals over seeds and samples: {each}.",
        f"{_TASKS[first]}'s short runs alone reach from {100 * lowest:+.1f} to "
        f"{100 * highest:+.1f} points, by their seed.",
        f"With {len(_SEEDS)} seeds a sign-flip test can never fall below p = "
        f"{smallest_p(len(_SEEDS)):.2f}, whatever the runs show; six are the fewest that can "
        "reach 0.05.",
    )
    return Answer(
        right,
        because,
        more,
        "Shown: two tasks on digits, where both come close to the most there is to gain. Not "
        "shown: which of them is better. In published tables of 12 methods the order at 200 epochs "
        "explained little of the order at 800 (Spearman 0.30). What a pilot can tell is which run "
        "is broken, which learns nothing yet, and which learns quickly here.",
    )


def _mean(members: list[Run]) -> dict[str, float]:
    (group,) = grouped(members)
    (row,) = summaries([group])
    return {name: float(row[name]) for name in ("value", "low", "high")}


def _range(members: list[Run]) -> tuple[float, float]:
    (group,) = grouped(members)
    (row,) = summaries([group])
    return min(row["gains"]), max(row["gains"])


LESSON = Lesson(
    name="pilot",
    place=8,
    title="Why a pilot is not a ranking",
    teaser="Two methods, a few seconds each, one is ahead. What does that foretell?",
    idea=(
        "A [[pilot]] is a handful of short runs. It is tempting to read it as a ranking: the one "
        "that is ahead now will be ahead later.",
        "Two things stand in the way. Another [[seed]] gives another score. And methods learn at "
        "different speeds, so that the order may turn while they train. Here SimCLR and BYOL each "
        "run three seeds for a few steps, and three for five times as many.",
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
