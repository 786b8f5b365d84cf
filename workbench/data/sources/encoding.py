"""The encoding of a text file."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import RequestError

_HEAD = 1 << 18
_BLOCK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a mark at its beginning"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
# Letters of Western texts beyond ASCII. Files of other code pages often decode as cp1252 too, so
# the decoded letters decide whether a text is Western.
_WESTERN = frozenset(
    "äöüßÄÖÜàâæçéèêëîïíìñóòôœùúûÿáåøãõÀÂÆÇÉÈÊËÎÏÍÌÑÓÒÔŒÙÚÛŸÁÅØÃÕ"
    "–—“”„‘’‚…€£¥¢°«»‹›¿¡·•§©®™´`¨½¼¾²×±†\xa0\xad"
)
_WESTERN_SHARE = 0.95
# Western words have single letters beyond ASCII; Greek or Cyrillic words consist of them.
_FOREIGN_RUN = re.compile(r"[^\W\d_a-zA-Z]{3,}")
_RUN_SHARE = 0.1


@dataclass(frozen=True)
class Encoding:
    """codec: its name in Python. words: its name for people."""

    codec: str
    words: str


def detect(path: Path) -> Encoding:
    """The encoding of ``path``. Raises RequestError if it is not recognised."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for mark, codec, words in _BOMS:
        if head.startswith(mark):
            return _verified(path, Encoding(codec, words))
    wide = _wide(head)
    if wide is not None:
        return _verified(path, wide)
    if b"\0" in head:
        raise _unknown(path)
    if _decodes(path, "utf-8"):
        return Encoding("utf-8", "UTF-8")
    head = _beyond_ascii(path)
    return _verified(path, _code_page(path, head))


def _wide(head: bytes) -> Encoding | None:
    """UTF-16 without a byte order mark: in most texts every other byte is 0. None if it is not."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < 0.2 * len(head) / 2 or min(even, odd) > 0.1 * max(even, odd):
        return None
    codec = "utf-16-le" if odd > even else "utf-16-be"
    return Encoding(codec, "UTF-16")


def _code_page(path: Path, head: bytes) -> Encoding:
    try:
        text = head.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if _is_western(text):
        return Encoding("cp1252", "Windows-1252 (Western European)")
    from charset_normalizer import from_bytes

    best = from_bytes(head).best()
    if best is None or best.encoding in ("ascii", "utf_8"):
        raise _unknown(path)
    return Encoding(best.encoding, best.encoding)


def _is_western(text: str) -> bool:
    """Whether nearly all letters beyond ASCII are Western ones, and seldom follow each other."""
    foreign = [letter for letter in text if ord(letter) > 127]
    western = sum(letter in _WESTERN for letter in foreign)
    runs = sum(map(len, _FOREIGN_RUN.findall(text)))
    usual = western >= _WESTERN_SHARE * len(foreign) and runs <= _RUN_SHARE * len(foreign)
    return bool(foreign) and usual and _readable(text)


def _beyond_ascii(path: Path) -> bytes:
    """The block of the file with the first byte beyond ASCII; the last one if there is none."""
    with path.open("rb") as file:
        block = file.read(_HEAD)
        while block.isascii():
            following = file.read(_HEAD)
            if not following:
                break
            block = following
    return block


def _readable(text: str) -> bool:
    """Whether ``text`` holds no control characters except white space."""
    return not any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text)


def _verified(path: Path, encoding: Encoding) -> Encoding:
    """``encoding``, if the whole file can be decoded by it. Raises RequestError."""
    if not _decodes(path, encoding.codec):
        raise _unknown(path)
    return encoding


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _unknown(path: Path) -> RequestError:
    return RequestError(
        f"the encoding of '{path.name}' cannot be recognised.",
        field="--data",
        remedy="Save it as UTF-8.",
    )
