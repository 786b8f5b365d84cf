"""Homes of earlier versions, copied before anything is done with them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.cli.main import workbench

# Tests are imported by path, which leaves out the helpers beside them.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run a command that must succeed; its answer, read from JSON where ``--json`` is given."""

    def run(*words: object, status: int = 0) -> Any:
        ended = workbench.main([str(word) for word in words])
        told = capsys.readouterr()
        assert ended == status, told.err
        if status:
            return told.err
        return json.loads(told.out) if "--json" in words else told.out

    return run
