"""How people type: short forms, small letters, missing stops, slips of the finger."""

from __future__ import annotations

import re

import numpy as np

SHORT_FORMS = (
    ("I am", "I'm"),
    ("I would", "I'd"),
    ("cannot", "can't"),
    ("do not", "don't"),
    ("does not", "doesn't"),
    ("did not", "didn't"),
    ("is not", "isn't"),
    ("has not", "hasn't"),
    ("have not", "haven't"),
    ("was not", "wasn't"),
    ("could not", "couldn't"),
    ("it is", "it's"),
    ("It is", "It's"),
)
CHATTY = (("please", "pls"), ("Please", "pls"), ("because", "cos"), ("tomorrow", "tmrw"))
HELPED = r"been|had|just|already|never|got|lost|read|found|seen|put|done|[a-z]+ed"
BESIDE = dict(
    zip("abcdefghijklmnopqrstuvwxyz", "svxsdgfjuhjknbiowedrybecta", strict=True)
)  # a key next to it
WORD = re.compile(r"\b[A-Za-z]{4,}\b")


def short_forms(text: str) -> str:
    """'I am' becomes 'I'm', but not at the end of a clause ('that it is.')."""
    for long, short in SHORT_FORMS:
        text = re.sub(rf"\b{long}\b(?= [a-z])", short, text)
    # Not "I've the box": only where 'have' helps another verb.
    return re.sub(rf"\bI have(?= (?:{HELPED})\b)", "I've", text)


def chatty(text: str) -> str:
    """Small letters throughout, no full stop at the end, a few short words."""
    for long, short in CHATTY:
        text = re.sub(rf"\b{long}\b", short, text)
    return text.lower().rstrip(".")


def slip(rng: np.random.Generator, word: str) -> str:
    """A word with two letters swapped, one left out, one doubled or a neighbouring key hit."""
    at = int(rng.integers(1, len(word) - 1))
    kind = rng.integers(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + BESIDE[word[at].lower()] + word[at + 1 :]


def typos(rng: np.random.Generator, text: str, most: int) -> str:
    """The text with one to `most` slips in words of four letters and more."""
    for _ in range(rng.integers(1, most + 1)):
        words = list(WORD.finditer(text))
        if words:
            chosen = words[int(rng.integers(len(words)))]
            text = text[: chosen.start()] + slip(rng, chosen[0]) + text[chosen.end() :]
    return text
