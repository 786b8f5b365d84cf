"""Labels against pretraining: ten labels a class, from scratch and after pretraining."""

from __future__ import annotations

from workbench.lessons.base import Answer, Block, Choice, Lesson, Run, Runs, Variant
from workbench.lessons.reading import apart, percent, score

_DATA, _STEPS = "sample:shapes", 200
_FEW, _MANY = 10, 100

_EVAL = {"fine_tuning": True}
CONTRASTIVE = Variant(
    "simclr",
    "SimCLR with all hues, then few labels",
    _DATA,
    "simclr",
    _STEPS,
    augment=("color_jitter.hue=0.5",),
    eval=_EVAL,
)
ROTATION = Variant(
    "rotation",
    "Rotation, then few labels",
    _DATA,
    "rotation",
    _STEPS,
    augment=("color_jitter",),
    eval=_EVAL,
)
# The marked reference: it alone has seen the labels while it trained.
SUPERVISED = Variant("supervised", "Trained with all labels", _DATA, "supervised", _STEPS)


def _answer(runs: Runs) -> Answer:
    run, other = runs["simclr"], runs["rotation"]
    tuned = score(run, "trained", "fine-tuning", labels=_FEW)
    scratch = score(run, "random init", "fine-tuning", labels=_FEW)
    turned = score(other, "trained", "fine-tuning", labels=_FEW)
    order = apart(tuned, scratch)
    right = {1: "pretrained", 0: "same", -1: "scratch"}[order]
    because = (
        f"With {_FEW} labels a class, the network trained from scratch names the shape in "
        f"{percent(scratch)} of test images, the same network after SimCLR in {percent(tuned)}."
    )
    after_rotation = {
        1: "that, too, is above training from scratch.",
        0: "that cannot be told from training from scratch: which task pretrains, and how far, "
        "matters.",
        -1: "that is below training from scratch: which task pretrains matters.",
    }[apart(turned, scratch)]
    more = [
        f"After rotation, with as many steps, it is {percent(turned)}; {after_rotation}",
        f"A simple classifier on SimCLR's frozen features, with the same {_FEW} labels: "
        f"{percent(score(run, 'trained', 'label efficiency', labels=_FEW))}. With {_MANY}: "
        f"{percent(score(run, 'trained', 'label efficiency', labels=_MANY))}.",
        _worth(run),
        "The same network trained with all labels of the training split, for as many steps as "
        f"pretraining took: {percent(score(runs['supervised']))} by nearest neighbours.",
    ]
    return Answer(
        right,
        because,
        tuple(more),
        "Shown: with few labels, on these shapes, what two ways of pretraining are worth, with "
        "several draws of the labels and one seed of pretraining. SimCLR's hues were shifted all "
        "the way round because that suits these shapes, which was known from other runs on them. "
        "Not shown: that pretraining wins wherever labels are few. And with all labels, training "
        "with them is the thing to beat.",
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
        "Here an encoder learned for a while by SimCLR, another by naming turns, and then each saw "
        "ten labelled pictures of each shape ([[fine-tuning]]). Beside them the same network, with "
        "the same labels, starts from random weights. [[label efficiency|How far a few labels "
        "reach]] is drawn below the answer.",
    ),
    question="With ten labels a class, which names the shape more often?",
    choices=(
        Choice("scratch", "The network trained from scratch on these labels."),
        Choice("pretrained", "The network pretrained by SimCLR first."),
        Choice("same", "They cannot be told apart."),
    ),
    variants=(CONTRASTIVE, ROTATION, SUPERVISED),
    answer=_answer,
    blocks=(
        Block(
            "labels",
            "Score by the number of labels a class",
            ("simclr", "rotation"),
            "A simple classifier on frozen features.",
        ),
        Block("maps", "The same shapes, as each run sees them"),
        Block("table", "The three runs"),
    ),
)
