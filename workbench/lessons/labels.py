"""Labels against pretraining: ten labels a class, from scratch and after rotation."""

from __future__ import annotations

from workbench.lessons.base import Answer, Block, Choice, Lesson, Run, Runs, Variant
from workbench.lessons.reading import apart, percent, score

_DATA, _STEPS = "sample:shapes", 200
_FEW, _MANY = 10, 100

PRETRAINED = Variant(
    "rotation",
    "Rotation, then few labels",
    _DATA,
    "rotation",
    _STEPS,
    augment=("color_jitter",),
    eval={"fine_tuning": True},
)
SUPERVISED = Variant(
    "supervised", "Trained with all labels", _DATA, "supervised", _STEPS
)  # the marked reference


def _answer(runs: Runs) -> Answer:
    run = runs["rotation"]
    tuned = score(run, "trained", "fine-tuning", labels=_FEW)
    scratch = score(run, "random init", "fine-tuning", labels=_FEW)
    frozen = score(run, "trained", "label efficiency", labels=_FEW)
    order = apart(tuned, scratch)
    right = {1: "pretrained", 0: "same", -1: "scratch"}[order]
    because = (
        f"With {_FEW} labels a class, the network trained from scratch names the shape in "
        f"{percent(scratch)} of test images, the same network after pretraining in "
        f"{percent(tuned)}."
    )
    many = score(runs["supervised"], "trained", "knn")
    more = [
        f"A simple classifier on the frozen features, with the same {_FEW} labels: "
        f"{percent(frozen)}. With {_MANY}: "
        f"{percent(score(run, 'trained', 'label efficiency', labels=_MANY))}.",
        f"The same network trained with all labels of the training split, for as many steps as "
        f"pretraining took: {percent(many)} by nearest neighbours.",
        _worth(run),
    ]
    return Answer(
        right,
        because,
        tuple(more),
        "Shown: with few labels, on these shapes, what pretraining without labels is worth, with "
        "several draws of the labels and one seed of pretraining. Not shown: that pretraining wins "
        "wherever labels are few. The task has to fit the data: here only the shape tells which "
        "way is up. And with all labels, training with them is the thing to beat.",
    )


def _worth(run: Run) -> str:
    """With how many labels the untrained encoder reaches what ten give after pretraining."""
    wanted = score(run, "trained", "label efficiency", labels=_FEW)
    for labels in (10, 50, 100):
        row = score(run, "random init", "label efficiency", labels=labels)
        if row["value"] >= wanted["value"]:
            return (
                f"A simple classifier on the untrained encoder gets that far with about {labels} "
                "labels a class."
            )
    return (
        f"A simple classifier on the untrained encoder does not get that far even with {_MANY} "
        f"labels a class: {percent(score(run, 'random init', 'label efficiency', labels=_MANY))}."
    )


LESSON = Lesson(
    name="labels",
    place=6,
    title="Labels against pretraining",
    teaser="Ten labelled pictures of each kind: train on them, or pretrain first?",
    idea=(
        "[[label|Labels]] cost a person's time; unlabelled pictures cost little. So a model may be "
        "trained without labels first, and then shown a few.",
        "Here the encoder learned for a while to name turns, and then saw ten labelled pictures of "
        "each shape ([[fine-tuning]]). Beside it the same network, with the same labels and steps, "
        "starts from random weights. [[label efficiency|How far a few labels reach]] is drawn "
        "below.",
    ),
    question="With ten labels a class, which names the shape more often?",
    choices=(
        Choice("scratch", "The network trained from scratch on these labels."),
        Choice("pretrained", "The network pretrained without labels first."),
        Choice("same", "They cannot be told apart."),
    ),
    variants=(PRETRAINED, SUPERVISED),
    answer=_answer,
    blocks=(
        Block(
            "labels",
            "Score by the number of labels a class",
            ("rotation",),
            "A simple classifier on frozen features.",
        ),
        Block("maps", "The same shapes, without and with labels seen"),
        Block("table", "The two runs"),
    ),
)
