"""What an augmentation did to a text, word by word, by comparing it with the original."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal

from workbench.data.dataset import MASK, SPECIAL_TOKENS

Mark = Literal["", "masked", "replaced", "moved", "added", "left out"]
# A stretch of the original, and what stands for it in the view.
Stretch = tuple[Sequence[str], Sequence[str]]


def changes(original: Sequence[str], view: Sequence[str]) -> list[tuple[str, Mark]]:
    """The words of ``view`` with their marks, and between them the words ``left out`` with theirs.

    A word is marked "moved" where the original has it elsewhere without a match. Of two equal
    words one may be taken for the other, as only the words are compared.
    """
    matcher = SequenceMatcher(None, original, view, autojunk=False)
    stretches = [
        (tag == "equal", (original[a:b], view[c:d])) for tag, a, b, c, d in matcher.get_opcodes()
    ]
    gone = Counter(word for same, (was, _) in stretches if not same for word in was)
    new = Counter(word for same, (_, now) in stretches if not same for word in now)
    moved = gone & new
    left, arrived = Counter(moved), Counter(moved)
    out: list[tuple[str, Mark]] = []
    for same, stretch in stretches:
        out += [(word, "") for word in stretch[1]] if same else _changed(stretch, left, arrived)
    return out


def _changed(stretch: Stretch, left: Counter[str], arrived: Counter[str]) -> list[tuple[str, Mark]]:
    """The marks of a stretch that differs.

    left: moved words still to be met where they were; arrived: those still to be met where they are
    now. Both are counted down.
    """
    was, now = stretch
    unplaced = [word for word in was if not _take(left, word)]
    marks: list[tuple[str, Mark]] = []
    for word in now:
        if _take(arrived, word):
            marks.append((word, "moved"))
        elif word == SPECIAL_TOKENS[MASK]:
            unplaced = unplaced[1:]
            marks.append((word, "masked"))
        else:
            marks.append((word, "replaced" if unplaced else "added"))
            unplaced = unplaced[1:]
    return marks + [(word, "left out") for word in unplaced]


def _take(counts: Counter[str], word: str) -> bool:
    """Whether ``counts`` holds ``word``; if so, takes it out once."""
    if counts[word] <= 0:
        return False
    counts[word] -= 1
    return True
