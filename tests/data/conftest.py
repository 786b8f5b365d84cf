"""A home of one's own for every test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# Tests are imported by path, which leaves out the helpers beside them.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder
