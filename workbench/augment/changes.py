"""What an augmentation did to a text, word by word, found by comparing it with the original."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal

from workbench.data.dataset import MASK, SPECIAL_TOKENS

Mark = Literal["", "masked", "replaced", "moved", "added", "left out"]
Block = tuple[Sequence[str], Sequence[str]]


def changes(original: Sequence[str], view: Sequence[str]) -> list[tuple[str, Mark]]:
    """The words of ``view`` with what became of them, and between them those ``left out``.

    A word counts as moved where the original has it elsewhere, unmatched. Tokens alone are
    compared: of two equal words the one may be taken for the other.
    """
    matcher = SequenceMatcher(None, original, view, autojunk=False)
    blocks = [
        (tag == "equal", (original[a:b], view[c:d])) for tag, a, b, c, d in matcher.get_opcodes()
    ]
    gone = Counter(word for same, (was, _) in blocks if not same for word in was)
    new = Counter(word for same, (_, now) in blocks if not same for word in now)
    moved = gone & new
    left, arrived = Counter(moved), Counter(moved)
    out: list[tuple[str, Mark]] = []
    for same, block in blocks:
        out += [(word, "") for word in block[1]] if same else _changed(block, left, arrived)
    return out


def _changed(block: Block, left: Counter[str], arrived: Counter[str]) -> list[tuple[str, Mark]]:
    """One stretch that differs. left, arrived: moved words that are still to be met."""
    was, now = block
    here = [word for word in was if not _taken(left, word)]
    marks: list[tuple[str, Mark]] = []
    for word in now:
        if _taken(arrived, word):
            marks.append((word, "moved"))
        elif word == SPECIAL_TOKENS[MASK]:
            here = here[1:]
            marks.append((word, "masked"))
        else:
            marks.append((word, "replaced" if here else "added"))
            here = here[1:]
    return marks + [(word, "left out") for word in here]


def _taken(counts: Counter[str], word: str) -> bool:
    """Whether ``word`` is among ``counts``; it is taken out once."""
    if counts[word] <= 0:
        return False
    counts[word] -= 1
    return True
