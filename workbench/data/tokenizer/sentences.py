"""A simple sentence splitter.

A sentence ends at ``.``, ``!``, ``?`` or ``…`` (with closing quotes and brackets) before white
space and a character that can begin a sentence, unless the full stop belongs to an abbreviation or
an initial; at the full-width marks of Chinese and Japanese, the danda of Hindi and its relatives,
and the full stops and question marks of Arabic, Urdu, Armenian, Ethiopic, Khmer and Burmese; and at
a blank line.
"""

from __future__ import annotations

import re

_OWN_MARKS = "。！？।॥؟۔։።፧។៕။"
_END = re.compile(
    r"[.!?…]+[\"'”’»)\]]*\s+(?=[\"'“‘«(\[¿¡]*[^\W_a-zß-öø-ÿа-џ])"
    rf"|[{_OWN_MARKS}]+|\n\s*\n\s*"
)
_LAST_WORD = re.compile(r"(\S+?)[.!?…]+[\"'”’»)\]]*\s*$")
_ABBREVIATIONS = frozenset(
    (
        *("mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "etc", "e.g", "i.e", "cf"),
        *("fig", "figs", "eq", "no", "nos", "vol", "pp", "al", "approx", "inc", "ltd", "co"),
        *("dept", "est", "u.s", "u.k", "a.m", "p.m", "jan", "feb", "mar", "apr", "jun", "jul"),
        *("aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat"),
        *("sun", "bzw", "z.b", "d.h", "usw", "ca", "nr", "bspw"),
    )
)


def starts(text: str) -> list[int]:
    """Positions in ``text`` at which sentences begin, ascending; the first is 0."""
    positions = [0]
    for match in _END.finditer(text):
        mark = match.group().lstrip()
        if mark.startswith(".") and not mark.startswith("..") and _abbreviates(text, match):
            continue
        if match.end() < len(text):
            positions.append(match.end())
    return positions


def _abbreviates(text: str, match: re.Match[str]) -> bool:
    word = _LAST_WORD.search(text, max(0, match.start() - 20), match.end())
    if word is None:
        return False
    stem = word.group(1).lstrip("\"'“‘«([").lower()
    return stem in _ABBREVIATIONS or (len(stem) == 1 and stem.isalpha() and stem != "i")
