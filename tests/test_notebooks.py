"""Every notebook runs from top to bottom, as a reader runs it."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from process_ending import end_processes
from run_making import copy_home

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_is_stored_without_output(
    path: Path, finished_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Runs of the digits were scored there: the baselines that the cells ask for lie on the shelf.
    home = copy_home(finished_home, tmp_path / "home")
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs for cell in code), "clear the outputs before storing"
    monkeypatch.setenv("WORKBENCH_HOME", str(home))
    # Fewer steps than a reader takes: what is tested is that every cell works.
    shortened = [re.subn(r"(?m)^STEPS = \d+$", "STEPS = 3", cell.source) for cell in code]
    assert sum(count for _, count in shortened) == 1
    for cell, (source, _) in zip(code, shortened, strict=True):
        cell.source = source
    try:
        NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    finally:
        end_processes(home)
    shown = [output for cell in code for output in cell.outputs]
    figures = [o for o in shown if "application/vnd.plotly.v1+json" in o.get("data", {})]
    assert len(figures) == 2
    assert not [o for o in shown if o.output_type == "error"]
