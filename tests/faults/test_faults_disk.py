"""Disks that are full for supervisor, worker, engine and app; real ones where mounting works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WRITES = """
import logging, sys, traceback, warnings
from workbench.jobs import log_output
log_output.protect()
print("x" * 100_000)
sys.stdout.flush()
sys.stderr.write("y" * 100_000)
warnings.warn("a warning")
logging.getLogger("a").error("an error")
try:
    raise OSError(28, "No space left on device")
except OSError:
    traceback.print_exc()
sys.stdout.buffer.write(b"z")
open(sys.argv[1], "w").write("went on")
"""


def takes_nothing(kind: str, tmp_path: Path) -> int:
    """The number of an open file whose writes fail."""
    if kind == "a full disk":
        return os.open("/dev/full", os.O_WRONLY)
    if kind == "a closed pipe":
        reader, writer = os.pipe()
        os.close(reader)
        return writer
    path = tmp_path / "read-only"
    path.touch()
    return os.open(path, os.O_RDONLY)


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full")
@pytest.mark.parametrize("kind", ["a full disk", "a closed pipe", "a file that is read-only"])
def test_a_log_that_takes_nothing_ends_no_process(tmp_path: Path, kind: str) -> None:
    log = takes_nothing(kind, tmp_path)
    try:
        done = subprocess.run(
            [sys.executable, "-c", WRITES, str(tmp_path / "end")],
            stdout=log,
            stderr=log,
            check=False,
        )
    finally:
        os.close(log)
    assert done.returncode == 0
    assert (tmp_path / "end").read_text() == "went on"


@pytest.mark.parametrize(
    "module", ["jobs/supervisor", "jobs/worker", "engine/server", "app/server"]
)
def test_every_process_protects_its_log_first(module: str) -> None:
    import workbench

    text = (Path(workbench.__file__).parent / f"{module}.py").read_text("utf-8")
    assert "log_output.protect()" in text
