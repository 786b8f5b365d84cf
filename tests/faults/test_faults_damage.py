"""A home with damaged files: every command and page names the file, and the doctor mends it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from damaged_homes import DAMAGE, SmallHome, small_home
from filelock import FileLock
from safetensors.numpy import load_file, save_file
from streamlit.testing.v1 import AppTest

from workbench import damage, paths
from workbench.app import settings
from workbench.cli.main import workbench
from workbench.config import DataConfig
from workbench.data import library, prepare
from workbench.errors import DamageError
from workbench.export.embeddings_table import embeddings_parquet
from workbench.jobs import launch
from workbench.plots import spectrum_figure
from workbench.store.rows import MapState
from workbench.store.store import Store
from workbench.stored_runs import neighbours
from workbench.stored_runs.feature_spaces import mapped_rows
from workbench.stored_runs.health import checkup
from workbench.stored_runs.map_files import read_map
from workbench.stored_runs.spectra import read_spectra
from workbench.stored_runs.stored_run import StoredRun
from workbench.training import checkpoint

_KEPT = Path(__file__).parents[1] / "homes" / "c494baf"
_PARTS = json.loads((_KEPT / "made.json").read_text("utf-8"))
_UNREAD = (".txt",)


def _files(part: str, checks: tuple[str, ...] = ("check_000010",)) -> list[str]:
    folder = _KEPT / "home" / "runs" / _PARTS[part]
    names = [path.name for path in sorted(folder.iterdir()) if path.suffix not in _UNREAD]
    return [name for name in names if not name.startswith("check_") or name[:12] in checks]


def _data_files(kind: str) -> list[str]:
    folder = _KEPT / "home" / "data" / _PARTS["fingerprints"][kind]
    return sorted(path.name for path in folder.iterdir() if path.is_file())


RUN_FILES = [(part, name) for part in ("contrastive", "words") for name in _files(part)]
DATA_FILES = [
    (part, name)
    for part, kind in (("contrastive", "pictures"), ("words", "texts"))
    for name in _data_files(kind)
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = small_home(tmp_path_factory.mktemp("small") / "place")
    # No supervisor may carry out what is only looked at.
    with FileLock(made.home / "supervisor.lock").acquire(timeout=5):
        yield made


@pytest.fixture
def small(kept: SmallHome) -> Iterator[SmallHome]:
    """The home of the module; its runs and data are put back after the test."""
    copy = kept.folder / "copy"
    for name in ("runs", "data"):
        shutil.copytree(kept.home / name, copy / name)
    yield kept
    for name in ("runs", "data"):
        shutil.rmtree(kept.home / name)
        (copy / name).rename(kept.home / name)
    shutil.rmtree(copy)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[SmallHome]:
    """A home of the test's own, whose store may be damaged."""
    made = small_home(tmp_path / "place")
    with FileLock(made.home / "supervisor.lock").acquire(timeout=5):
        yield made


def _commands(small: SmallHome, part: str) -> list[list[str]]:
    run_id, out = small.parts[part], small.folder / "out"
    return [
        ["runs"],
        ["show", run_id],
        ["compare", run_id, "--html", str(out.with_suffix(".html"))],
        ["export", run_id, "--to", str(out)],
    ]


