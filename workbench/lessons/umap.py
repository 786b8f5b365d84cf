"""How UMAP misleads: the same run twice, and a collapsed run that looks fine."""

from __future__ import annotations

from workbench.lessons.base import Answer, Block, Choice, Lesson, LessonRuns, Variant
from workbench.lessons.run_numbers import (
    collapsed,
    guess_words,
    percent,
    score,
    verdict,
    verdict_reason,
)

_DATA, _STEPS = "sample:digits", 300

TWICE = Variant("twice", "SimSiam", _DATA, "simsiam", _STEPS)
COLLAPSED = Variant(
    "collapsed",
    "SimSiam without stop-gradient",
    _DATA,
    "simsiam",
    _STEPS,
    preset="simsiam_no_stop_gradient",
)


def _answer(runs: LessonRuns) -> Answer:
    again = runs["twice"]["maps"]["again"]
    share, chance = again["overlap"], again["chance"]
    right = "all" if share > 0.9 else "most" if share > 0.5 else "few"
    because = (
        f"Of a digit's {again['k']} nearest on the first map, {share:.0%} are among its "
        f"{again['k']} nearest on the second. Unrelated maps would share {chance:.0%}."
    )
    bad = runs["collapsed"]
    trust = {name: run["maps"].get("umap", {}).get("trustworthiness") for name, run in runs.items()}
    more = [
        "Nothing differs between the two maps but the seed of the projection: the run and its "
        "representation are the same.",
        f"The run without stop-gradient draws groups, too. Its check says: {verdict(bad)}. "
        f"{verdict_reason(bad)}",
        f"In its representation, not on the map, neighbours share the digit in "
        f"{percent(score(bad))} of test images. Before any training they did in "
        f"{percent(score(bad, 'random init'))}. " + guess_words(bad),
    ]
    if all(value is not None for value in trust.values()):
        more.append(
            f"Trustworthiness is {trust['twice']:.2f} for the sound run and "
            f"{trust['collapsed']:.2f} for the other. It asks whether the map is true to the "
            "representation, and not whether the representation is any good."
        )
    if not collapsed(bad):
        more.append("In these stored runs the check does not call the second run collapsed.")
    return Answer(
        right,
        because,
        tuple(more),
        "Shown: small groups, gaps and neighbours on one UMAP are partly chance. And the map of a "
        "collapsed run may look healthy. Not shown: that maps are useless. Trust what returns on "
        "every seed and in the representation itself.",
    )


LESSON = Lesson(
    name="umap",
    place=9,
    title="How UMAP misleads",
    teaser="One model, drawn twice: what is real?",
    idea=(
        "An [[embedding map]] presses many directions onto two. [[UMAP]] keeps neighbours "
        "together as well as it can, and chooses all larger distances freely. A [[seed]] draws "
        "where it starts.",
        "Here one and the same run is drawn twice, with two seeds of the map. And a run that "
        "collapsed is drawn beside it.",
    ),
    brief=(
        "UMAP draws the representations as points, and keeps neighbours together as well as it "
        "can. Here one run is drawn twice, with two seeds of the map."
    ),
    question=(
        "Take the 15 nearest of a digit on the first map. How many of them are also among its 15 "
        "nearest on the second?"
    ),
    choices=(
        Choice("all", "Nearly all: it is the same run."),
        Choice("most", "More than half of them."),
        Choice("few", "Half of them or fewer."),
    ),
    variants=(TWICE, COLLAPSED),
    answer=_answer,
    blocks=(
        Block(
            "again",
            "The same run twice, and a collapsed one",
            note="The second map is turned onto the first. Hover a digit to find it in all three.",
        ),
        Block("checks", "What the check sees"),
        Block("table", "The two runs"),
    ),
    repeatable=False,
)
