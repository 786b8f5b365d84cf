"""Sources of equal content: one cache, and each keeps its own name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from data_making import class_tree

from workbench import paths
from workbench.config import DataConfig
from workbench.data import library, prepare, uploads
from workbench.data.dataset import Dataset
from workbench.store.store import Store
from workbench.stored_runs.removal import data_removal
from workbench.stored_runs.stored_run import StoredRun


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Path, Path]:
    first = class_tree(tmp_path / "pets", {"cat": 6, "dog": 6})
    shutil.copytree(first, tmp_path / "animals")
    return first, tmp_path / "animals"


def test_two_folders_of_equal_content_share_a_cache_and_keep_their_names(
    home: Path, twins: tuple[Path, Path]
) -> None:
    first, second = (prepare(DataConfig(str(path)), home) for path in twins)
    assert first.folder == second.folder
    for data, path in zip((first, second), twins, strict=True):
        assert (data.info.name, data.info.title) == (path.name, path.name)
        assert data.info.source == str(path)
    # Whichever comes again, and in whatever order.
    for path in (*twins, *twins[::-1]):
        assert prepare(DataConfig(str(path)), home).info.title == path.name
    assert first.info.fingerprint == second.info.fingerprint
    assert first.ids == second.ids


def test_lists_have_each_of_them(home: Path, twins: tuple[Path, Path]) -> None:
    for path in twins:
        prepare(DataConfig(str(path)), home)
    listed = library.prepared_data(home)
    assert sorted(one.info.title for one in listed) == ["animals", "pets"]
    assert len({one.key for one in listed}) == 2
    for one in listed:
        assert one.config is not None
        assert Path(one.config.source).name == one.info.title
        assert prepare(one.config, home).info.title == one.info.title
        assert set(one.names) == {"animals", "pets"}
    assert set(library.prepared_sources(home).values()) == {"animals", "pets"}


@pytest.mark.parametrize("name", ["info.json", "request.json", "named-*.json"])
@pytest.mark.parametrize("content", ["", "{}", "[]", '{"source": 3}'])
def test_lists_leave_out_what_has_a_damaged_description(
    home: Path, twins: tuple[Path, Path], name: str, content: str
) -> None:
    for path in twins:
        data = prepare(DataConfig(str(path)), home)
    other = prepare(DataConfig(str(class_tree(home.parent / "other", {"a": 5, "b": 7}))), home)
    (damaged,) = data.folder.glob(name)
    damaged.write_text(content)
    assert [one.info.title for one in library.prepared_data(home)] == ["other"]
    assert library.prepared_sources(home) == {other.info.source: "other"}


def test_a_run_shows_the_name_of_its_own_source(home: Path, twins: tuple[Path, Path]) -> None:
    store = Store.open(home)
    for path in twins:
        data = prepare(DataConfig(str(path)), home)
        config = {"source": str(path), "fingerprint": data.info.fingerprint}
        run_id = store.add_run({"task": "simclr", "device": "cpu", "data": config}, digest="d")
        run = StoredRun(home, store.run(run_id))
        assert run.data is not None
        assert run.data.info.title == path.name


def test_a_source_that_is_gone_keeps_its_name(home: Path, twins: tuple[Path, Path]) -> None:
    fingerprint, _ = (prepare(DataConfig(str(path)), home).info.fingerprint for path in twins)
    for path in twins:
        shutil.rmtree(path)
        assert prepare(DataConfig(str(path), fingerprint=fingerprint), home).info.title == path.name


def test_a_card_names_all_copies(home: Path, tmp_path: Path) -> None:
    source = paths.sample_data_dir() / "digits"
    copy = tmp_path / "copy"
    shutil.copytree(source, copy)
    title = json.loads((source / "card.json").read_text("utf-8"))["title"]
    config = DataConfig(str(copy), samples=50)
    other = tmp_path / "other"
    shutil.copytree(copy, other)
    prepare(config, home)
    assert prepare(DataConfig(str(other), samples=50), home).info.title == title


def test_a_cache_that_cannot_be_written_keeps_its_first_name(
    home: Path, twins: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(DataConfig(str(twins[0])), home)

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert prepare(DataConfig(str(twins[1])), home).info.title == "pets"


def test_removing_the_data_removes_all_its_uploads_and_no_others(
    home: Path, twins: tuple[Path, Path]
) -> None:
    root = paths.uploads_dir(home)
    files = [
        (str(path.relative_to(twins[0])), path.read_bytes()) for path in twins[0].rglob("*.png")
    ]
    sources = [uploads.store(files, root), uploads.store(files[:6], root)]
    fingerprints = [prepare(DataConfig(str(path)), home).info.fingerprint for path in sources]
    data_removal.remove_data(home, fingerprints[0], files=True)
    assert not sources[0].exists()
    assert sources[1].exists()
    assert not Dataset.exists(paths.cache_dir(home) / fingerprints[0])
