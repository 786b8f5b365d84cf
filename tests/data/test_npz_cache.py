"""Arrays that are made once and kept in a data set's folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.data.corpus.npz_cache import load_or_make


def test_arrays_are_made_once_and_read_back_equal(tmp_path: Path) -> None:
    calls: list[int] = []

    def make() -> dict[str, np.ndarray]:
        calls.append(1)
        return {"table": np.arange(6).reshape(2, 3), "seconds": np.asarray(0.5)}

    first, second = (load_or_make(tmp_path / "table.npz", make) for _ in range(2))
    assert calls == [1]
    assert np.array_equal(first["table"], second["table"])
    assert float(second["seconds"]) == 0.5
    assert [path.name for path in tmp_path.iterdir()] == ["table.npz"]


@pytest.mark.parametrize("keep", [0, 3, 60])
def test_a_damaged_file_is_made_again(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "table.npz"
    load_or_make(path, lambda: {"table": np.arange(40)})
    path.write_bytes(path.read_bytes()[:keep])
    again = load_or_make(path, lambda: {"table": np.arange(41)})
    assert len(again["table"]) == 41
    assert len(load_or_make(path, dict)["table"]) == 41
