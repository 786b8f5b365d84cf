"""Names of files in a zip: their encoding, and their separators.

A zip says of a name only whether it is UTF-8. Else it is in the code page of the machine that made
the zip, which is guessed once for all names: the reading wins whose letters look most like words.
"""

from __future__ import annotations

import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from functools import lru_cache

from workbench.data.listing import printable

_UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075
# Code pages with their names for people; the first of equally good ones is taken. Zips that say
# nothing are in cp437 by their standard.
_CODE_PAGES = {
    "utf-8": "UTF-8",
    "cp437": "cp437 (Western)",
    "cp1252": "cp1252 (Western)",
    "cp932": "cp932 (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "cp866": "cp866 (Cyrillic)",
    "cp1251": "cp1251 (Cyrillic)",
}
_EAST = ("cp932", "gb18030")
# Names that are looked at to choose a code page.
_MOST_LOOKED_AT = 5000


def names_of(members: Sequence[zipfile.ZipInfo]) -> tuple[list[str], tuple[str, ...]]:
    """The name of each member with slashes as separators, and notes on how they were read."""
    notes: list[str] = []
    raw = [_raw(info) for info in members]
    unknown = [name for name in raw if isinstance(name, bytes)]
    page = _code_page(unknown)
    if page not in ("utf-8", "cp437"):
        notes.append(_note("Names in the zip do not say their encoding", page, unknown))
    names = [_decoded(name, page) if isinstance(name, bytes) else name for name in raw]
    garbled = _garbled(names) if page == "utf-8" else None
    if garbled is not None:
        notes.append(_note("Names in the zip are garbled", garbled, []))
        names = [_again(name, garbled) for name in names]
    # Programs on Windows that write backslashes write no slashes.
    if any("\\" in name and "/" not in name for name in names):
        names = [name if "/" in name else name.replace("\\", "/") for name in names]
    return [printable(name) for name in names], tuple(notes)


def _raw(info: zipfile.ZipInfo) -> str | bytes:
    """The name as text if its encoding is known, else its bytes."""
    name = info.orig_filename.partition("\0")[0]
    if name.isascii() or info.flag_bits & _UTF8_FLAG:
        return name
    data = name.encode("cp437")
    return _unicode_path(info.extra, data) or data


def _unicode_path(extra: bytes, name: bytes) -> str | None:
    """The name in UTF-8 that some programs add, if it belongs to ``name``."""
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        data, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(data) > 5 and data[0] == 1:
            if struct.unpack("<L", data[1:5])[0] != zlib.crc32(name):
                return None
            try:
                return data[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
    return None


def _code_page(names: Sequence[bytes]) -> str:
    """The code page in which the names look most like words."""
    looked_at = {part for name in names[:_MOST_LOOKED_AT] for part in name.split(b"/")}
    best, least = "utf-8", None
    for page in _CODE_PAGES:
        try:
            faults = sum(_faults(part.decode(page)) for part in looked_at)
        except UnicodeDecodeError:
            continue
        # Letters that are UTF-8 by chance are rare.
        if page == "utf-8":
            return page
        if least is None or faults < least:
            best, least = page, faults
    return best


def _decoded(name: bytes, page: str) -> str:
    """The name in a code page; bytes that it does not know are kept as surrogates."""
    try:
        return name.decode(page)
    except UnicodeDecodeError:
        return name.decode("utf-8", "surrogateescape")


def _garbled(names: Sequence[str]) -> str | None:
    """The code page of names that a program took for cp437 and wrote as UTF-8; None if not so.

    All parts beyond ASCII have to look wrong as they are, and right in the code page.
    """
    parts = {p for name in names[:_MOST_LOOKED_AT] for p in name.split("/") if not p.isascii()}
    if not parts or not all(_faults(part) for part in parts):
        return None
    for page in _EAST:
        again = [_again(part, page) for part in parts]
        if all(a != part and not _faults(a) for a, part in zip(again, parts, strict=True)):
            return page
    return None


def _again(name: str, page: str) -> str:
    """A name that was decoded as cp437, decoded as ``page``; unchanged where that is impossible."""
    try:
        return name.encode("cp437").decode(page)
    except UnicodeError:
        return name


def _faults(part: str) -> int:
    """How much a name looks as if it were decoded wrongly; 0 for plain words."""
    faults = 0
    before, kind_before = "", ""
    for letter in part:
        kind = "" if letter.isascii() and not letter.isalpha() else _kind(letter)
        if kind == "wrong":
            faults += 2
        elif kind and kind_before and "wrong" not in (kind, kind_before):
            # Western words have accents one by one, and no capital after a small letter.
            beyond = not letter.isascii() and not before.isascii()
            capital = before.islower() and letter.isupper()
            plain = letter.isascii() and before.isascii()
            accents = kind == "LATIN" and beyond
            faults += kind != kind_before or accents or (capital and not plain)
        before, kind_before = letter, kind
    return faults


@lru_cache(maxsize=4096)
def _kind(letter: str) -> str:
    """The script of a letter, "wrong" for what names of files do not hold."""
    if letter.isascii():
        return "LATIN"
    script = unicodedata.name(letter, "wrong").partition(" ")[0]
    if script == "HALFWIDTH" or not (letter.isalnum() or unicodedata.combining(letter)):
        # Japanese names hold the long vowel mark, full-width signs and the middle dot.
        return "EAST" if letter in "ー・々〇（）［］　" else "wrong"
    if script in ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "FULLWIDTH", "IDEOGRAPHIC"):
        return "EAST"
    return script


def _note(what: str, page: str, names: Sequence[bytes]) -> str:
    example = next((_decoded(name, page) for name in names if not name.isascii()), "")
    shown = f", such as '{printable(example)}'" if example else ""
    return f"{what}; they were read as {_CODE_PAGES[page]}{shown}."
