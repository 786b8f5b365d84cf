"""What simple baselines reach without any training: one class for all, word counts, the pixels.

They stand before the gains, because a gain over the untrained encoder is worth little where a
simple baseline leads. A run may lead with few labels all the same; a sentence says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison import numbers
from workbench.comparison.lead_metric import (
    ACCURACY,
    METRIC_WORDS,
    LargestClass,
    largest_class,
    lead_metric,
)
from workbench.comparison.records import ScoredRun
from workbench.comparison.run_fields import (
    KNN,
    PROBE,
    name_list,
    of_metric,
    score,
    unique_titles,
)
from workbench.comparison.simple_enough import enough_sentence
from workbench.records import Gain, RunRecord

FEW = "label efficiency"
# More labels a class are not few.
MOST_FEW = 20
_SIMPLE = {
    "tf-idf": "word counts (TF-IDF)",
    "lsa": "word counts in few dimensions (LSA)",
    "word vectors": "the mean of word vectors",
    "raw input": "the pixels alone",
}
_SHORT = {
    "tf-idf": "TF-IDF",
    "lsa": "LSA",
    "word vectors": "word vectors",
    "raw input": "the pixels alone",
}
_MOST_NAMED = 3


def baseline_sentences(runs: Sequence[RunRecord]) -> list[str]:
    """The largest class, the strongest simple features that runs stay below, few labels, and what
    follows from these.

    Below is judged by the paired intervals of the same classifier. runs: of one data set.
    """
    enough = enough_sentence(runs)
    follows = [] if enough is None else [enough]
    return [*_largest_class_sentences(runs), *_behind_sentences(runs), *follows]


def behind_words(run: ScoredRun) -> str:
    """For a card: ``Below TF-IDF by 30.0 points (simple classifier).``; may be empty.

    What the run gains with few labels follows."""
    behind = [(row["value"], over) for over in _SIMPLE if (row := _behind(run, over)) is not None]
    guess = _no_better_than_guessing(run)
    words = []
    if guess is not None:
        words.append(f"No better than always guessing the largest class ({_percent(guess)}).")
    if behind:
        value, over = min(behind)
        below = f"Below {_SHORT[over]} by {numbers.distance(value)} points"
        few = _few_label_win(run, over)
        with_few = "" if few is None else f"; {_above(few)} it with {_labels(few)}"
        words.append(f"{below}{with_few} (simple classifier).")
    return " ".join(words)


def _largest_class_sentences(runs: Sequence[RunRecord]) -> list[str]:
    first = next((one for run in runs if (one := largest_class(run)) is not None), None)
    if first is None:
        return []
    out = []
    share = _percent(first)
    if first.too_large:
        lead = METRIC_WORDS[lead_metric(next(run for run in runs if largest_class(run)))]
        beside = "macro F1" if lead != "macro F1" else "balanced accuracy"
        out.append(
            f"The largest class has {share} of {first.n:,} scored {first.split} samples, "
            f"{first.times:.1f} times its fair share. So {lead} leads, then {beside}: "
            "each class counts the same."
        )
    weak = [run for run in runs if _no_better_than_guessing(run) is not None]
    if weak:
        out.append(
            f"{_who(weak, runs, 'is', 'are')} no better than always guessing the largest class "
            f"({share} accuracy)."
        )
    return out


def _behind_sentences(runs: Sequence[RunRecord]) -> list[str]:
    found = []
    for over in _SIMPLE:
        behind = [(run, row) for run in runs if (row := _behind(run, over)) is not None]
        reference = score(behind[0][0], over, PROBE) if behind else None
        if reference is not None:
            found.append((len(behind), reference["value"], over, behind))
    if not found:
        return _few_sentences(runs, None)
    _, value, over, behind = max(found, key=lambda one: one[:2])
    names = _who([run for run, _ in behind], runs, "stays", "stay")
    least = min(-row["value"] for _, row in behind)
    reached = f"{numbers.share(value, 1)}{of_metric(behind[0][1]['metric'])}"
    first = (
        f"{names} below {_SIMPLE[over]} with the same simple classifier, which reaches "
        f"{reached}: by {numbers.distance(least)} points or more."
    )
    return [first, *_few_sentences(runs, over)]


def _few_sentences(runs: Sequence[RunRecord], behind: str | None) -> list[str]:
    """Where a run with few labels is clearly above simple features that it is not clearly above
    with all labels. behind: the simple features that runs stay below, if any."""
    for over in (behind,) if behind else ("tf-idf", "raw input"):
        wins = [
            (row, title)
            for run, title in zip(runs, unique_titles(runs), strict=True)
            if not _ahead(run, over) and (row := _few_label_win(run, over)) is not None
        ]
        if not wins:
            continue
        fewest = min(row["labels_per_class"] for row, _ in wins)
        row, title = max(
            (one for one in wins if one[0]["labels_per_class"] == fewest),
            key=lambda one: one[0]["value"],
        )
        name = "it" if behind else _SIMPLE[over]
        more = "" if behind else "; with all labels there is no clear difference"
        whose = "this run" if len(runs) == 1 else title
        return [
            f"With {_labels(row)}, {whose} is {_above(row)} {name} {numbers.interval(row)}{more}."
        ]
    return []


def _who(some: Sequence[RunRecord], runs: Sequence[RunRecord], one: str, several: str) -> str:
    """``All runs here stay``, ``This run stays``, or the runs by name with the verb."""
    if len(some) == len(runs):
        return f"This run {one}" if len(runs) == 1 else f"All runs here {several}"
    if len(some) > _MOST_NAMED:
        return f"{len(some)} of {len(runs)} runs {several}"
    ids = {run["id"] for run in some}
    titles = zip(runs, unique_titles(runs), strict=True)
    names = name_list([title for run, title in titles if run["id"] in ids])
    return f"{names} {one if len(some) == 1 else several}"


def _no_better_than_guessing(run: ScoredRun) -> LargestClass | None:
    """The largest class, if the accuracy of the first readout is not clearly above its share."""
    largest = largest_class(run)
    rows = [score(run, "trained", protocol, ACCURACY) for protocol in (KNN, PROBE)]
    known = [row for row in rows if row is not None]
    if largest is None or largest.times <= 1 or not known:
        return None
    return largest if known[0]["low"] <= largest.share else None


def _behind(run: ScoredRun, over: str) -> Gain | None:
    """The run's gain over the simple features by the classifier, if it is clearly below 0."""
    row = _gain(run, over, PROBE)
    return row if row is not None and row["high"] < 0 else None


def _ahead(run: ScoredRun, over: str) -> bool:
    row = _gain(run, over, PROBE)
    return row is None or row["low"] > 0


def _few_label_win(run: ScoredRun, over: str) -> Gain | None:
    """The gain over the simple features with the fewest labels a class at which it is above 0."""
    metric = lead_metric(run, PROBE)
    rows = [
        row
        for row in run.get("gains", ())
        if (row["protocol"], row["over"], row["metric"]) == (FEW, over, metric)
        and row["low"] > 0
        and row["labels_per_class"] <= MOST_FEW
    ]
    return min(rows, key=lambda row: row["labels_per_class"], default=None)


def _gain(run: ScoredRun, over: str, protocol: str) -> Gain | None:
    wanted = (protocol, lead_metric(run, protocol), over)
    for row in run.get("gains", ()):
        if (row["protocol"], row["metric"], row["over"]) == wanted:
            return row
    return None


def _above(row: Gain) -> str:
    return f"{numbers.distance(row['value'])} points above"


def _labels(row: Gain) -> str:
    count = row["labels_per_class"]
    return f"{count} label{'' if count == 1 else 's'} a class"


def _percent(largest: LargestClass) -> str:
    return numbers.share(largest.share, 1)
