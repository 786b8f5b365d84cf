"""Rotation and its shortcuts: what may be looked at to solve a pretext task."""

from __future__ import annotations

from workbench.lessons.base import Answer, Block, Choice, Lesson, Runs, Variant
from workbench.lessons.reading import PROBE, apart, last, percent, score

_DATA, _STEPS = "sample:shapes", 200
# What the answer is read off: nearest neighbours, and a classifier for each factor.
_EVAL = {"label_efficiency": False, "nuisances": False}

PLAIN = Variant("plain", "Rotation", _DATA, "rotation", _STEPS, eval=_EVAL)
SHIFTED = Variant(
    "shifted",
    "Rotation with colour shifts",
    _DATA,
    "rotation",
    _STEPS,
    augment=("color_jitter",),
    eval=_EVAL,
)
SIMCLR = Variant("simclr", "SimCLR", _DATA, "simclr", _STEPS, eval=_EVAL)


def _answer(runs: Runs) -> Answer:
    plain, shifted = runs["plain"], runs["shifted"]
    shape = {name: score(run, protocol=PROBE, target="label") for name, run in runs.items()}
    turn = {name: score(run, protocol=PROBE, target="orientation") for name, run in runs.items()}
    order = apart(shape["shifted"], shape["plain"])
    right = {1: "better", 0: "same", -1: "worse"}[order]
    because = (
        f"A simple classifier reads the shape in {percent(shape['shifted'])} of test images with "
        f"colour shifts and in {percent(shape['plain'])} without; in "
        f"{percent(score(plain, 'random init', PROBE, target='label'))} before training."
    )
    more = [
        f"The turn itself was named right in {100 * last(plain, 'accuracy'):.0f} % of training "
        f"images without shifts and in {100 * last(shifted, 'accuracy'):.0f} % with them, at the "
        "end of training. Guessing gives 25 %.",
        f"How a shape leans is read in {percent(turn['plain'])} with rotation and in "
        f"{percent(turn['simclr'])} with SimCLR, whose mirror images mix up left and right.",
    ]
    if order > 0:
        more.append(
            "Light and colour tell nothing about which way is up, but shifting them at random "
            "takes away ways to the answer that go by one picture's own colours, and leaves the "
            "shape."
        )
    return Answer(
        right,
        because,
        tuple(more),
        "Shown: that what is changed at random beside the task changes what is learned, on these "
        "shapes, with one seed. Not shown: a list of shortcuts. In photographs it is sky above, "
        "captions, a camera's own corners; where nothing has a right way up (cells, textures), "
        "there is nothing to learn from turning.",
    )


LESSON = Lesson(
    name="rotation",
    place=4,
    title="Rotation and its shortcuts",
    teaser="A puzzle teaches only what it takes to solve it.",
    idea=(
        "Each image is turned by 0, 90, 180 or 270 degrees, and the model names the turn. To do so "
        "it has to know which way up things usually are. That is its [[pretext task]].",
        "It may also find a [[shortcut]]: something that gives the turn away without looking at "
        "the thing. Here the same task is trained twice, as it is and with colours shifted at "
        "random, which says nothing about the turn.",
    ),
    question="Which features tell the shape better: those with colour shifts, or those without?",
    choices=(
        Choice("better", "Those with colour shifts."),
        Choice("worse", "Those without: shifts only make the task harder."),
        Choice("same", "They cannot be told apart: colour has nothing to do with turning."),
    ),
    variants=(PLAIN, SHIFTED, SIMCLR),
    answer=_answer,
    blocks=(
        Block("factors", "What a simple classifier reads off the features", note="In percent."),
        Block(
            "curve",
            "Share of turns named right, during training",
            ("plain", "shifted"),
            curve="accuracy",
        ),
        Block("maps", "The same shapes, as each run sees them"),
        Block("table", "The three runs"),
    ),
    pooled=("shifted", "plain"),
)
