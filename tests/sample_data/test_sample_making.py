from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FILES = ("train.parquet", "validation.parquet", "test.parquet", "card.json")
# One process for several scripts: importing `datasets` takes longer than writing the texts.
RUN = """
import runpy, sys
folder, target, *names = sys.argv[1:]
sys.path.insert(0, folder)
for name in names:
    sys.argv = [name, "--to", f"{target}/{name}"]
    runpy.run_path(f"{folder}/make_{name}.py", run_name="__main__")
"""


@pytest.mark.parametrize(
    "names",
    [
        ("digits", "intents", "tickets"),
        pytest.param(("surfaces", "scans", "shapes"), marks=pytest.mark.slow),
    ],
    ids=",".join,
)
def test_making_a_set_again_gives_the_same_bytes(
    names: tuple[str, ...], root: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", RUN, str(root), str(tmp_path), *names]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    for name in names:
        for file in FILES:
            made, stored = tmp_path / name / file, root / name / file
            assert made.read_bytes() == stored.read_bytes(), f"{name}/{file}"
