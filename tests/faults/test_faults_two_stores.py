"""A home whose runs are in two places, and what the doctor says where it can mend nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from damaged_homes import small_home

from workbench import paths
from workbench.cli.main import workbench
from workbench.errors import DamageError, RequestError, StoreError
from workbench.jobs.supervisor import Supervisor
from workbench.store import postgres
from workbench.store.lookup import existing_store
from workbench.store.store import Store
from workbench.stored_runs import validation_predictions
from workbench.stored_runs.health import checkup
from workbench.stored_runs.stored_run import StoredRun

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def test_a_home_in_postgresql_is_refused_without_its_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = small_home(tmp_path / "place")
    home = tmp_path / "home"
    shutil.copytree(place.home / "runs", home / "runs")
    (home / "store.id").write_text("0" * 32)
    with pytest.raises(StoreError, match="are in PostgreSQL, and WORKBENCH_STORE is not set"):
        Store.open(home)
    with pytest.raises(RequestError, match="PostgreSQL"):
        existing_store(home)
    # The doctor must not make a second store for the same folders.
    assert "rebuild store" not in {finding.action for finding in checkup.check(home)}
    assert workbench.main(["doctor", "--home", str(home)]) == 1
    assert "remove" in capsys.readouterr().out
    assert not (home / "store.db").exists()


def test_a_home_with_a_store_of_its_own_is_refused_to_a_database(tmp_path: Path) -> None:
    Store.open(tmp_path)
    with pytest.raises(StoreError, match=r"in 'store\.db', and WORKBENCH_STORE is set"):
        postgres._check_no_other_store(tmp_path)
    (tmp_path / "store.db").unlink()
    postgres._check_no_other_store(tmp_path)


def test_the_doctor_says_what_to_do_about_a_database_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setenv("WORKBENCH_STORE", NOWHERE)
    assert workbench.main(["doctor", "--home", str(tmp_path / "home")]) == 1
    words = capsys.readouterr().out
    assert "Start the database's server, or correct its address in WORKBENCH_STORE." in words
    assert "Mend" not in words


@pytest.mark.parametrize(
    ("column", "number", "words"),
    [("truth", 99, "classes"), ("knn", -7, "classes"), ("row", 10**6, "samples")],
)
def test_predictions_of_classes_that_there_are_not_name_their_file(
    tmp_path: Path, column: str, number: int, words: str
) -> None:
    place = small_home(tmp_path / "place")
    row = Store.open(place.home).run(place.parts["contrastive"])
    run = StoredRun(place.home, row)
    assert validation_predictions.predictions(run) is not None
    path = run.files.predictions("validation")
    table = pq.read_table(path)
    values = np.array(table[column].to_pylist())
    values[0] = number
    at = table.column_names.index(column)
    pq.write_table(table.set_column(at, column, pa.array(values)), path)
    with pytest.raises(DamageError, match=f"'{path.name}' of run .* names {words} that"):
        validation_predictions.predictions(run)


def test_data_of_an_older_demo_home_are_trimmed_and_not_damaged(tmp_path: Path) -> None:
    shutil.copytree(paths.demo_home() / "data", tmp_path / "data")
    for path in tmp_path.glob("data/*/trimmed.json"):
        path.unlink()
    (tmp_path / "runs").mkdir()
    Store.open(tmp_path)
    assert checkup.check(tmp_path) == []


def test_a_round_of_the_supervisor_reads_the_live_runs_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(tmp_path)
    run_id = store.add_run({"task": "simclr", "data": {"source": "x"}}, digest="d")
    store.update(run_id, state="running", stop_requested=True)
    supervisor = Supervisor(tmp_path)
    monkeypatch.setattr(supervisor, "slots", [])
    reads: list[object] = []
    real = supervisor.store.runs

    def counted(**conditions: object) -> object:
        reads.append(json.dumps(conditions))
        return real(**conditions)  # type: ignore[arg-type]

    monkeypatch.setattr(supervisor.store, "runs", counted)
    # Stopped before it began: it is no longer live at the end of the round.
    assert supervisor.tick() is False
    assert len(reads) == 1
    assert store.run(run_id).state == "stopped"
