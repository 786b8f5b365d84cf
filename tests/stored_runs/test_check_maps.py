"""The maps of a run's checks: made once, kept beside it, and made anew when checks change."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from run_making import copy_home
from safetensors.numpy import load_file, save_file

from workbench.store.store import Store
from workbench.stored_runs import check_maps
from workbench.stored_runs.stored_run import StoredRun


@pytest.fixture(scope="module")
def run(finished_home: Path, tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    """The run of the task simclr, in a home that may be written to."""
    home = copy_home(finished_home, tmp_path_factory.mktemp("checks") / "home")
    rows = Store.open(home).runs()
    return StoredRun(home, next(row for row in rows if row.config["task"] == "simclr"))


def test_maps_are_made_once_and_anew_when_checks_have_changed(run: StoredRun) -> None:
    checks = run.files.checks()
    first = check_maps.of_run(run)
    assert first.steps.tolist() == [step for step, _ in checks]
    assert first.xy.shape[:2] == (len(checks), len(load_file(str(checks[0][1]))["h"]))
    kept = run.files.frames("h")
    made = kept.stat().st_mtime_ns
    again = check_maps.of_run(run)
    for name, array in dataclasses.asdict(first).items():
        assert np.array_equal(array, getattr(again, name))
    assert kept.stat().st_mtime_ns == made

    changed = load_file(str(checks[-1][1]))
    changed["h"] = changed["h"][::-1].copy()
    save_file(changed, str(checks[-1][1]))
    assert check_maps.read(run.files, "h") is None
    other = check_maps.of_run(run)
    assert not np.allclose(other.xy[-1], first.xy[-1])
    assert kept.stat().st_mtime_ns != made


def test_projections_have_maps_of_their_own(run: StoredRun) -> None:
    h, z = (check_maps.of_run(run, space) for space in "hz")
    assert not np.allclose(h.xy, z.xy)


def test_a_run_that_goes_on_and_a_home_that_is_only_read_keep_nothing(run: StoredRun) -> None:
    kept = run.files.frames("z")
    kept.unlink(missing_ok=True)
    live = dataclasses.replace(run, row=dataclasses.replace(run.row, state="running"))
    for one in (live, dataclasses.replace(run, demo=True)):
        assert len(check_maps.of_run(one, "z").steps)
        assert not kept.exists()
