"""Whose embeddings a stored check holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.training import check_sample


def info(train: int, validation: int) -> DataInfo:
    counts = {"train": train, "validation": validation}
    return DataInfo("x", "X", "x", "fb1db20a6104c4a5", "image", counts)


def test_the_draw_never_changes_for_files_are_read_by_it() -> None:
    assert check_sample.rows(info(10, 8), 3).tolist() == [13, 15, 16]
    assert check_sample.split_of(info(10, 1)) == "train"
    assert check_sample.rows(info(6, 1), 6).tolist() == [0, 1, 2, 3, 4, 5]


def test_rows_are_of_the_checked_split_and_each_once() -> None:
    rows = check_sample.rows(info(100, 50), 20)
    assert len(np.unique(rows)) == 20
    assert rows.min() >= 100
    assert rows.max() < 150
    assert (np.diff(rows) > 0).all()


@pytest.mark.parametrize("count", [0, 9])
def test_a_check_of_other_data_is_refused(count: int) -> None:
    with pytest.raises(RequestError, match="not of these data"):
        check_sample.rows(info(10, 8), count)


def test_a_run_stored_the_embeddings_of_just_these_samples(finished_home: Path) -> None:
    """The encoder of a finished run gives its last check back for these rows, and for no others."""
    from workbench.export.encoder import load_parts
    from workbench.store.store import Store
    from workbench.stored_runs import stored_run
    from workbench.training.device import choose
    from workbench.training.encode import encode_rows

    run_id = Store.open(finished_home).runs()[0].id
    encoder, _, data = load_parts(stored_run.get(finished_home, run_id))
    last = max((finished_home / "runs" / run_id).glob("check_*.safetensors"))
    stored = load_file(str(last))["h"].astype(np.float32)
    placement = choose("cpu", "fp32", "conv", None)
    rows = check_sample.rows(data.info, len(stored))
    found = encode_rows(encoder, data, rows, placement)
    off = np.linalg.norm(found - stored, axis=1) / np.linalg.norm(stored, axis=1)
    assert off.max() < 0.02
    drifted = encode_rows(encoder, data, rows[::-1].copy(), placement)
    assert np.linalg.norm(drifted - stored, axis=1).mean() > 10 * off.max()
