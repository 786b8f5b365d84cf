"""What collapse is: SimSiam with and without its stop-gradient."""

from __future__ import annotations

from workbench.lessons.base import Answer, Block, Choice, Lesson, LessonRuns, Variant
from workbench.lessons.run_numbers import (
    accuracy,
    collapsed,
    guess_words,
    last,
    percent,
    score,
    verdict,
    verdict_label,
    verdict_reason,
)

# Enough steps that the sound run gains clearly. The narrow projection lets it use a good share of
# its directions: 128 of them are more than ten classes of digits need.
_DATA, _STEPS, _WIDTH = "sample:digits", 700, 32

WITH = Variant("with", "SimSiam", _DATA, "simsiam", _STEPS, options={"out": _WIDTH})
WITHOUT = Variant(
    "without",
    "SimSiam without stop-gradient",
    _DATA,
    "simsiam",
    _STEPS,
    options={"out": _WIDTH},
    preset="simsiam_no_stop_gradient",
)
LINE = Variant(
    "line",
    "SimSiam without stop-gradient, with batch norm",
    _DATA,
    "simsiam",
    _STEPS,
    options={"out": _WIDTH, "stop_gradient": False},
)


def _answer(runs: LessonRuns) -> Answer:
    sound, bad, line = runs["with"], runs["without"], runs["line"]
    lower = last(bad) < last(sound)
    right = "higher" if not lower else "collapsed" if collapsed(bad) else "better"
    because = (
        f"Without stop-gradient the loss ended at {last(bad):.3f}, with it at {last(sound):.3f} "
        "(-1 is the lowest there is). The collapse check of the run without stop-gradient says: "
        f"{verdict(bad)}."
    )
    found = {name: score(run) for name, run in runs.items()}
    more = [
        f"Neighbours share the digit in {percent(found['with'])} of test images with "
        f"stop-gradient, in {percent(found['without'])} without, and in "
        f"{percent(score(bad, 'random init'))} before any training. {guess_words(bad)}",
        f"With a batch norm at the end of the projection head the check says: {verdict(line)}. "
        f"{verdict_reason(line)}",
    ]
    if verdict_label(sound) == "low rank":
        more.append(
            "The run with stop-gradient uses few directions, which the check calls 'low rank'. "
            "That is no alarm: a space of ten tight classes looks like that."
        )
    if collapsed(bad) and 0.5 < accuracy(bad) < accuracy(bad, "random init"):
        more.append(
            "A collapsed run may still score far above guessing. The score is taken before the "
            "projection, and the projection is what collapsed. Compare it with the untrained "
            "encoder: that shows what was lost."
        )
    return Answer(
        right,
        because,
        tuple(more),
        "Shown: on these digits, with this small network and one seed, what taking away the "
        "stop-gradient does within some hundred steps. Not shown: that SimSiam is safe with it. "
        "Slow collapse of a few directions, over tens of epochs, cannot show in a run this short.",
    )


LESSON = Lesson(
    name="collapse",
    place=1,
    title="What is collapse?",
    teaser="A perfect loss, and nothing learned.",
    idea=(
        "SimSiam shows a network two [[augmented view]]s of an image. From one view the network "
        "must predict its own output for the other. There is a lazy way to be always right: give "
        "every image the same output. That is [[collapse]].",
        "SimSiam has a detail called [[stop-gradient]]: no gradient flows through the other side "
        "in this step. So the prediction is pulled towards the other output, which is held still. "
        "Here the same run is made with and without it.",
    ),
    brief=(
        "From one view of an image, SimSiam must predict its own output for another view. With "
        "the stop-gradient the prediction is pulled towards the other output, which is held still."
    ),
    question="What becomes of the run without stop-gradient, compared with the one with it?",
    choices=(
        Choice("higher", "Its loss stays higher: both sides keep moving."),
        Choice("better", "Its loss gets lower, and the collapse check passes."),
        Choice("collapsed", "Its loss gets lower, and the model collapses."),
    ),
    variants=(WITH, WITHOUT, LINE),
    answer=_answer,
    blocks=(
        Block("table", "Three runs that differ in one detail each"),
        Block("curve", "Loss: lower is not better here"),
        Block("checks", "Collapse check during training"),
        Block(
            "maps",
            "The same digits, as each run sees them",
            ("with", "without"),
            "A map stretches tiny differences, so a broken model can look fine.",
        ),
    ),
    pooled=("with", "without"),
    # The check tells the two apart after 120 steps; the sound run gains little before 300.
    pooled_steps=300,
)
