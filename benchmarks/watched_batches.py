"""Hostile inputs in child processes: one that crashes, hangs or fills the memory is counted.

A child runs a batch of inputs and answers after each. Its folder for temporary files, its working
folder and its user's folder are new and have to be empty at the end: nothing may be written beside
the home.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

MOST_SECONDS, MOST_BYTES = 10.0, 2**30
_WAIT = 60.0
_BATCH = 100
_UNITS = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Ending:
    """How one input ended. result: "read", "refused" or the fault. at_border: whether only the
    border for foreign errors put the refusal into words."""

    number: int
    result: str
    message: str
    seconds: float
    at_border: bool = False


# From the number of an input and a folder for it to result, message and whether it was at the
# border.
Check = Callable[[int, Path], tuple[str, str, bool]]


def run(check: Check, numbers: list[int], warm: Sequence[str] = ()) -> Iterator[Ending]:
    """Check the inputs, a batch in each child. check: importable by name, for children are new.
    warm: modules that a child imports first, so that no input's time has them."""
    context = multiprocessing.get_context("spawn")
    left = list(numbers)
    while left:
        batch = left[:_BATCH]
        with tempfile.TemporaryDirectory(prefix="watched-") as root:
            mine, theirs = context.Pipe()
            child = context.Process(target=_work, args=(check, batch, Path(root), theirs, warm))
            child.start()
            theirs.close()
            done = 0
            for ending in _answers(mine, child, batch):
                done += 1
                yield ending
            child.join(10)
            if child.is_alive():
                child.kill()
            left = left[done:]


def _answers(
    pipe: Connection, child: multiprocessing.process.BaseProcess, batch: list[int]
) -> Iterator[Ending]:
    for number in batch:
        began = time.monotonic()
        try:
            answer = pipe.recv() if pipe.poll(_WAIT) else None
        except EOFError:
            child.join(10)
            yield Ending(number, "crashed", f"exit status {child.exitcode}", 0.0)
            return
        if answer is None:
            child.kill()
            yield Ending(number, "hangs", "", time.monotonic() - began)
            return
        yield answer


def _work(
    check: Check, batch: list[int], root: Path, pipe: Connection, warm: Sequence[str]
) -> None:
    outside = [root / name for name in ("temporary", "working", "user")]
    for folder in outside:
        folder.mkdir()
    os.environ |= {"TMPDIR": str(outside[0]), "HOME": str(outside[2])}
    tempfile.tempdir = None
    os.chdir(outside[1])
    for name in warm:
        importlib.import_module(name)
    for number in batch:
        # Each input of a child adds to its peak, so that the first one beyond the limit is named.
        before = _peak()
        began = time.monotonic()
        folder = root / str(number)
        folder.mkdir()
        result, message, at_border = check(number, folder)
        seconds = time.monotonic() - began
        written = [path.name for where in outside for path in where.rglob("*")]
        if seconds > MOST_SECONDS:
            result, message = "too slow", f"{seconds:.1f} s; {message}"
        elif before <= MOST_BYTES < _peak():
            result, message = "too much memory", f"{_peak():,} bytes; {message}"
        elif written:
            result, message = "written outside the home", ", ".join(written[:5])
        pipe.send(Ending(number, result, message, seconds, at_border))
    pipe.close()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNITS
