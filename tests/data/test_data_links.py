"""Links in folders of images are followed once each, inside the limit, and counted otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from data_making import class_counts, class_tree, encoded, listed, noise, put, split_counts

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.sources.resolve import resolve
from workbench.errors import RequestError


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Class folders outside ``source``."""
    return class_tree(tmp_path / "elsewhere", {"cat": 5, "dog": 5})


def test_a_class_folder_may_be_a_link(source: Path, elsewhere: Path) -> None:
    class_tree(source, {"cow": 5})
    (source / "cat").symlink_to(elsewhere / "cat")
    found = listed(source)
    assert class_counts(found) == {"cat": 5, "cow": 5}
    assert any("1 folder is a link and was followed: 'cat'" in note for note in found.notes)


def test_all_class_folders_may_be_links(home: Path, source: Path, elsewhere: Path) -> None:
    for name in ("cat", "dog"):
        (source / name).symlink_to(elsewhere / name)
    info = prepare(DataConfig(str(source)), home).info
    assert info.label is not None
    assert info.label.classes == ("cat", "dog")
    assert info.total == 10
    assert any("2 folders are links" in note for note in info.notes)


def test_a_loop_ends_and_each_file_is_taken_once(source: Path) -> None:
    class_tree(source, {"a": 5, "b": 3})
    (source / "a" / "up").symlink_to(source)
    (source / "a" / "here").symlink_to(".")
    (source / "c").symlink_to(source / "a")
    (source / "b" / "copy.png").symlink_to(source / "a" / "00.png")
    found = listed(source)
    assert class_counts(found) == {"a": 5, "b": 3}
    assert found.accounted.found == 12
    assert found.accounted.left_out == {
        "links to folders that are read anyhow": 3,
        "links to images that are taken anyhow": 1,
    }


def test_links_that_lead_nowhere_are_counted(home: Path, source: Path) -> None:
    class_tree(source, {"a": 5, "b": 5})
    (source / "a" / "dead.png").symlink_to(source / "gone.png")
    (source / "a" / "self.png").symlink_to(source / "a" / "self.png")
    info = prepare(DataConfig(str(source)), home).info
    assert info.total == 10
    assert info.found == 12
    assert info.left_out == {"linked to nothing": 2}


def test_only_dead_links_are_named(source: Path) -> None:
    (source / "cat").symlink_to(source / "gone")
    with pytest.raises(RequestError, match="of its 1 files: 1 linked to nothing"):
        listed(source)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_no_image(source: Path) -> None:
    class_tree(source, {"a": 5})
    os.mkfifo(source / "pipe.png")
    assert listed(source).accounted.left_out == {"not a regular file": 1}


def test_splits_of_links_to_a_pool(source: Path) -> None:
    """Links give the splits and classes of images that lie in one folder."""
    class_tree(source, {"all": 8})
    for index in range(8):
        place = source / ("train" if index < 6 else "test") / "ab"[index % 2]
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{index}.png").symlink_to(source / "all" / f"{index:02}.png")
    found = listed(source)
    assert split_counts(found) == {"train": 6, "test": 2}
    assert class_counts(found) == {"a": 4, "b": 4}
    assert found.accounted.left_out == {"outside the folders of splits": 8}


@pytest.mark.parametrize("there", ["folder", "image", "nothing"])
def test_a_link_out_of_the_limit_is_refused(source: Path, tmp_path: Path, there: str) -> None:
    class_tree(source, {"a": 5})
    target = tmp_path / "secret" / "x"
    if there == "image":
        put(target, encoded(noise(1, 8, 8)))
    elif there == "folder":
        class_tree(target, {"c": 2})
    (source / "a" / "x").symlink_to(target)
    with pytest.raises(RequestError, match="'x' leads out of the folder"):
        resolve(DataConfig(str(source)), within=source)


def test_links_inside_the_limit_are_followed(source: Path) -> None:
    class_tree(source / "pool", {"cat": 5, "dog": 5})
    (source / "data").mkdir()
    for name in ("cat", "dog"):
        (source / "data" / name).symlink_to(source / "pool" / name)
    config = DataConfig(str(source / "data"))
    assert resolve(config, within=source).listing(config).count == 10
