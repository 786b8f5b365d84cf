"""A verdict in plain sentences, from its label and its metrics alone.

Page, command line, notebook and report show these sentences, also for runs whose stored reason was
written by an earlier version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workbench.diagnostics.zones import LOW_RANK, Label, Metrics
from workbench.records import VerdictRecord

# Above this share the strongest direction is named alone; below it, the number of directions.
_ONE_DIRECTION = 0.7
_NO_PROJECTION = "This task has no projection head, so the encoder's own output is judged."
# An early version wrote this into the reason of a run that it was too early to judge.
_OLD_NUMBER = "sqrt(d)"

ADVICE: dict[Label, str] = {
    "complete collapse": "Look at what keeps the outputs apart: stop-gradient and predictor, the "
    "variance term, negatives. Then look at the learning rate.",
    "dimensional collapse": "Look at what makes the model use many directions: the covariance or "
    "redundancy term, stronger or more varied augmentations, a wider projection head.",
    "low rank": "Normal with few classes; check the scores.",
    "not learning": "Try a higher learning rate, more training time, or an easier task. Compare "
    "with the untrained encoder.",
    # Given once a run has ended: before that, its next checks tell.
    "too early to say": "Train longer before you judge this run.",
}


def reason(label: str, metrics: Metrics) -> str | None:
    """What a label rests on, as one sentence with numbers; None if it needs more than metrics.

    metrics: of one check of one space, without ``h.`` or ``z.`` before their names.
    """
    write = _SENTENCES.get(label)
    try:
        return None if write is None else write(metrics)
    except KeyError:
        return None


def _one_place(metrics: Metrics) -> str:
    return (
        "All samples get nearly the same output: their spread is "
        f"{_number(metrics['std_sqrt_d'])}, and a healthy model's is about 1."
    )


def _few_directions(metrics: Metrics) -> str:
    if metrics["top_share"] >= _ONE_DIRECTION:
        share = _percent(metrics["top_share"])
        return f"One direction holds {share} of the variation; a healthy model uses many."
    return f"{_directions(metrics)} hold the variation; a healthy model uses many."


def _low_rank(metrics: Metrics) -> str:
    share = _percent(metrics["rankme_ratio"])
    return f"The outputs use few directions: RankMe is {share} of that of evenly spread ones."


def _no_sign(metrics: Metrics) -> str:
    share = metrics["rankme_ratio"]
    # A part that all outputs share lowers RankMe, and is no fault.
    number = (
        f"about {metrics['participation_ratio']:.0f} of {metrics['d']:.0f}."
        if share < LOW_RANK
        else f"RankMe is {_percent(share)} of that of evenly spread ones."
    )
    return f"The outputs differ and use many directions: {number}"


def _directions(metrics: Metrics) -> str:
    return f"About {metrics['participation_ratio']:.1f} of {metrics['d']:.0f} directions"


def label_words(label: str) -> str:
    """A verdict's label for people: that no collapse was seen says nothing about quality."""
    return "passed; quality not judged" if label == "no sign of collapse" else label


def spreading(metrics: Metrics) -> str:
    """Why a narrow but growing spread is no verdict yet."""
    return (
        f"The outputs lie close together but still spread: {_number(metrics['std_sqrt_d'])} now; "
        "a healthy model's spread is about 1."
    )


def with_space(sentence: str, *, projected: bool) -> str:
    """``sentence``, and which output it is about where a task has no projections."""
    return sentence if projected else f"{sentence} {_NO_PROJECTION}"


def rendered(verdict: VerdictRecord | None) -> VerdictRecord | None:
    """A stored verdict with reason and advice in today's words, where label and metrics give them.

    The reasons of ``not learning`` and ``too early to say`` rest on the losses and the history of
    checks, which are not stored with a verdict: they stay as they are.
    """
    if verdict is None or not verdict.get("label"):
        return verdict
    label, stored = verdict["label"], verdict.get("reason") or ""
    named = verdict.get("metrics") or {}
    projected = any(name.startswith("z.") for name in named)
    metrics = _of_space(named, "z." if projected else "h.")
    text = reason(label, metrics)
    if text is not None:
        text = with_space(text, projected=projected)
    elif label == "too early to say" and _OLD_NUMBER in stored and "std_sqrt_d" in metrics:
        text = spreading(metrics)
    out: VerdictRecord = {**verdict, "reason": stored if text is None else text}
    if verdict.get("advice"):
        out["advice"] = next((words for name, words in ADVICE.items() if name == label), "")
    return out


def _of_space(named: Mapping[str, float], prefix: str) -> dict[str, float]:
    return {
        name.removeprefix(prefix): float(value)
        for name, value in named.items()
        if name.startswith(prefix) and isinstance(value, (int, float))
    }


def _percent(share: float) -> str:
    """A share as people read it; never a 0 % or 100 % that it is not."""
    if 0 < share < 0.01:
        return "less than 1 %"
    if 0.99 < share < 1:
        return "more than 99 %"
    return f"{share * 100:.0f} %"


def _number(value: float) -> str:
    return "less than 0.01" if 0 < value < 0.01 else f"{value:.2f}"


_SENTENCES: dict[str, Callable[[Metrics], str]] = {
    "complete collapse": _one_place,
    "dimensional collapse": _few_directions,
    "low rank": _low_rank,
    "no sign of collapse": _no_sign,
}
