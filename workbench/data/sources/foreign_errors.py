"""The border at which errors of readers become ours: page, shell and notebook get the same words.

Sources read files through the system, pyarrow, zipfile and Python's own readers. Each of them has
errors of its own. A reader that knows more about an error raises a RequestError itself; what is
left is put into words here. Errors of our own code pass, so that faults stay visible.
"""

from __future__ import annotations

import csv
import errno
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

import pyarrow as pa

from workbench.data.listing import printable
from workbench.data.safety import limits
from workbench.data.wording import shortened
from workbench.errors import RequestError

_LONGEST = 80
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# What is wrong with a file by the number of the system's error, and what to do about it.
_OF_FILES = {
    errno.ENOENT: (
        "does not exist",
        "Put it there, or remove the link or the cell that names it.",
    ),
    errno.ENAMETOOLONG: (
        "is too long for the name of a file",
        "Choose another column with --image COLUMN, or --text COLUMN for texts.",
    ),
    errno.ELOOP: ("is a link that leads in a circle", "Remove the link, or give the file itself."),
    errno.EACCES: ("may not be read", "Allow this user to read it, or leave it out."),
    errno.EPERM: ("may not be read", "Allow this user to read it, or leave it out."),
}
# Message, field, remedy.
_Words = tuple[str, str, str]
_ZIP_ERRORS = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, EOFError)


class UnreadableSource(RequestError):  # noqa: N818  it is the source that is unreadable
    """A reader failed on the source with an error that no part of ours expected."""


@contextmanager
def in_words(source: str, home: Path | None = None) -> Iterator[None]:
    """Raise UnreadableSource for the errors of foreign readers inside the ``with`` block.

    source: as the user gives it. home: where the caches are written; an error of a file in it is
    about ``--home``.
    """
    try:
        with limits.clock():
            yield
    except (RequestError, BrokenPipeError):
        raise
    except (
        *_ZIP_ERRORS, OSError, pa.ArrowException, UnicodeError, RecursionError, MemoryError,
        csv.Error, ValueError, NotImplementedError, struct.error,
    ) as error:  # fmt: skip
        words = _words(error, source, home)
        if words is None:
            raise
        message, field, remedy = words
        raise UnreadableSource(message, field=field, remedy=remedy) from error


def _words(error: Exception, source: str, home: Path | None) -> _Words | None:
    """Message, field and remedy; None for an error of our own code."""
    name = _short(PurePath(source).name or source)
    if isinstance(error, MemoryError):
        return f"'{name}' is too large for the memory.", "--data", "Give --samples N."
    if isinstance(error, _ZIP_ERRORS):
        # The reason may quote bytes of the file.
        reason = first_line(error).partition(" and header b")[0]
        return f"'{name}' is a damaged zip ({reason}).", "--data", "Zip the folder again."
    # Errors of pyarrow are also errors of Python: they come before those.
    if isinstance(error, pa.ArrowException):
        message = f"the table '{name}' cannot be read ({first_line(error)})."
        return message, "--data", "Write it again with plain columns, such as text and label."
    if isinstance(error, OSError):
        return _system_words(error, name, home)
    if isinstance(error, RecursionError):
        message = f"a value in '{name}' is nested too deeply."
        return message, "--data", "Give plain columns, such as text and label."
    if isinstance(error, UnicodeEncodeError):
        message = f"in '{name}', '{_short(error.object)}' is no UTF-8."
        return message, "--data", "Rename the file or the folder, or save the text as UTF-8."
    if isinstance(error, UnicodeError):
        return f"'{name}' is no UTF-8 throughout.", "--data", "Save it as UTF-8."
    if isinstance(error, (NotImplementedError, struct.error)):
        message = f"'{name}' is damaged, or of a form that is not read ({first_line(error)})."
        return message, "--data", "Write it again in a common form."
    if isinstance(error, csv.Error):
        message = f"'{name}' is no table that can be read ({first_line(error)})."
        return message, "--data", "Save it again as CSV."
    if "null byte" in str(error) or "null character" in str(error):
        message = f"'{name}' names a file with a zero byte in its name."
        return message, "--data", "Remove the zero byte from the name."
    return None


def _system_words(error: OSError, name: str, home: Path | None) -> _Words:
    file = error.filename
    if error.errno in _FULL:
        remedy = "Free some space, or give a home on a larger disk with --home."
        return "the disk has no room for the prepared data.", "--home", remedy
    if isinstance(file, bytes):
        file = file.decode("utf-8", "surrogateescape")
    if file is None:
        reason = error.strerror or first_line(error)
        return f"'{name}' cannot be read ({reason}).", "--data", "Write it again, or remove it."
    if home is not None and Path(str(file)).is_relative_to(home):
        message = f"'{_short(str(file))}' cannot be written or read ({error.strerror})."
        return message, "--home", "Give a home that can be written, with --home."
    reason, remedy = _OF_FILES.get(
        error.errno or 0,
        (f"cannot be read ({error.strerror})", "Write it again, or remove it."),
    )
    return f"'{_short(PurePath(str(file)).name)}' {reason}.", "--data", remedy


def _short(text: str) -> str:
    return shortened(printable(text), _LONGEST)


def first_line(error: Exception) -> str:
    """The first line of a reader's own words, cut and free of control letters."""
    lines = str(error).splitlines()
    return _short(lines[0].rstrip(".")) if lines else type(error).__name__
