"""Labels against pretraining: ten labels a class, from scratch and after pretraining."""

from __future__ import annotations

from workbench.lessons.base import Answer, Block, Choice, Lesson, LessonRun, LessonRuns, Variant
from workbench.lessons.run_numbers import apart, guess_words, percent, score

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
# The marked reference: it alone has seen the labels while it trained.
SUPERVISED = Variant("supervised", "Trained with all labels", _DATA, "supervised", _STEPS)


def _answer(runs: LessonRuns) -> Answer:
    run = runs["rotation"]
    tuned = score(run, "trained", "fine-tuning", labels=_FEW)
    scratch = score(run, "random init", "fine-tuning", labels=_FEW)
    order = apart(tuned, scratch)
    right = {1: "pretrained", 0: "same", -1: "scratch"}[order]
    because = (
        f"With {_FEW} labels a class, the network trained from scratch names the shape in "
        f"{percent(scratch)} of test images, the same network after pretraining in "
        f"{percent(tuned)}. {guess_words(run)}"
    )
    more = [
        _frozen(run),
        _worth(run),
        "The same network trained with all labels of the training split, for as many steps as "
        f"pretraining took: {percent(score(runs['supervised']))} by nearest neighbours.",
    ]
    if order == 0:
        more.append(
            "No clear difference is an answer, too. The intervals include the draw of the labels, "
            "and with so few labels that is most of the noise."
        )
    return Answer(
        right,
        because,
        tuple(more),
        "Shown: what a short pretraining without labels is worth on these shapes when labels are "
        "few. There were several draws of the labels and one seed of pretraining. Not shown: what "
        "a longer one would be worth, or another task; which task pretrains, and how far, "
        "decides. And with all labels, training with them is the thing to beat.",
    )


def _frozen(run: LessonRun) -> str:
    """What a simple classifier reads off frozen features with few labels, trained or not."""
    trained = score(run, "trained", "label efficiency", labels=_FEW)
    untrained = score(run, "random init", "label efficiency", labels=_FEW)
    said = {
        1: "Pretraining left something in the features that few labels can reach.",
        0: "Nothing that few labels could reach was clearly added.",
        -1: "The features became less fit for few labels.",
    }[apart(trained, untrained)]
    return (
        f"A simple classifier on frozen features, with the same {_FEW} labels: {percent(trained)} "
        f"after pretraining, {percent(untrained)} before. {said}"
    )


def _worth(run: LessonRun) -> str:
    """With how many labels the untrained encoder reaches what ten give after pretraining."""
    wanted = score(run, "trained", "label efficiency", labels=_FEW)
    for labels in (10, 50, 100):
        row = score(run, "random init", "label efficiency", labels=labels)
        if row["value"] >= wanted["value"]:
            return (
                f"A simple classifier on the untrained encoder gets as far with about {labels} "
                "labels a class."
            )
    return (
        f"A simple classifier on the untrained encoder does not get as far even with {_MANY} "
        f"labels a class: {percent(score(run, 'random init', 'label efficiency', labels=_MANY))}."
    )


LESSON = Lesson(
    name="labels",
    place=6,
    title="Labels against pretraining",
    teaser="Ten labels a class: pretrain first?",
    idea=(
        "[[label|Labels]] cost a person's time; unlabelled pictures cost little. So a model may be "
        "trained without labels first, and then shown a few.",
        "Here an encoder learned for a while to name turns, and then saw ten labelled pictures of "
        "each shape ([[fine-tuning]]). Beside it the same network, with the same labels, starts "
        "from random weights. The answer also shows how far a few labels reach without touching "
        "the encoder ([[label efficiency]]).",
    ),
    brief=(
        "One network first learns to name turns, without labels. Then it sees ten labelled "
        "pictures of each shape. The other network sees these ten alone."
    ),
    question="With ten labels a class, which names the shape more often?",
    choices=(
        Choice("scratch", "The network trained from scratch on these labels."),
        Choice("pretrained", "The network pretrained without labels first."),
        Choice("same", "No clear difference."),
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
        Block("table", "The two runs"),
        Block("maps", "The same shapes, without labels and with all labels seen"),
    ),
)
