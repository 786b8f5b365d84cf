"""Homes for tests of real processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.jobs import supervisor


@pytest.fixture
def unattended(home: Path) -> Iterator[Path]:
    """A home whose supervisor is held off: runs are queued and nothing starts them."""
    with supervisor._lock(home).acquire(timeout=5):
        yield home
