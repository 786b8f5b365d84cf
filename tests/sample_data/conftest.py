"""The sample data as files, read without the workbench."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2] / "sample_data"


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def card_of() -> Callable[[str], dict[str, Any]]:
    @cache
    def read(name: str) -> dict[str, Any]:
        card: dict[str, Any] = json.loads((ROOT / name / "card.json").read_text("utf-8"))
        return card

    return read


@pytest.fixture(scope="session")
def columns_of() -> Callable[[str, str], dict[str, list[Any]]]:
    """Columns of one split; images as their PNG bytes."""

    @cache
    def read(name: str, split: str) -> dict[str, list[Any]]:
        columns: dict[str, list[Any]] = pq.read_table(ROOT / name / f"{split}.parquet").to_pydict()
        if "image" in columns:
            columns["image"] = [cell["bytes"] for cell in columns["image"]]
        return columns

    return read


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests of this folder run only when they are asked for: `pytest -m slow`."""
    if "slow" in config.getoption("markexpr"):
        return
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="slow: run by `pytest -m slow`"))
