"""Words and TF-IDF: what a short pretraining on texts has to beat."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.lessons.base import Answer, Block, Choice, Lesson, LessonRuns, Variant
from workbench.lessons.run_numbers import PROBE, apart, guess_words, percent, score
from workbench.records import Score

_DATA, _STEPS = "sample:tickets", 300
_FEW = "label efficiency"

# All samples are scored, so that the point where the two change places shows.
HALVES = Variant("halves", "Half split", _DATA, "half_split", _STEPS, eval={"full": True})
MASKED = Variant("masked", "Masked words", _DATA, "mlm", _STEPS)


def _answer(runs: LessonRuns) -> Answer:
    run = runs["halves"]
    trained, counted = score(run, protocol=PROBE), score(run, "tf-idf", PROBE)
    untrained = score(run, "random init", PROBE)
    order = apart(trained, counted)
    right = {1: "pretrained", 0: "same", -1: "tfidf"}[order]
    because = (
        f"A simple classifier names the intent in {percent(counted)} of test texts from counted "
        f"words (TF-IDF). From the pretrained encoder it names {percent(trained)}, from the "
        f"untrained one {percent(untrained)}. {guess_words(run)}"
    )
    more = [
        f"Pretrained by filling in masked words instead: "
        f"{percent(score(runs['masked'], protocol=PROBE))}.",
        _few(runs),
        f"LSA reduces TF-IDF to few directions, within seconds. It gives "
        f"{percent(score(run, 'lsa', PROBE))}.",
    ]
    return Answer(
        right,
        because,
        tuple(more),
        "Shown: what a short pretraining on a few thousand texts gives, beside what "
        "counting words gives at once. Not shown: that pretraining on texts is of no use. Large "
        "models read millions of texts first; the point is that a baseline which costs nothing "
        "belongs on every chart.",
    )


def _few(runs: LessonRuns) -> str:
    """Where labels are few, which of the two is ahead."""
    run = runs["halves"]
    ahead = []
    levels = {row["labels_per_class"] for row in run["scores"] if row["protocol"] == _FEW}
    for labels in sorted(levels):
        trained = score(run, "trained", _FEW, labels=labels)
        counted = score(run, "tf-idf", _FEW, labels=labels)
        ahead.append((labels, trained, counted, apart(trained, counted)))
    each = "; ".join(
        f"{percent(trained)} and {percent(counted)} with {labels}"
        for labels, trained, counted, _ in ahead
    )
    won = [labels for labels, _, _, order in ahead if order > 0]
    *most, last = map(str, won or [0])
    said = (
        f"With {' or '.join(filter(None, (', '.join(most), last)))} "
        f"label{'s' if won != [1] else ''} a class the "
        "pretrained encoder is ahead."
        if won
        else "With few labels, too, it is not clearly ahead."
    )
    return f"{said}{_crossing(ahead)} Pretrained and TF-IDF, by labels a class: {each}."


def _crossing(ahead: Sequence[tuple[int, Score, Score, int]]) -> str:
    """Between which numbers of labels the two change places, if they do."""
    won = [labels for labels, _, _, order in ahead if order > 0]
    lost = [labels for labels, _, _, order in ahead if order < 0]
    if not won or not lost or max(won) > min(lost):
        return ""
    return f" The two change places between {max(won)} and {min(lost)} labels a class."


LESSON = Lesson(
    name="words",
    place=7,
    title="Words and TF-IDF",
    teaser="Does a network beat counted words?",
    idea=(
        "Texts have a [[baseline]] that is hard to beat: count the words, let rare ones weigh more "
        "([[TF-IDF]]), and put a [[simple classifier]] on top. Nothing is pretrained.",
        "Here a bag of words is pretrained on support tickets without labels: a table with a "
        "vector for each word, and a ticket is the mean of its words' vectors. It sees the first "
        "half of a ticket and must find its second half. The two halves share hardly a word, so "
        "that it must learn what they are about.",
    ),
    brief=(
        "A table of word vectors is pretrained on support tickets without labels. TF-IDF pretrains "
        "nothing: it counts words, and rare words weigh more."
    ),
    question=(
        "There are twelve intents. The simple classifier on top learns from all training labels. "
        "Which names the intent most often?"
    ),
    choices=(
        Choice("pretrained", "The pretrained encoder."),
        Choice("tfidf", "Counted words (TF-IDF)."),
        Choice("same", "No clear difference."),
    ),
    variants=(HALVES, MASKED),
    answer=_answer,
    blocks=(
        Block("baselines", "A simple classifier on each"),
        Block("labels", "Score by the number of labels a class", ("halves", "masked")),
        Block("maps", "The same tickets, as each run sees them"),
        Block("table", "The two runs"),
    ),
)
