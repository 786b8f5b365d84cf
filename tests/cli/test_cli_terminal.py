"""The command at a terminal: Ctrl-C at any moment, and code pages that lack letters."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "workbench"]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("milliseconds", [60, 150, 250])
def test_ctrl_c_while_it_starts_gives_no_traceback(milliseconds: int, tmp_path: Path) -> None:
    # Python itself takes part of the time, and answers for what happens there.
    code = (
        "import sys; from workbench.cli.entry import main; sys.stdout.write('begun\\n');"
        " sys.stdout.flush(); sys.argv = ['workbench', 'runs', '--home', sys.argv[1]]; main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        # The first statements of the entry.
        time.sleep(0.02 + milliseconds / 1000)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=60)
    assert b"Traceback" not in words
    assert process.returncode in (0, 130)


@pytest.mark.parametrize("encoding", ["cp1252", "cp437"])
def test_a_code_page_that_lacks_letters_gives_no_traceback(encoding: str, tmp_path: Path) -> None:
    table = tmp_path / "мир.csv"
    rows = "".join(f"a text with number {n},{'猫犬'[n % 2]}\n" for n in range(40))
    table.write_text(f"text,label\n{rows}", "utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    found = subprocess.run(
        [*COMMAND, "data", table, "--home", tmp_path / "home"],
        env=environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert "\\u732b" in found.stdout.decode(encoding)
    missing = subprocess.run(
        [*COMMAND, "data", tmp_path / "нет.csv", "--home", tmp_path / "home"],
        env=environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert missing.returncode == 2
    assert b"Traceback" not in missing.stderr
