"""What a generator knows of the input that it wrote: counts, and the split and label of samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

WORDS = (
    "river", "stone", "cloud", "winter", "garden", "letter", "bridge", "copper", "silver",
    "morning", "window", "candle", "mirror", "harbour", "valley", "engine", "paper", "shadow",
)  # fmt: skip
CLASSES = ("cat", "dog", "owl", "emu")
# In place of a split or a label that the mutation leaves in doubt.
DOUBTFUL = "?"


@dataclass(frozen=True)
class Known:
    """What must be true of one sample if it is taken. split: its name, DOUBTFUL if the source does
    not give it. label: its class, None if it has none, DOUBTFUL if it is in doubt."""

    split: str = DOUBTFUL
    label: str | None = DOUBTFUL


@dataclass(frozen=True)
class Made:
    """One input.

    found: rows or files, as the writer counted them. samples: what is known of each sample, by the
    mark that its text or its file name holds. clear: whether nobody can doubt how the input is
    meant, so that it has to be read, with all its samples. named: whether the class names have to
    be those of ``Known.label``; else only equal classes have to stay equal. mutations: in words.
    strays: at most so many samples without a mark may be taken. pictured: whether the mark of a
    sample is the brightness of its image (see ``brightness``) in place of a word.
    """

    path: Path
    found: int
    samples: Mapping[str, Known]
    clear: bool
    mutations: tuple[str, ...] = ()
    named: bool = True
    strays: int = 0
    pictured: bool = False
    options: Mapping[str, object] = field(default_factory=dict)


def mark(number: int) -> str:
    """A word that stands in one sample only."""
    return f"mark{number:03}q"


def brightness(number: int) -> int:
    """The value of all pixels of image ``number``; at most 50 images have different ones."""
    return 5 * number


def sentence(random: Random, number: int) -> str:
    """Words, the mark, and words."""
    before = " ".join(random.sample(WORDS, random.randint(2, 5)))
    after = " ".join(random.sample(WORDS, random.randint(2, 5)))
    return f"{before} {mark(number)} {after}"


def labels(random: Random, count: int, names: Sequence[str] = CLASSES) -> list[str]:
    """Two classes or more, each several times, in a mixed order."""
    used = list(names[: random.randint(2, len(names))])
    drawn = [used[at % len(used)] for at in range(count)]
    random.shuffle(drawn)
    return drawn


def splits(random: Random, count: int) -> list[str]:
    """A split for each sample: training and test, and often validation."""
    used = ["train", "train", "train", "test", *random.choice([[], ["validation"]])]
    drawn = [used[at % len(used)] for at in range(count)]
    random.shuffle(drawn)
    return drawn
