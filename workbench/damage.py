"""Damaged files of a home: noticing them, and errors that name the file and the remedy.

A file is damaged if it was cut off, overwritten or removed behind the workbench's back. What its
library then raises is foreign, and is turned into a DamageError here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from safetensors import SafetensorError

from workbench import paths
from workbench.errors import DamageError, WorkbenchError
from workbench.run_folder import CONFIG


class ContentError(ValueError):
    """What a file holds is not what it should hold. Its words are shown to people."""


# What json, numpy, pyarrow and safetensors raise on bytes that are not theirs. Arrow's own errors
# are subclasses of these.
_FOREIGN = (
    SafetensorError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    OverflowError,
    RecursionError,
    NotImplementedError,
)
_PARQUET = b"PAR1"
_LONGEST_HEADER = 100 << 20


def command(home: Path, words: str) -> str:
    """``workbench WORDS`` as it is typed for this home."""
    where = "" if home.resolve() == paths.default_home().resolve() else f' --home "{home}"'
    return f"workbench {words}{where}"


def repeat_command(home: Path, run_folder: Path) -> str:
    """The command that trains a run with the configuration in ``run_folder`` once more."""
    # Without --again, the equal run that is there would be given.
    return command(home, f'pretrain --again --config "{run_folder / CONFIG}"')


def error(path: Path, reason: str, *, remedy: str | None = None) -> DamageError:
    """The error for a damaged file of a run or of a prepared data set.

    path: ``HOME/runs/RUN/FILE`` or ``HOME/data/FINGERPRINT/FILE``. remedy: default the repair.
    """
    folder = path.parent
    kind = "run" if folder.parent.name == "runs" else "prepared data set"
    repair = command(folder.parent.parent, "doctor --repair")
    return DamageError(
        f"'{path.name}' of {kind} '{folder.name}' {reason}.",
        remedy=remedy or f"See what can be mended: {repair}",
    )


@contextmanager
def reading(path: Path, *, remedy: str | None = None) -> Iterator[None]:
    """Reads of ``path`` inside raise DamageError where the file is damaged or missing."""
    try:
        yield
    except (WorkbenchError, PermissionError):
        raise
    except FileNotFoundError as missing:
        raise error(path, "is missing", remedy=remedy) from missing
    except _FOREIGN as foreign:
        raise error(path, f"is damaged: {_reason(path, foreign)}", remedy=remedy) from foreign


def read_json(path: Path) -> dict[str, object]:
    """The JSON object in a file. Raises DamageError if it is none."""
    with reading(path):
        document = json.loads(path.read_text("utf-8"))
        if not isinstance(document, dict):
            raise ContentError("it is no JSON object")
        return document


def _reason(path: Path, foreign: Exception) -> str:
    if isinstance(foreign, ContentError):
        return str(foreign)
    if isinstance(foreign, OSError) and foreign.strerror:
        return f"it cannot be read ({foreign.strerror})"
    return fault(path) or "its content is not what it should be"


def fault(path: Path) -> str | None:
    """Why a file cannot be whole, from its size and its header or end; None if they fit.

    It knows ``.safetensors``, ``.npy``, ``.parquet`` and ``.json``; others are never at fault.
    """
    check = _CHECKS.get(path.suffix)
    if check is None:
        return None
    try:
        size = path.stat().st_size
        return "it is empty" if size == 0 else check(path, size)
    except FileNotFoundError:
        return "it is missing"
    except OSError as failed:
        return f"it cannot be read ({failed.strerror or failed})"


def _safetensors_fault(path: Path, size: int) -> str | None:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(size - 8, _LONGEST_HEADER):
            return "its header is cut off or overwritten"
        try:
            header = json.loads(file.read(length))
            ends = [int(v["data_offsets"][1]) for k, v in header.items() if k != "__metadata__"]
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return "its header is overwritten"
    return _size_fault(size, 8 + length + max(ends, default=0))


def _npy_fault(path: Path, size: int) -> str | None:
    with path.open("rb") as file:
        try:
            major, _ = np.lib.format.read_magic(file)
            read = (
                np.lib.format.read_array_header_1_0
                if major == 1
                else np.lib.format.read_array_header_2_0
            )
            shape, _, dtype = read(file)
        except (ValueError, TypeError, SyntaxError, EOFError):
            return "its header is overwritten"
        return _size_fault(size, file.tell() + int(np.prod(shape, dtype=np.int64)) * dtype.itemsize)


def _parquet_fault(path: Path, size: int) -> str | None:
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(max(0, size - 8))
        tail = file.read(8)
    if head != _PARQUET:
        return "its beginning is overwritten"
    if size < 12 or tail[4:] != _PARQUET:
        return "its end is missing"
    if int.from_bytes(tail[:4], "little") > size - 12:
        return "its end is overwritten"
    return None


def _json_fault(path: Path, size: int) -> str | None:
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return "it is no JSON"
    return None if isinstance(document, dict) else "it is no JSON object"


def _size_fault(size: int, expected: int) -> str | None:
    if size == expected:
        return None
    return f"it has {size:,} bytes of {expected:,}"


_CHECKS: dict[str, Callable[[Path, int], str | None]] = {
    ".safetensors": _safetensors_fault,
    ".npy": _npy_fault,
    ".parquet": _parquet_fault,
    ".json": _json_fault,
}