def _answers(
    small: SmallHome, part: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> list[int]:
    """The exit statuses of the commands; one that fails names the file and what to do."""
    statuses = []
    for words in _commands(small, part):
        status = workbench.main([*words, "--home", str(small.home)])
        printed = capsys.readouterr().err
        statuses.append(status)
        assert status in (0, 1, 2), words
        if status:
            assert path.name in printed, (words, printed)
            assert len(printed.splitlines()) >= 2, printed
            assert "Traceback" not in printed
    return statuses


@pytest.mark.parametrize(("part", "name"), RUN_FILES, ids=str)
def test_a_damaged_file_of_a_run_is_named_by_every_command(
    small: SmallHome, part: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = small.run_folder(part) / name
    whole = path.read_bytes()
    for how in DAMAGE:
        path.write_bytes(whole)
        DAMAGE[how](path)
        if how != "removed":
            assert damage.fault(path) is not None, how
            assert any(one.path == path for one in checkup.check(small.home)), how
        if how in ("noise", "removed"):
            _answers(small, part, path, capsys)


@pytest.mark.parametrize(("part", "name"), DATA_FILES, ids=str)
def test_a_damaged_file_of_prepared_data_is_named_by_every_command(
    small: SmallHome, part: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = small.data_folder(part)
    path = folder / name
    whole = path.read_bytes()
    for how in DAMAGE:
        path.write_bytes(whole)
        DAMAGE[how](path)
        if how == "removed":
            continue
        # Data whose request alone is damaged stay in use.
        found = path if name == "request.json" else folder
        assert any(one.path == found for one in checkup.check(small.home)), how
    path.write_bytes(whole[: len(whole) // 2])
    _answers(small, part, path, capsys)


@pytest.mark.parametrize(
    ("page", "view", "name"),
    [
        ("inspect", "Training", "check_000010.safetensors"),
        ("inspect", "Samples", "map_pca.parquet"),
        ("inspect", "Samples", "embeddings.safetensors"),
        ("inspect", "Mistakes", "predictions_validation.parquet"),
        ("compare", "", "map_umap.parquet"),
        ("compare", "", "map.json"),
        ("runs", "", "map_umap.parquet"),
    ],
)
def test_a_page_shows_the_damaged_file_and_no_exception(
    small: SmallHome, page: str, view: str, name: str
) -> None:
    DAMAGE["half"](small.run_folder("contrastive") / name)
    run_id = small.parts["contrastive"]
    app = _page(small.home, page, run=run_id, runs=run_id, **({"look": view} if view else {}))
    shown = " ".join(error.value for error in app.error)
    assert not app.exception, app.exception
    assert page == "runs" or name.split(".")[0] in shown.replace("\\", "") or view == "Samples"


def _page(home: Path, page: str, **query: str) -> AppTest:
    settings.use(settings.AppSettings(home, host="127.0.0.1"))
    app = AppTest.from_file(str(Path(settings.__file__).with_name("entry.py")), default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(str(paths.pages_dir() / f"{page}.py"))
    app.run()
    settings.use(None)
    return app


_CONFIGS = {
    "no JSON": "{not json",
    "another type": '{"task": 3, "data": []}',
    "a list": "[1, 2]",
    "unknown field": '{"task": "simclr", "data": {"source": "x"}, "colour": 1}',
}


@pytest.mark.parametrize("column", ["config", "summary"])
@pytest.mark.parametrize("text", _CONFIGS.values(), ids=_CONFIGS)
def test_one_damaged_row_keeps_no_other_run_from_being_read(
    own: SmallHome, column: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = own.parts["contrastive"], own.parts["words"]
    _write_column(own.home, bad, column, text)
    for words in (["runs"], ["show", good], ["show", bad], ["compare", good, bad]):
        assert workbench.main([*words, "--home", str(own.home)]) == 0, words
    capsys.readouterr()
    assert workbench.main(["runs", "--json", "--home", str(own.home)]) == 0
    lines = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert lines[good]["damage"] is None
    store = Store.open(own.home)
    assert store.facets().data
    assert store.run(good).damage is None
    whole = column == "summary" and text.startswith('{"')
    assert (store.run(bad).damage is None) == whole


def test_a_run_of_an_unknown_task_is_listed_and_shown(own: SmallHome) -> None:
    run_id = own.parts["contrastive"]
    config = dict(Store.open(own.home).run(run_id).config) | {"task": "gone"}
    _write_column(own.home, run_id, "config", json.dumps(config))
    for words in (["runs"], ["show", run_id], ["compare", run_id]):
        assert workbench.main([*words, "--home", str(own.home)]) == 0, words


def _write_column(home: Path, run_id: str, column: str, text: str) -> None:
    file = sqlite3.connect(home / "store.db")
    file.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (text, run_id))
    file.commit()
    file.close()


def test_a_damaged_row_opens_no_closed_test_and_is_not_resumed(own: SmallHome) -> None:
    store, closed = Store.open(own.home), own.parts["words"]
    _write_column(own.home, closed, "config", "{not json")
    assert StoredRun(own.home, store.run(closed)).hides_test
    _write_column(own.home, own.parts["stopped"], "config", "{not json")
    with pytest.raises(DamageError, match="doctor --repair"):
        launch.resume(own.home, own.parts["stopped"])
    assert store.run(own.parts["stopped"]).state == "stopped"


def test_a_damaged_row_is_mended_from_the_folder_of_its_run(own: SmallHome) -> None:
    run_id = own.parts["contrastive"]
    before = Store.open(own.home).run(run_id)
    _write_column(own.home, run_id, "config", "{not json")
    assert _repaired(own) == 0
    after = Store.open(own.home).run(run_id)
    assert (after.config, after.damage, after.state) == (before.config, None, "finished")


def _repaired(own: SmallHome) -> int:
    """The doctor's exit status after a repair. The fixture has the lock that it would take."""
    from workbench.cli import doctor

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doctor, "_unused", nullcontext)
        return doctor.repair(own.home, ask=lambda question: True, say=lambda line: None)


def _overwrite_pages(path: Path, *numbers: int) -> None:
    raw = bytearray(path.read_bytes())
    for number in numbers:
        raw[number * 4096 : number * 4096 + 4096] = b"\xa5" * 4096
    path.write_bytes(raw)


_STORES: dict[str, Callable[[Path], None]] = {
    "zero length": lambda path: path.write_bytes(b""),
    "no database": lambda path: path.write_bytes(b"no database at all " * 4096),
    "first page": lambda path: _overwrite_pages(path, 0),
    "inner pages": lambda path: _overwrite_pages(path, 1, 2, 3),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:20000]),
}


@pytest.mark.parametrize("how", _STORES)
def test_a_damaged_store_is_status_1_with_the_remedy_and_is_rebuilt(
    own: SmallHome, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = sorted(own.parts.values())
    path = _closed_store(own.home)
    _STORES[how](path)
    _forget()
    assert workbench.main(["doctor", "--home", str(own.home)]) == 1
    assert "--repair" in capsys.readouterr().out
    status = workbench.main(["runs", "--home", str(own.home)])
    printed = capsys.readouterr().err
    assert status == 1, printed
    assert len(printed.splitlines()) == 1
    assert "doctor --repair" in printed
    _repaired(own)
    assert sorted(row.id for row in Store.open(own.home).runs()) == ids
    assert list((own.home / "damaged").glob("*/store.db"))
    assert workbench.main(["runs", "--home", str(own.home)]) == 0


def _closed_store(home: Path) -> Path:
    """The store without its log, so that all of it lies in one file."""
    _forget()
    file = sqlite3.connect(home / "store.db")
    file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.execute("PRAGMA journal_mode=DELETE")
    file.close()
    return home / "store.db"


def _forget() -> None:
    from workbench.store import database

    database.forget_connections()


def test_rows_on_pages_that_sqlite_does_not_reach_are_kept(own: SmallHome) -> None:
    """The scores of runs lie in their rows: a damaged first page must not lose them."""
    before = {row.id: row.summary for row in Store.open(own.home).runs()}
    points = Store.open(own.home).metrics(own.parts["contrastive"], max_points=10**6)
    _overwrite_pages(_closed_store(own.home), 0)
    _forget()
    _repaired(own)
    store = Store.open(own.home)
    after = {row.id: row.summary for row in store.runs()}
    assert {key for key in before if after[key].get("scores") == before[key].get("scores")}
    assert store.metrics(own.parts["contrastive"], max_points=10**6) == points


@pytest.mark.parametrize("how", ["half", "empty", "noise"])
def test_resume_looks_at_the_checkpoint_first_and_names_a_way_that_works(
    own: SmallHome, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = own.parts["stopped"]
    DAMAGE[how](own.run_folder("stopped") / "checkpoint.safetensors")
    assert workbench.main(["resume", run_id, "--home", str(own.home)]) == 1
    assert f"workbench resume {run_id} --from-start" in capsys.readouterr().err
    assert Store.open(own.home).run(run_id).state == "stopped"
    launch.resume(own.home, run_id, from_start=True)
    assert Store.open(own.home).run(run_id).state == "queued"
    assert not (own.run_folder("stopped") / "checkpoint.safetensors").exists()


def test_a_flipped_byte_of_a_checkpoint_is_noticed(tmp_path: Path) -> None:
    import torch

    from workbench.store.artifacts import FolderArtifacts

    module = torch.nn.Linear(8, 8)
    optimizer = torch.optim.AdamW(module.parameters())
    module(torch.ones(1, 8)).sum().backward()
    optimizer.step()
    artifacts = FolderArtifacts(tmp_path / "runs" / "one-abcdef")
    checkpoint.save(
        artifacts, module, optimizer, {}, checkpoint.Counters(step=3), checkpoint.Choices(4)
    )
    path = artifacts.path("checkpoint.safetensors")
    assert checkpoint.load(path, module, optimizer)[0].step == 3
    raw = bytearray(path.read_bytes())
    raw[-5] ^= 1
    path.write_bytes(raw)
    with pytest.raises(DamageError, match="were changed") as error:
        checkpoint.load(path, module, optimizer)
    assert "--from-start" in str(error.value)


@pytest.mark.parametrize("name", ["images.npy", "targets.parquet", "info.json"])
def test_damaged_data_are_prepared_again_aloud_if_their_source_is_there(
    home: Path, name: str
) -> None:
    before = prepare(DataConfig("sample:digits"), home)
    pixels, config = before.images[:50].copy(), DataConfig("sample:digits")
    DAMAGE["half"](before.folder / name)
    data = prepare(config, home)
    assert (data.images[:50] == pixels).all()
    assert any("Prepared again" in note and name in note for note in data.info.notes)
    assert checkup.check(home) == []


def test_damaged_data_without_their_source_say_what_is_missing(tmp_path: Path) -> None:
    source = tmp_path / "posts.csv"
    source.write_text("text\n" + "\n".join(f"a post number {n} here" for n in range(30)))
    data = prepare(DataConfig(str(source)), tmp_path / "home")
    config = DataConfig(str(source), fingerprint=data.info.fingerprint)
    DAMAGE["half"](data.folder / "tokens.npy")
    source.unlink()
    with pytest.raises(DamageError, match=r"tokens\.npy.*its source is gone"):
        prepare(config, tmp_path / "home")


def test_the_doctor_mends_files_and_keeps_what_it_cannot_make_again(own: SmallHome) -> None:
    folder = own.run_folder("contrastive")
    for name in ("map_pca.parquet", "map.json", "config.json", "thumbnails.npy"):
        DAMAGE["noise"](folder / name)
    DAMAGE["half"](folder / "predictions.parquet")
    shutil.rmtree(own.run_folder("words"))
    lost = own.home / "runs" / "simclr-zzzzzz"
    shutil.copytree(own.run_folder("stopped"), lost)
    assert len(checkup.check(own.home)) >= 7
    assert _repaired(own) == 0
    assert checkup.check(own.home) == []
    assert list((own.home / "damaged").glob("*/runs/*/predictions.parquet"))
    assert Store.open(own.home).run(lost.name).state == "failed"
    assert Store.open(own.home).run(own.parts["contrastive"]).map_state == "queued"


@pytest.mark.parametrize("state", ["failed", "running", "queued", "ready"])
def test_a_map_whose_representations_are_lost_is_given_up(own: SmallHome, state: MapState) -> None:
    run_id, store = own.parts["contrastive"], Store.open(own.home)
    store.move_map(run_id, ("ready",), state)
    DAMAGE["half"](own.run_folder("contrastive") / "embeddings.safetensors")
    if state == "ready":
        (own.run_folder("contrastive") / "map_umap.parquet").unlink()
    assert _repaired(own) == 0
    assert store.run(run_id).map_state == "none"
    assert store.queued_maps() == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", '{"task": 3}'),
        ("map.json", '{"pca": {"trustworthiness": "high"}}'),
        ("spectrum.json", '{"h": {"trained": ["a"]}}'),
    ],
)
def test_json_of_something_else_is_damage_of_a_run(own: SmallHome, name: str, text: str) -> None:
    path = own.run_folder("contrastive") / name
    path.write_text(text)
    assert [finding.path for finding in checkup.check(own.home)] == [path]
    assert _repaired(own) == 0


@pytest.mark.parametrize("value", [-1, 2**40])
@pytest.mark.parametrize("name", ["map_pca.parquet", "embeddings.safetensors"])
def test_rows_that_are_not_of_the_data_are_damage_of_a_map_and_of_representations(
    small: SmallHome, name: str, value: int
) -> None:
    path = small.run_folder("contrastive") / name
    run = StoredRun(small.home, Store.open(small.home).run(small.parts["contrastive"]))
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        rows = pa.array([value] * table.num_rows, pa.int64())
        pq.write_table(table.set_column(table.column_names.index("row"), "row", rows), path)
        reads: list[Callable[[], object]] = [lambda: read_map(run), lambda: mapped_rows(run)]
    else:
        arrays = load_file(str(path))
        arrays["index_train"] = np.full_like(arrays["index_train"], value)
        save_file(arrays, str(path))
        reads = [lambda: embeddings_parquet(run), lambda: neighbours.read(run)]
    for read in reads:
        with pytest.raises(DamageError, match="its rows are not of the run's data"):
            read()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_map_whose_points_lie_nowhere_is_damaged(small: SmallHome, value: float) -> None:
    path = small.run_folder("contrastive") / "map_pca.parquet"
    table = pq.read_table(path)
    column = pa.array([value] * table.num_rows, pa.float32())
    pq.write_table(table.set_column(table.column_names.index("x"), "x", column), path)
    run = StoredRun(small.home, Store.open(small.home).run(small.parts["contrastive"]))
    with pytest.raises(DamageError, match="points lie nowhere"):
        read_map(run)


def test_spectra_without_the_untrained_encoder_are_drawn(small: SmallHome) -> None:
    path = small.run_folder("contrastive") / "spectrum.json"
    document = json.loads(path.read_text("utf-8"))
    for space in ("h", "z"):
        document[space].pop("untrained", None)
    path.write_text(json.dumps(document))
    run = StoredRun(small.home, Store.open(small.home).run(small.parts["contrastive"]))
    spectra = read_spectra(run)
    assert spectra is not None
    assert len(spectrum_figure({"run": spectra}).data) == 2


def test_a_file_of_other_content_ends_in_our_own_words(small: SmallHome) -> None:
    """Safetensors without metadata where a checkpoint should be; a map without its columns."""
    path = small.run_folder("stopped") / "checkpoint.safetensors"
    save_file({"a": np.zeros(2, np.float32)}, str(path))
    with pytest.raises(DamageError, match="its content is not what it should be"):
        checkpoint.step_of(path)
    path = small.run_folder("contrastive") / "map_pca.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["x"]), path)
    run = StoredRun(small.home, Store.open(small.home).run(small.parts["contrastive"]))
    with pytest.raises(DamageError, match="its content is not what it should be"):
        read_map(run)


@pytest.mark.parametrize("name", ["request.json", "named-0123456789abcdef.json"])
@pytest.mark.parametrize("text", ['{"source": 3}', '{"other": 1}', "{not json"])
def test_a_damaged_request_is_moved_aside_and_the_data_stay(
    own: SmallHome, name: str, text: str
) -> None:
    folder = own.data_folder("words")
    (folder / name).write_text(text)
    assert [finding.path for finding in checkup.check(own.home)] == [folder / name]
    assert _repaired(own) == 0
    assert not (folder / name).exists()
    assert (folder / "texts.parquet").exists()
    assert folder.name in {one.info.fingerprint for one in library.prepared_data(own.home)}


def test_a_map_that_failed_is_put_into_the_queue_by_command(
    own: SmallHome, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id, store = own.parts["contrastive"], Store.open(own.home)
    store.merge_summary(run_id, {"map_tries": 2})
    store.move_map(run_id, ("ready",), "failed")
    assert workbench.main(["map", run_id, "--home", str(own.home)]) == 0
    row = store.run(run_id)
    assert (row.map_state, row.summary["map_tries"]) == ("queued", 0)
    assert workbench.main(["map", run_id, "--home", str(own.home)]) == 2
    assert "queued already" in capsys.readouterr().err
    assert workbench.main(["map", own.parts["stopped"], "--home", str(own.home)]) == 2


def test_a_map_that_failed_is_made_again_from_the_page(own: SmallHome) -> None:
    run_id, store = own.parts["contrastive"], Store.open(own.home)
    store.move_map(run_id, ("ready",), "failed")
    app = _page(own.home, "runs", run=run_id)
    assert not app.exception
    settings.use(settings.AppSettings(own.home, host="127.0.0.1"))
    next(button for button in app.button if button.label == "Make it again").click().run()
    settings.use(None)
    assert store.run(run_id).map_state == "queued"
