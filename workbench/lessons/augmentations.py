"""What augmentations throw away, and what they do not: factors of drawn shapes under SimCLR."""

from __future__ import annotations

from workbench.lessons.base import Answer, Block, Choice, Lesson, LessonRuns, Variant
from workbench.lessons.run_numbers import PROBE, apart, guess_words, percent, score

_DATA, _STEPS = "sample:shapes", 200
# What the answer is read off: nearest neighbours, and a classifier for each factor.
_EVAL = {"label_efficiency": False, "nuisances": False}

USUAL = Variant("usual", "SimCLR", _DATA, "simclr", _STEPS, eval=_EVAL)
NO_COLOUR = Variant(
    "no_colour",
    "SimCLR without colour shifts",
    _DATA,
    "simclr",
    _STEPS,
    augment=("-color_jitter", "-grayscale"),
    eval=_EVAL,
)
ALL_HUES = Variant(
    "all_hues",
    "SimCLR with all hues",
    _DATA,
    "simclr",
    _STEPS,
    augment=("color_jitter.hue=0.5",),
    eval=_EVAL,
)
COLOUR_ALONE = Variant(
    "colour_alone",
    "SimCLR, colour shifts only (no crops)",
    _DATA,
    "simclr",
    _STEPS,
    augment=("-random_resized_crop", "-horizontal_flip"),
    eval=_EVAL,
)


def _answer(runs: LessonRuns) -> Answer:
    colour = {name: score(run, protocol=PROBE, target="colour") for name, run in runs.items()}
    shape = {name: score(run, protocol=PROBE, target="label") for name, run in runs.items()}
    untrained = score(runs["usual"], "random init", PROBE, target="colour")
    order = apart(colour["usual"], colour["no_colour"])
    lost = apart(colour["usual"], untrained)
    right = "lost" if order < 0 and lost < 0 else "less" if order < 0 else "kept"
    because = (
        f"A simple classifier finds the colour in {percent(colour['usual'])} of test images from "
        f"the usual features. Without colour shifts it finds {percent(colour['no_colour'])}, and "
        f"from the untrained encoder {percent(untrained)}. {guess_words(runs['usual'], 'colour')}"
    )
    more = [
        f"With hues shifted all the way round the circle it finds the colour in "
        f"{percent(colour['all_hues'])}. It finds the shape in {percent(shape['all_hues'])} then, "
        f"and in {percent(shape['usual'])} with the usual shifts.",
        f"Without crops the two views differ in colour alone. Then it finds the colour in "
        f"{percent(colour['colour_alone'])}.",
    ]
    if right == "kept":
        more.append(
            "That may surprise: the usual shifts move a hue by a fraction of the circle, and these "
            "six colours lie further apart. With crops, which show different places and sizes, "
            "colour stays the quickest thing that two views share. What an augmentation throws "
            "away depends on how strong it is, and on what else the views have in common."
        )
    return Answer(
        right,
        because,
        tuple(more),
        "Shown: what a simple classifier can read off the features of drawn shapes, factor by "
        "factor, with one seed. The factors were drawn independently of each other. Not shown: "
        "that the same shifts keep the colour of photographs, where colours lie closer together.",
    )


LESSON = Lesson(
    name="augmentations",
    place=3,
    title="What do augmentations throw away?",
    teaser="Do colour changes teach colour blindness?",
    idea=(
        "SimCLR asks for the same answer to two [[augmented view]]s of an image. What the "
        "augmentations change cannot help, so a model has reason to throw it away.",
        "These drawn shapes vary in seven [[factor]]s, each drawn independently of the others: "
        "shape, colour, texture, orientation, size, position, background. A [[simple classifier]] "
        "for each factor tells what is left of it in the features.",
    ),
    brief=(
        "SimCLR learns to give two changed views of one image the same answer. What the changes "
        "alter, such as colour, cannot help it."
    ),
    question=(
        "SimCLR's usual augmentations shift colours and turn some views gray. What becomes of the "
        "shapes' colour in its features?"
    ),
    choices=(
        Choice("lost", "It is mostly lost: less is left than before any training."),
        Choice("less", "Partly lost: more than before training, less than without colour shifts."),
        Choice("kept", "It is kept as well as in a run without colour shifts."),
    ),
    variants=(USUAL, NO_COLOUR, ALL_HUES, COLOUR_ALONE),
    answer=_answer,
    blocks=(
        Block(
            "factors",
            "What a simple classifier reads off the features",
            note="In percent of test images. Without colour shifts: without grays, too. All hues: "
            "shifted all the way round the circle. Colour shifts only: no crops, no mirror images.",
        ),
        Block(
            "maps",
            "The same shapes, as two of the runs see them",
            ("usual", "all_hues"),
            "Groups of one colour: the features hold the colour. Choose 'label' to see the shape.",
            colour="colour",
        ),
        Block(
            "table",
            "The four runs",
            note="The label is the shape. Its two scores differ: neighbours may share it in many "
            "small clusters. The chart's simple classifier has only straight boundaries to part "
            "these.",
        ),
    ),
    pooled=("usual", "all_hues"),
)
