"""Output of a process that goes on when its log takes nothing more.

A full disk, a closed pipe or a limit on files makes every write to a log raise OSError. That
happens inside error handlers too, and would end the process there.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from typing_extensions import Buffer


class _ForgivingFile(io.FileIO):
    """An open file of the system. What it does not take is dropped."""

    def write(self, data: Buffer, /) -> int:
        try:
            written = super().write(data)
        except OSError:
            written = None
        # A pipe that is full for the moment gives None, and the buffer above would raise.
        return memoryview(data).nbytes if written is None else written


def protect() -> None:
    """Replace sys.stdout and sys.stderr by streams whose write and flush never raise OSError.

    That covers print, warnings, logging and tracebacks. Streams in memory and missing ones stay.
    Call it first in a process, for loggers keep the stream that they find.
    """
    sys.stdout = _protected(sys.stdout)
    sys.stderr = _protected(sys.stderr)


def _protected(stream: TextIO | None) -> TextIO:
    if stream is None or stream.closed:
        # A process without a console has no streams, and print does nothing then.
        return stream  # type: ignore[return-value]
    try:
        number = stream.fileno()
        stream.flush()
    except io.UnsupportedOperation:
        return stream
    except OSError:
        # What it still keeps is lost. The next writes go past it.
        pass
    return io.TextIOWrapper(
        io.BufferedWriter(_ForgivingFile(number, "w", closefd=False)),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=True,
    )
