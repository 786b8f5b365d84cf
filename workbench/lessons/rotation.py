"""Rotation: a puzzle may be solved without learning what was hoped for."""

from __future__ import annotations

from workbench.comparison import numbers
from workbench.lessons.base import Answer, Block, Choice, Lesson, LessonRun, LessonRuns, Variant
from workbench.lessons.run_numbers import (
    PROBE,
    apart,
    gain,
    guess_words,
    last,
    percent,
    score,
)

_SHAPES, _STEPS = "sample:shapes", 200
# What the answer is read off: nearest neighbours, and a classifier for each factor.
_EVAL = {"label_efficiency": False, "nuisances": False}
# Above this, a score leaves little to gain.
_HIGH = 0.9

DIGITS = Variant("digits", "Rotation on digits", "sample:digits", "rotation", 300)
PLAIN = Variant("plain", "Rotation on shapes", _SHAPES, "rotation", _STEPS, eval=_EVAL)
SHIFTED = Variant(
    "shifted",
    "Rotation on shapes, with colour shifts",
    _SHAPES,
    "rotation",
    _STEPS,
    augment=("color_jitter",),
    eval=_EVAL,
)


def _answer(runs: LessonRuns) -> Answer:
    digits, shapes = runs["digits"], runs["plain"]
    named = {name: last(run, "accuracy") for name, run in runs.items()}
    order = apart(gain(shapes), gain(digits))
    right = {1: "shapes", -1: "digits", 0: "same"}[order]
    because = f"{_change(shapes, 'shape')} {_change(digits, 'digit')}"
    shape = {name: score(runs[name], protocol=PROBE, target="label") for name in runs}
    shifts = apart(shape["shifted"], shape["plain"])
    untrained = score(digits, "random init")
    more = [
        f"The turn was named right in {named['digits']:.0%} of digits and in "
        f"{named['plain']:.0%} of shapes. Guessing gives 25%. "
        + _solved(order, 1 if named["plain"] > named["digits"] else -1),
        f"Before training, neighbours share the digit in {percent(untrained)} already"
        + (", so that little is left to gain" if untrained["value"] > _HIGH else "")
        + ". The way a stroke runs gives the turn away: a shortcut, for it does not tell one digit "
        "from another.",
        f"On shapes a simple classifier reads the shape in {percent(shape['plain'])} after "
        f"training and in {percent(score(shapes, 'random init', PROBE, target='label'))} before. "
        + guess_words(shapes),
        f"With colours shifted at random it reads the shape in {percent(shape['shifted'])}. "
        + {
            1: "Taking away what a picture's own colours tell made it look at the shape more.",
            0: "The two intervals overlap, and that decides: no clear difference after this few "
            "steps.",
            -1: "After this few steps the harder task is behind.",
        }[shifts]
        + _overlap(runs),
    ]
    return Answer(
        right,
        because,
        tuple(more),
        "Shown: on two data sets with one seed each, that solving a pretext task and learning "
        "something of use are two things. The runs were not given equal steps, so that the two "
        "gains are no ranking of data sets. Not shown: a list of shortcuts. In photographs these "
        "are the sky above, captions, or a camera's own corners. Where nothing has a right way up "
        "(cells, textures), rotation teaches nothing.",
    )


def _change(run: LessonRun, what: str) -> str:
    """How much more often than before training neighbours share the class."""
    row = gain(run)
    interval = f"[{numbers.points(row['low'])}, {numbers.points(row['high'])}]"
    if row["low"] <= 0 <= row["high"]:
        return (
            f"For neighbours that share the {what} there is no clear difference from before "
            f"training: {numbers.points(row['value'])} points {interval}."
        )
    often = "more" if row["value"] > 0 else "less"
    return (
        f"Neighbours share the {what} {numbers.distance(row['value'])} points {often} often than "
        f"before training {interval}."
    )


def _overlap(runs: LessonRuns) -> str:
    """A sentence on the gains with and without colour shifts where their intervals overlap."""
    plain, shifted = gain(runs["plain"]), gain(runs["shifted"])
    if apart(plain, shifted):
        return ""
    return (
        f" The gains by neighbours overlap as well: {numbers.gain(shifted)} points with shifts, "
        f"{numbers.gain(plain)} without."
    )


def _solved(order: int, solved: int) -> str:
    """Whether the data whose turns are named more often gained more. order, solved: 1 where shapes
    are ahead, -1 where digits are."""
    if order == solved:
        return "It gained more where the turn was named right more often."
    if order == 0:
        return "Naming the turn right more often did not bring a larger gain."
    return (
        "It gained less where the turn was named right more often: solving the task is not the "
        "same as learning."
    )


LESSON = Lesson(
    name="rotation",
    place=4,
    title="Does solving the task teach?",
    teaser="A puzzle solved: was anything learned?",
    idea=(
        "Each image is turned by 0, 90, 180 or 270 degrees, and the model names the turn. To do so "
        "it has to know which way up things usually are. That is its [[pretext task]].",
        "It may also find a [[shortcut]]: a detail that gives the turn away, without a look at "
        "the whole object. Here it is trained on handwritten digits and on drawn shapes.",
    ),
    brief=(
        "Each image is turned by 0, 90, 180 or 270 degrees, and the model names the turn. It is "
        "trained on handwritten digits and on drawn shapes, without labels."
    ),
    question="For which of the two does rotation help more to recognise the classes?",
    choices=(
        Choice("digits", "The digits."),
        Choice("shapes", "The shapes."),
        Choice("same", "No clear difference."),
    ),
    variants=(DIGITS, PLAIN, SHIFTED),
    answer=_answer,
    blocks=(
        Block("curve", "Share of turns named right, during training", curve="accuracy"),
        Block("table", "The three runs"),
        Block("factors", "What is read off the features of shapes", ("plain", "shifted")),
        Block("maps", "The same shapes, without and with colour shifts", ("plain", "shifted")),
    ),
    pooled=("shifted", "plain"),
    pictures=("digits", "plain"),
)
