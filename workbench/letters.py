"""Letters of all scripts: which marks belong to a letter, and what a word is.

A vowel sign or tone mark (Unicode category M) belongs to the letter before it. Chinese, Japanese,
Thai, Lao, Khmer, Burmese and a few more scripts write words without spaces between them. There is
no dictionary here that could tell the words apart.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise

# Scripts that write words without spaces, as ranges of a character class. The classes of
# `tokenizers` (Oniguruma) and of Python's ``re`` are written differently, so these are code points.
_SPACELESS_RANGES = (
    *((0x0E00, 0x0E4F), (0x0E80, 0x0ECF), (0x0EDC, 0x0EDF)),  # Thai, Lao
    *((0x1000, 0x103F), (0x1050, 0x108F), (0x109A, 0x109F), (0xAA60, 0xAA7F), (0xA9E0, 0xA9EF)),
    *((0x1780, 0x17D3), (0x17D7, 0x17D7), (0x17DC, 0x17DD)),  # Khmer
    *((0x1950, 0x1974), (0x1980, 0x19C9), (0x1A20, 0x1A7E), (0xAA80, 0xAADD)),  # Tai scripts
    *((0x1B05, 0x1B4C), (0xA980, 0xA9C0)),  # Balinese, Javanese
    *((0x3041, 0x3096), (0x3099, 0x309F), (0x30A1, 0x30FA), (0x30FC, 0x30FF)),  # kana
    *((0x3105, 0x312F), (0x31A0, 0x31BF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)),
    *((0x1B000, 0x1B16F),),
)
# Chinese characters; each is a word of its own.
_HAN_RANGES = (
    *((0x3005, 0x3007), (0x3021, 0x3029), (0x2E80, 0x2FD5)),
    *((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)),
)
# They join letters within a word of Persian or of the scripts of India.
JOINERS = "\u200c\u200d"


def _class(ranges: tuple[tuple[int, int], ...]) -> str:
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


HAN, SPACELESS = _class(_HAN_RANGES), _class(_SPACELESS_RANGES)
_IS_HAN = re.compile(f"[{HAN}]")
_IS_SPACELESS = re.compile(f"[{HAN}{SPACELESS}]")
_PLAIN_WORD = re.compile(r"\w+")


def is_han(letter: str) -> bool:
    """Whether ``letter`` is a Chinese character."""
    return _IS_HAN.match(letter) is not None


def without_spaces(text: str) -> int:
    """How many letters of ``text`` belong to scripts that write words without spaces."""
    return 0 if text.isascii() else len(_IS_SPACELESS.findall(text))


def words(text: str) -> list[str]:
    """The words of ``text``, in order, with all their marks; punctuation is left out.

    Where a script has no spaces between words, every pair of neighbouring letters is a word, as
    search engines have it.
    """
    if text.isascii():
        return _PLAIN_WORD.findall(text)
    out = []
    for match in _word().finditer(unicodedata.normalize("NFC", text)):
        word = match.group()
        if _IS_SPACELESS.match(word) is None:
            out.append(word)
            continue
        parts = clusters(word)
        out += [a + b for a, b in pairwise(parts)] or parts
    return out


def clusters(word: str) -> list[str]:
    """``word`` cut into letters, each with the marks that belong to it."""
    return list(word) if word.isascii() else _cluster().findall(word)


def all_letters(word: str) -> bool:
    """Whether ``word`` consists of letters and their marks alone."""
    return word.isalpha() or (
        word[:1].isalpha()
        and all(one.isalpha() or unicodedata.category(one).startswith("M") for one in word)
    )


@cache
def _marks() -> str:
    """The character class of all marks. They lie in the first two planes, and in one block of the
    15th (selectors of variants)."""
    codes = [*range(0x300, 0x1F000), *range(0xE0100, 0xE01F0)]
    marks = [code for code in codes if unicodedata.category(chr(code)).startswith("M")]
    ranges: list[list[int]] = []
    for code in marks:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


@cache
def _word() -> re.Pattern[str]:
    """A run of letters without spaces, or a word as it stands between spaces and punctuation."""
    inside = f"{_marks()}{JOINERS}"
    run = f"(?:[{HAN}{SPACELESS}][{inside}]*)+"
    return re.compile(f"{run}|[^\\W{HAN}{SPACELESS}](?:[^\\W{HAN}{SPACELESS}]|[{inside}])*")


@cache
def _cluster() -> re.Pattern[str]:
    return re.compile(f".[{_marks()}{JOINERS}]*", re.DOTALL)
