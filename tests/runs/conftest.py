"""Homes for tests of real processes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.runs import supervisor

# Tests are imported by path, which leaves out the helpers beside them.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def unattended(home: Path) -> Iterator[Path]:
    """A home whose supervisor is held off: runs are queued and nothing starts them."""
    with supervisor._lock(home).acquire(timeout=5):
        yield home
