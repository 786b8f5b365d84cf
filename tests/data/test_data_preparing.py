"""From a configuration to an opened cache: sample data, fingerprints, locks, refusals."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from data_making import class_tree, encoded, noise, put

from workbench import paths
from workbench.config import DataConfig
from workbench.data import cache, fingerprint, prepare
from workbench.data.dataset import DataInfo, Dataset
from workbench.errors import RequestError


def test_importing_the_room_and_opening_a_cache_needs_no_heavy_package(home: Path) -> None:
    prepare(DataConfig("sample:digits"), home)
    code = (
        "import sys\nfrom pathlib import Path\nimport workbench.data as d\n"
        "from workbench.config import DataConfig\n"
        f"d.prepare(DataConfig('sample:digits'), Path({str(home)!r}))\n"
        "print([m for m in ('torch', 'sklearn', 'datasets', 'tokenizers', 'PIL') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_digits_come_with_their_splits_classes_and_pixels(home: Path) -> None:
    reports: list[tuple[str, float]] = []
    data = prepare(DataConfig("sample:digits"), home, lambda *report: reports.append(report))
    info = data.info
    assert dict(info.counts) == {"train": 719, "validation": 359, "test": 719}
    assert (info.modality, info.size, info.channels) == ("image", (8, 8), 1)
    assert info.label is not None
    assert info.label.classes == tuple("0123456789")
    assert data.images.shape == (1797, 1, 8, 8)
    assert data.images.dtype == np.uint8
    train = np.asarray(data.images[data.rows("train")]) / 255
    assert info.mean == pytest.approx((train.mean(),), abs=1e-6)
    assert info.std == pytest.approx((train.std(),), abs=1e-6)
    assert reports[-1] == ("reading", 1.0)
    assert [share for _, share in reports] == sorted(share for _, share in reports)


def test_factors_and_the_class_of_normals_come_from_the_sample_itself(home: Path) -> None:
    shapes = prepare(DataConfig("sample:shapes", samples=300), home).info
    assert {t.name for t in shapes.targets if t.role == "factor"} >= {"colour", "texture"}
    surfaces = prepare(DataConfig("sample:surfaces", samples=300), home)
    assert surfaces.info.normal == "normal"
    labels = surfaces.target("label")
    assert set(labels[surfaces.rows("train")]) == {0}
    assert len(set(labels[surfaces.rows("test")])) > 1


def test_an_unknown_sample_is_refused_with_the_nearest_name(home: Path) -> None:
    with pytest.raises(RequestError, match=r"unknown sample data set 'digit'") as caught:
        prepare(DataConfig("sample:digit"), home)
    assert caught.value.field == "--data"
    assert "digits" in str(caught.value.remedy)


def test_a_missing_path_is_refused_with_the_nearest_names(home: Path, tmp_path: Path) -> None:
    (tmp_path / "flowers").mkdir()
    with pytest.raises(RequestError, match="there is no") as caught:
        prepare(DataConfig(str(tmp_path / "flower")), home)
    assert str(tmp_path / "flowers") in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"folders": "classes"}, "--folders"),
        ({"size": 2}, "--size"),
        ({"samples": 1}, "--samples"),
        ({"length": 1}, "--length"),
        ({"channels": (0, 0)}, "--channels"),
        ({"channels": ()}, "--channels"),
    ],
)
def test_an_option_out_of_range_is_refused(home: Path, change: dict, field: str) -> None:
    with pytest.raises(RequestError) as caught:
        prepare(DataConfig("sample:digits", **change), home)
    assert caught.value.field == field


def test_an_empty_folder_is_refused_and_leaves_nothing(home: Path, source: Path) -> None:
    with pytest.raises(RequestError, match="holds no images"):
        prepare(DataConfig(str(source)), home)
    assert not list(paths.cache_dir(home).glob("[!.]*"))


def test_the_fingerprint_depends_on_content_and_options_not_on_the_place(
    home: Path, source: Path, tmp_path: Path
) -> None:
    class_tree(source, {"a": 6, "b": 6})
    first = prepare(DataConfig(str(source)), home).info.fingerprint
    moved = tmp_path / "elsewhere"
    shutil.copytree(source, moved)
    assert prepare(DataConfig(str(moved)), home).info.fingerprint == first
    assert prepare(DataConfig(str(source), size=4), home).info.fingerprint != first
    put(moved / "a" / "00.png", encoded(noise(99, 8, 8)))
    assert prepare(DataConfig(str(moved)), home).info.fingerprint != first
    assert int(first, 16) >= 0


def test_a_source_that_has_changed_since_is_refused(home: Path, source: Path) -> None:
    class_tree(source, {"a": 6, "b": 6})
    config = DataConfig(str(source))
    known = dataclasses.replace(config, fingerprint=prepare(config, home).info.fingerprint)
    assert prepare(known, home).info.fingerprint == known.fingerprint
    put(source / "a" / "new.png", encoded(noise(98, 8, 8)))
    with pytest.raises(RequestError, match="has changed since") as caught:
        prepare(known, home)
    assert caught.value.field == "--data"


def test_a_source_that_is_gone_is_no_error_while_its_cache_is_there(
    home: Path, source: Path
) -> None:
    class_tree(source, {"a": 6, "b": 6})
    config = DataConfig(str(source))
    known = dataclasses.replace(config, fingerprint=prepare(config, home).info.fingerprint)
    shutil.rmtree(source)
    assert prepare(known, home).info.total == 12
    with pytest.raises(RequestError, match="there is no"):
        prepare(config, home)


def test_an_unchanged_source_is_not_read_again(
    home: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint, "_LONG_SECONDS", 0.0)
    class_tree(source, {"a": 6, "b": 6})
    old = time.time() - 100
    for file in source.rglob("*.png"):
        os.utime(file, (old, old))
    first = prepare(DataConfig(str(source)), home)
    memo = next((paths.cache_dir(home) / ".hashes").glob("*.txt"))
    memo.write_text("another content", "utf-8")
    assert prepare(DataConfig(str(source)), home).info.fingerprint != first.info.fingerprint


def test_a_file_changed_a_moment_ago_is_always_read_again(
    home: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint, "_LONG_SECONDS", 0.0)
    class_tree(source, {"a": 6, "b": 6})
    prepare(DataConfig(str(source)), home)
    assert not list((paths.cache_dir(home) / ".hashes").glob("*.txt"))


def test_what_is_read_in_no_time_is_not_remembered(home: Path, source: Path) -> None:
    class_tree(source, {"a": 6, "b": 6})
    old = time.time() - 100
    for file in source.rglob("*.png"):
        os.utime(file, (old, old))
    folder = prepare(DataConfig(str(source)), home).folder
    assert list(paths.cache_dir(home).iterdir()) == [folder]


def test_nothing_half_made_is_left_when_making_fails(home: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "images.npy").write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.open_or_make(home, "0" * 16, fail)
    assert not home.exists()


@pytest.mark.parametrize("when", ["early", "late"])
def test_data_that_are_refused_leave_nothing(home: Path, source: Path, when: str) -> None:
    class_tree(source, {"a": 6, "b": 6})
    seen: list[DataInfo] = []

    def refuse(info: DataInfo) -> None:
        seen.append(info)
        if bool(info.counts) == (when == "late"):
            raise RequestError("not these.")

    home.mkdir()
    with pytest.raises(RequestError, match="not these"):
        prepare(DataConfig(str(source)), home, check=refuse)
    assert [info.modality for info in seen] == ["image"] * len(seen)
    assert [info.size for info in seen] == ([None] if when == "early" else [None, (8, 8)])
    assert list(home.iterdir()) == []


def test_a_lock_that_was_waited_for_may_be_gone(home: Path, source: Path) -> None:
    class_tree(source, {"a": 6, "b": 6})
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(prepare, DataConfig(str(source)), home) for _ in range(4)]
        folders = {one.result().folder for one in made}
    assert list(paths.cache_dir(home).iterdir()) == list(folders)


def test_what_a_killed_process_left_is_swept_away(home: Path, source: Path) -> None:
    left = paths.cache_dir(home) / ".making-0123456789abcdef"
    left.mkdir(parents=True)
    (left / "images.npy").write_bytes(b"half")
    class_tree(source, {"a": 6, "b": 6})
    prepare(DataConfig(str(source)), home)
    assert not left.exists()


def test_two_who_ask_at_once_make_it_once(home: Path, source: Path) -> None:
    class_tree(source, {"a": 6, "b": 6})
    made: list[Path] = []
    real = prepare(DataConfig(str(source)), home / "real").folder

    def make(folder: Path) -> None:
        made.append(folder)
        time.sleep(0.2)
        shutil.copytree(real, folder, dirs_exist_ok=True)

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: cache.open_or_make(home, "1" * 16, make), range(2)))
    assert len(made) == 1
    assert all(isinstance(one, Dataset) and one.info.total == 12 for one in both)


def test_too_little_room_is_refused_with_the_samples_that_fit(
    home: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class_tree(source, {"a": 100, "b": 100}, side=32)
    needed = 2 * 200 * 32 * 32
    usage = shutil.disk_usage(source)._replace(free=200 * 2**20 + needed // 2)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(RequestError, match="of disk") as caught:
        prepare(DataConfig(str(source)), home)
    assert "--samples 100" in str(caught.value.remedy)
    assert not list(paths.cache_dir(home).glob("[!.]*"))
    assert prepare(DataConfig(str(source), samples=100), home).info.total == 100
