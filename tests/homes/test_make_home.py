"""The present version can leave a home for later ones, too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from make_home import ROOT, open_home

import workbench as wb


@pytest.mark.slow
def test_a_home_of_the_present_version_is_made(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    script = Path(__file__).with_name("make_home.py")
    subprocess.run([sys.executable, str(script), str(kept)], check=True, timeout=1200)
    assert sum(path.stat().st_size for path in kept.rglob("*") if path.is_file()) < 3e6
    home, parts = open_home(kept, tmp_path / "opened")
    assert {run.id: run.status for run in wb.list_runs(home)} == {
        parts[name]: state for name, state in parts["states"].items()
    }
    assert ROOT not in (home / "runs" / parts["plugin"] / "config.json").read_text("utf-8")
