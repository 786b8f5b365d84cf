"""Fingerprints: options that came later, caches of older versions, and the packaged samples."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from workbench import paths
from workbench.config import DataConfig
from workbench.data import cache, fingerprint, inspect, prepare
from workbench.data.sources.resolve import resolve
from workbench.errors import RequestError


def write_texts(folder: Path, word: str = "late") -> Path:
    path = folder / "texts.csv"
    rows = [
        f"the parcel number {row} came {word},{'good' if row % 2 else 'bad'}" for row in range(12)
    ]
    path.write_text("\n".join(["text,label", *rows]) + "\n", "utf-8")
    return path


def test_options_that_came_later_change_a_fingerprint_only_where_they_are_used() -> None:
    plain = DataConfig("x")
    # The options as version 1 hashed them.
    former = dataclasses.asdict(plain)
    for name in ("source", "fingerprint", "split", "unsplit", "fit", "dedupe"):
        del former[name]
    hashed = fingerprint._digest(json.dumps([1, "content", former, None], sort_keys=True))
    assert fingerprint.of_dataset("content", plain, version=1) == hashed[:16]
    used = [
        dataclasses.replace(plain, **{name: value})
        for name, value in (
            *(("split", "none"), ("unsplit", "out"), ("fit", "pad"), ("dedupe", True)),
        )
    ]
    addresses = {fingerprint.of_dataset("content", config) for config in (plain, *used)}
    assert len(addresses) == 5


@pytest.mark.parametrize("stored", sorted((paths.demo_home() / "data").iterdir()), ids=str)
def test_the_samples_are_the_data_of_the_stored_demo_runs(stored: Path, tmp_path: Path) -> None:
    info = json.loads((stored / "info.json").read_text("utf-8"))
    assert inspect(DataConfig(info["source"]), tmp_path).fingerprint == stored.name


def test_a_cache_of_an_older_version_serves_the_runs_that_name_it(tmp_path: Path) -> None:
    config = DataConfig(str(write_texts(tmp_path)))
    home = tmp_path / "home"
    made = prepare(config, home)
    content = resolve(config).content(config, home)
    older = fingerprint.of_dataset(content, config, version=1)
    assert older in fingerprint.former(content, config)
    (paths.cache_dir(home) / made.info.fingerprint).rename(paths.cache_dir(home) / older)
    named = dataclasses.replace(config, fingerprint=older)
    assert prepare(named, home).folder.name == older
    # A request that names no fingerprint gets the data as they are read now.
    assert prepare(config, home).info.fingerprint == made.info.fingerprint
    write_texts(tmp_path, word="early")
    with pytest.raises(RequestError, match="has changed"):
        prepare(named, home)


def test_a_cache_of_an_older_version_is_not_made_again_as_another(tmp_path: Path) -> None:
    config = DataConfig(str(write_texts(tmp_path)))
    home = tmp_path / "home"
    content = resolve(config).content(config, home)
    older = fingerprint.of_dataset(content, config, version=1)
    with pytest.raises(RequestError, match="older workbench"):
        prepare(dataclasses.replace(config, fingerprint=older), home)
    assert cache.find(home, older) is None


def test_a_packaged_sample_whose_cache_is_gone_is_made_again(tmp_path: Path) -> None:
    made = prepare(DataConfig("sample:digits"), tmp_path)
    named = DataConfig("sample:digits", fingerprint=made.info.fingerprint)
    made.folder.rename(tmp_path / "aside")
    assert prepare(named, tmp_path).info == made.info
