"""The encoding of a text file.

A file that is UTF-8 but for a few bytes stays UTF-8: those bytes are counted and replaced. Only a
file whose lines are no UTF-8 is read in another code page.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.data.safety import limits, regular_files
from workbench.errors import RequestError

_SAMPLE = 1 << 18
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a mark at its beginning"),
    # The mark of UTF-16 is the beginning of that of UTF-32.
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
# The first bytes of files that are no texts, whatever their name says.
_NO_TEXTS = (
    (b"PK\x03\x04", "a zip or Excel file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF file"),
    (b"SQLite format 3", "a database"),
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
# In other code pages next to no line that leaves ASCII happens to be UTF-8 as a whole, and bytes
# that happen to form a character of UTF-8 are fewer than those that do not.
_UTF8_LINES = 0.1
_UTF8_CHARACTERS = 2.0
# More bytes than this share that cannot be decoded, or are 0: the file is no text of this encoding.
_MOST_BAD = 0.01
_REPLACED = "\ufffd"


@dataclass(frozen=True)
class Encoding:
    """codec: its name in Python. words: its name for people. bad: how many places of the file it
    cannot decode; they read U+FFFD. zeros: how many bytes are 0; they are left out. bad_line: the
    line of the first such place or byte, counted from 1."""

    codec: str
    words: str
    bad: int = 0
    zeros: int = 0
    bad_line: int | None = None

    def notes(self, name: str) -> tuple[str, ...]:
        """What was replaced and left out in the file ``name``."""
        notes = []
        if self.bad:
            notes.append(
                f"'{name}' has {self.bad:,} places that are no {self.words} "
                f"(the first in line {self.bad_line}); each reads '{_REPLACED}'."
            )
        if self.zeros:
            notes.append(
                f"'{name}' has {self.zeros:,} zero bytes "
                f"(the first in line {self.bad_line}); they were left out."
            )
        return tuple(notes)


def detect(path: Path) -> Encoding:
    """The encoding of ``path``. Raises RequestError if it is not recognised."""
    return read_text(path)[1]


def read_text(path: Path, most: int | None = None) -> tuple[str, Encoding]:
    """The text of ``path`` and its encoding; line ends are as they are in the file.

    most: bytes to read, None for all; what is cut in the middle of a line is left out then. Raises
    RequestError if the encoding is not recognised.
    """
    regular_files.check(path)
    if most is None:
        size = path.stat().st_size
        limits.check("text_file_bytes", size, f"'{path.name}' has {size:,} bytes")
    with path.open("rb") as file:
        data = file.read() if most is None else file.read(most)
        cut = most is not None and bool(file.read(1))
    for mark, what in _NO_TEXTS:
        if data.startswith(mark):
            raise RequestError(
                f"'{path.name}' is {what} and no text.",
                field="--data",
                remedy="Save its table as CSV in UTF-8.",
            )
    encoding = _recognised(data, path)
    zeros = 0
    if encoding.codec in ("utf-8", "utf-8-sig") and b"\0" in data:
        # A crash can leave a block of zeros at the end of a file.
        zeros = data.count(b"\0")
        encoding = replace(encoding, zeros=zeros, bad_line=_line_of(data, data.index(b"\0")))
        data = data.replace(b"\0", b"")
    decoder = codecs.getincrementaldecoder(encoding.codec)(errors="replace")
    text = decoder.decode(data, final=not cut)
    if cut:
        text = text[: 1 + max(text.rfind("\n"), text.rfind("\r"))] or text
    return text, _counted(encoding, text, data, path, cut)


def _counted(encoding: Encoding, text: str, data: bytes, path: Path, cut: bool) -> Encoding:
    """``encoding`` with the number of places that it cannot decode. Raises RequestError if they are
    too many."""
    bad = text.count(_REPLACED)
    if not bad:
        return encoding
    utf8 = encoding.codec in ("utf-8", "utf-8-sig")
    own = data.count(_REPLACED.encode()) if utf8 else 0
    bad = max(0, bad - own)
    if not utf8 and bad > max(1, _MOST_BAD * len(text)):
        raise _unknown(path)
    if not bad:
        return encoding
    try:
        codecs.getincrementaldecoder(encoding.codec)().decode(data, final=not cut)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding.codec, "replace")
        line = 1 + max(before.count("\n"), before.count("\r"))
        return replace(encoding, bad=bad, bad_line=min(line, encoding.bad_line or line))
    return encoding


def _recognised(data: bytes, path: Path) -> Encoding:
    """The encoding of ``data``. Raises RequestError."""
    for mark, codec, words in _MARKS:
        if data.startswith(mark):
            return Encoding(codec, words)
    wide = _wide(data[:_SAMPLE])
    if wide is not None:
        return wide
    if _is_utf8(data):
        within = data.rstrip(b"\0")
        if within.count(b"\0") <= _MOST_BAD * len(within):
            return Encoding("utf-8", "UTF-8")
    if b"\0" in data:
        raise _unknown(path)
    return _code_page(path, _beyond_ascii(data))


def _wide(head: bytes) -> Encoding | None:
    """UTF-16 without a byte order mark: in most texts every other byte is 0. None if it is not."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < 0.2 * len(head) / 2 or min(even, odd) > 0.1 * max(even, odd):
        return None
    codec = "utf-16-le" if odd > even else "utf-16-be"
    return Encoding(codec, "UTF-16")


def _is_utf8(data: bytes) -> bool:
    """Whether ``data`` is UTF-8, but for a few bytes."""
    try:
        data.decode()
    except UnicodeDecodeError:
        pass
    else:
        return True
    good = bad = characters = broken = 0
    for line in data.replace(b"\r", b"\n").split(b"\n"):
        if line.isascii():
            continue
        text = line.decode("utf-8", "replace")
        replaced = text.count(_REPLACED)
        good, bad = good + (not replaced), bad + bool(replaced)
        broken += replaced
        characters += sum(letter > "\x7f" for letter in text) - replaced
    return good >= max(1, _UTF8_LINES * bad) or characters >= _UTF8_CHARACTERS * broken


def _code_page(path: Path, head: bytes) -> Encoding:
    if _is_western(head.decode("cp1252", "replace")):
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


def _beyond_ascii(data: bytes) -> bytes:
    """The block of ``data`` with the first byte beyond ASCII; the last one if there is none."""
    block = b""
    for start in range(0, len(data), _SAMPLE):
        block = data[start : start + _SAMPLE]
        if not block.isascii():
            break
    return block


def _readable(text: str) -> bool:
    """Whether ``text`` holds no control characters except white space."""
    return not any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text)


def _line_of(data: bytes, place: int) -> int:
    """The line of a byte, counted from 1."""
    return 1 + max(data.count(b"\n", 0, place), data.count(b"\r", 0, place))


def _unknown(path: Path) -> RequestError:
    return RequestError(
        f"the encoding of '{path.name}' cannot be recognised.",
        field="--data",
        remedy="Save it as UTF-8.",
    )
