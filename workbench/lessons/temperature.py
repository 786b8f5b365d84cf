"""Negatives and temperature: SimCLR from cold to hot."""

from __future__ import annotations

from workbench.lessons.base import Answer, Block, Choice, Dial, Lesson, LessonRuns, Variant
from workbench.lessons.run_numbers import (
    apart,
    best,
    collapsed,
    guess_words,
    last,
    percent,
    score,
    verdict,
)

_DATA, _STEPS = "sample:digits", 300
# The task's own, so that this run is the Start page's, too.
_USUAL = "0.1"
_VALUES = ("0.02", "0.1", "0.5", "100")


def _variant(value: str) -> Variant:
    return Variant(
        f"t{value}",
        f"SimCLR, temperature {value}",
        _DATA,
        "simclr",
        _STEPS,
        options={} if value == _USUAL else {"temperature": float(value)},
    )


def _answer(runs: LessonRuns) -> Answer:
    hot, usual = runs["t100"], runs["t0.1"]
    scores = {name: score(run) for name, run in runs.items()}
    lower = apart(scores["t100"], scores["t0.1"]) < 0
    right = "collapsed" if collapsed(hot) else "worse" if lower else "same"
    because = (
        f"At temperature 100 neighbours share the digit in {percent(scores['t100'])} of test "
        f"images, at 0.1 in {percent(scores['t0.1'])}, untrained in "
        f"{percent(score(hot, 'random init'))}; the check at 100 says: {verdict(hot)}. "
        + guess_words(hot)
    )
    top, clear = best(scores)
    said = (
        f"Highest is temperature {top[1:]}, above all others beyond their intervals."
        if clear
        else f"Highest is temperature {top[1:]} with {percent(scores[top])}, but its interval "
        "meets that of another: one seed does not tell which is best."
    )
    if collapsed(hot) and not lower:
        said += (
            " By the score alone 100 would pass for sound: on digits this easy a few directions "
            "are enough. The check sees what the score does not."
        )
    chance = float(hot.get("chance") or 0.0)
    more = (
        said,
        f"The loss does not help to choose: it ended at {last(hot):.2f} at temperature 100 and at "
        f"{last(usual):.2f} at 0.1. Guessing gives {chance:.2f} in both. Temperature changes what "
        "the loss measures.",
    )
    return Answer(
        right,
        because,
        more,
        "Shown: four temperatures on the same digits, for equal steps and one seed. Not shown: a "
        "temperature for other data. With many classes, large batches or long training the best "
        "one lies elsewhere (the paper found 0.1 on ImageNet and 0.5 on CIFAR-10).",
    )


LESSON = Lesson(
    name="temperature",
    place=2,
    title="Negatives and temperature",
    teaser="Which wrong answers matter most?",
    idea=(
        "SimCLR is [[contrastive]]: each [[augmented view]] must find the other view of its own "
        "image among all views of the [[batch]]. All the others are its [[negatives]], and they "
        "keep the model from giving every image one answer.",
        "The [[temperature]] says which negatives count. Close to zero, only the most similar one "
        "does. At a very high temperature all are pushed away equally, alike or not.",
    ),
    brief=(
        "SimCLR must find the other view of an image among all views of a batch. A low "
        "temperature lets the most similar wrong answers count most; a high one treats all alike. "
        "The stored runs answer for 100; a class's own seeds compare 0.1 with 0.5."
    ),
    question="SimCLR's usual temperature here is 0.1. What becomes of the run at 100?",
    choices=(
        Choice("same", "It does as well: negatives are negatives."),
        Choice("worse", "Its neighbours share the digit less often, without collapse."),
        Choice("collapsed", "It collapses."),
    ),
    variants=tuple(_variant(value) for value in _VALUES),
    answer=_answer,
    blocks=(
        Block("table", "Four temperatures"),
        Block("maps", "The map at this temperature, beside that at 0.1"),
        Block("checks", "Collapse check during training"),
        Block(
            "curve",
            "Loss: not comparable between temperatures",
            note="The dashed line is guessing.",
        ),
    ),
    dial=Dial(
        "Temperature",
        {value: f"t{value}" for value in _VALUES},
        "100",
        "t0.1",
        "Turns through the stored runs.",
    ),
    pooled=("t0.1", "t0.5"),
)
