"""Masking ratios: how much of a picture to hide."""

from __future__ import annotations

from workbench.lessons.base import Answer, Block, Choice, Dial, Lesson, LessonRuns, Variant
from workbench.lessons.run_numbers import PROBE, accuracy, best, guess_words, last, percent, score

_DATA, _STEPS = "sample:shapes", 150
_RATIOS = {"10%": 0.1, "50%": 0.5, "90%": 0.9}


def _variant(shown: str, ratio: float) -> Variant:
    return Variant(
        f"r{100 * ratio:.0f}",
        f"SimMIM, {shown} hidden",
        _DATA,
        "simmim",
        _STEPS,
        options={"mask_ratio": ratio},
        eval={"label_efficiency": False, "nuisances": False},
    )


def _answer(runs: LessonRuns) -> Answer:
    shape = {name: score(run, protocol=PROBE, target="label") for name, run in runs.items()}
    painted = {name: last(run, "explained") for name, run in runs.items()}
    top, clear = best(shape)
    easiest = max(painted, key=lambda name: painted[name])
    by_name = {f"r{100 * ratio:.0f}": shown for shown, ratio in _RATIOS.items()}
    right = "open" if not clear else {"r10": "little", "r90": "much"}.get(top, "middle")
    because = (
        f"A simple classifier reads the shape best with {by_name[top]} hidden, in "
        f"{percent(shape[top])} of test images, "
        + (
            "beyond the intervals of all others."
            if clear
            else "but its interval meets that of another share."
        )
        + f" {guess_words(runs[top])}"
    )
    each = ", ".join(f"{by_name[name]}: {percent(row)}" for name, row in shape.items())
    more = [
        f"By share hidden: {each}. Untrained: "
        f"{percent(score(runs['r50'], 'random init', PROBE, target='label'))}.",
        f"The painting came out best with {by_name[easiest]} hidden: "
        f"{painted[easiest]:.0%} of the error of painting the mean colour was gone, and "
        f"{painted['r90']:.0%} with 90% hidden.",
    ]
    if easiest != top:
        more.append("The easiest painting did not teach the most about the shape.")
    if accuracy(runs[top]) < accuracy(runs[top], "random init"):
        more.append(
            "Nearest neighbours share the shape less often than untrained ones do: features that "
            "paint well are not made to be compared by distance."
        )
    return Answer(
        right,
        because,
        tuple(more),
        "Shown: three shares on drawn shapes, for equal steps, one seed, a small convolutional "
        "net and a simple classifier on frozen features. Not shown: the best share for "
        "photographs or transformers. The papers hide 60 to 75% and train for hundreds of "
        "epochs. Then they fine-tune the whole encoder, where masked models gain far more than a "
        "simple classifier shows.",
    )


LESSON = Lesson(
    name="masking",
    place=5,
    title="How much to hide?",
    teaser="Hide little: copy. Hide much: guess.",
    idea=(
        "Masked models hide parts of a sample and have to fill them in. SimMIM hides squares of "
        "the picture and paints them from what is left.",
        "The [[masking ratio]] decides how hard that is. With little hidden, the colour next to a "
        "gap fills it well. With nearly everything hidden, there is little to go by.",
    ),
    brief=(
        "The model sees a picture with squares hidden, and paints what is missing. With little "
        "hidden that is easy; with nearly everything hidden there is little to go by."
    ),
    question="With which hidden share do the features tell the shape best, after equal steps?",
    choices=(
        Choice("little", "10%: the model sees nearly the whole picture."),
        Choice("middle", "50%: enough to see, enough to fill in."),
        Choice("much", "90%: the hardest task teaches most."),
        Choice("open", "No clear answer: the best two are closer than their intervals."),
    ),
    variants=tuple(_variant(shown, ratio) for shown, ratio in _RATIOS.items()),
    answer=_answer,
    blocks=(
        Block("factors", "What a simple classifier reads off the features", note="In percent."),
        Block("curve", "How much of the hidden part is explained", curve="explained"),
        Block("maps", "The map at this share, beside that at 50%"),
        Block("table", "The three runs"),
    ),
    dial=Dial(
        "Hidden share",
        {shown: f"r{100 * ratio:.0f}" for shown, ratio in _RATIOS.items()},
        "90%",
        "r50",
        "Turns through the stored runs.",
    ),
    pooled=("r50", "r10"),
)
