"""Folders of images and zips of such."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from data_making import class_tree, encoded, noise, put, split_rows

from workbench import paths
from workbench.config import DataConfig
from workbench.data import prepare
from workbench.errors import RequestError


def zipped(folder: Path, archive: Path, wrapper: str = "") -> Path:
    with zipfile.ZipFile(archive, "w") as out:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                out.write(file, f"{wrapper}{file.relative_to(folder).as_posix()}")
    return archive


def test_class_folders_are_labels(home: Path, source: Path) -> None:
    class_tree(source, {"fig": 20, "plum": 10})
    data = prepare(DataConfig(str(source)), home)
    assert data.info.label is not None
    assert data.info.label.classes == ("fig", "plum")
    assert dict(data.info.counts) == {"train": 21, "validation": 3, "test": 6}
    row = data.ids.index("plum/03.png")
    assert data.target("label")[row] == 1
    assert (data.images[row, 0] == noise(24, 8, 8)).all()


def test_a_flat_folder_has_no_labels(home: Path, source: Path) -> None:
    class_tree(source, {".": 20})
    put(source / "notes.txt", b"nothing")
    put(source / ".hidden.png", encoded(noise(77, 8, 8)))
    info = prepare(DataConfig(str(source)), home).info
    assert info.total == 20
    assert not info.targets
    assert info.left_out == {"not an image": 1, "hidden": 1}
    assert info.found == 22
    assert info.unit == "files"


def test_splits_may_lie_above_the_classes(home: Path, source: Path) -> None:
    class_tree(source, {"train/good": 12, "val/good": 4, "test/good": 4, "test/torn": 4})
    class_tree(source, {"ground_truth": 3})
    data = prepare(DataConfig(str(source)), home)
    assert dict(data.info.counts) == {"train": 12, "validation": 4, "test": 8}
    assert data.info.normal == "good"
    assert any("'ground_truth'" in note for note in data.info.notes)


def test_nested_folders_give_a_column_a_level(home: Path, source: Path) -> None:
    class_tree(source, {f"{kind}/p{n}": 4 for kind in ("ill", "well") for n in range(5)})
    data = prepare(DataConfig(str(source), label="folder1", group="folder2"), home)
    assert data.info.label is not None
    assert data.info.label.classes == ("ill", "well")
    assert data.groups is not None
    assert len(set(data.groups.tolist())) == 5
    whole = prepare(DataConfig(str(source)), home).info.label
    assert whole is not None
    assert "ill/p0" in whole.classes


def test_folder_names_may_be_groups_or_nothing(home: Path, source: Path) -> None:
    class_tree(source, {f"patient{n}": 4 for n in range(8)})
    groups = prepare(DataConfig(str(source), folders="group"), home)
    assert not groups.info.targets
    assert groups.info.group == "folder"
    assert groups.groups is not None
    for split, names in split_rows(groups).items():
        others = set(groups.ids) - names
        shared = {name.split("/")[0] for name in names} & {name.split("/")[0] for name in others}
        assert not shared, split
    nothing = prepare(DataConfig(str(source), folders="none"), home).info
    assert not nothing.targets
    assert nothing.group is None


def test_a_folder_for_every_image_is_no_label(home: Path, source: Path) -> None:
    class_tree(source, {f"object{n}": 1 for n in range(30)})
    info = prepare(DataConfig(str(source)), home).info
    assert not info.targets
    assert any("too many for classes" in note for note in info.notes)


def test_broken_images_are_counted_named_and_skipped(home: Path, source: Path) -> None:
    class_tree(source, {"a": 10, "b": 10})
    put(source / "a" / "broken.png", b"\x89PNG\r\n\x1a\n nothing more")
    put(source / "b" / "empty.png", b"")
    whole = encoded(noise(5, 64, 64))
    put(source / "b" / "half.png", whole[: len(whole) // 2])
    info = prepare(DataConfig(str(source), size=8), home).info
    assert info.total == 20
    note = next(note for note in info.notes if "broken" in note)
    assert note.startswith("3 broken images were skipped")
    assert "a/broken.png" in note
    assert "b/empty.png" in note


def test_images_that_are_all_broken_are_refused(home: Path, source: Path) -> None:
    for index in range(5):
        put(source / f"{index}.jpg", b"no picture")
    with pytest.raises(RequestError, match="none of 5 images can be read"):
        prepare(DataConfig(str(source)), home)
    assert not list(paths.cache_dir(home).glob("[!.]*"))


def test_a_zip_is_read_like_its_folder(home: Path, source: Path, tmp_path: Path) -> None:
    class_tree(source, {"fig": 20, "plum": 10})
    archive = zipped(source, tmp_path / "fruit.zip", wrapper="wrapped/")
    from_zip, from_folder = (prepare(DataConfig(str(at)), home) for at in (archive, source))
    assert from_zip.info.counts == from_folder.info.counts
    assert from_zip.info.name == "fruit"
    assert (from_zip.images[:] == from_folder.images[:]).all()
    assert (from_zip.target("label") == from_folder.target("label")).all()


def test_a_zip_writes_nothing_outside(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("../../escaped.png", encoded(noise(500, 8, 8)))
        for index in range(10):
            out.writestr(f"{index}.png", encoded(noise(index, 8, 8)))
    before = set(tmp_path.rglob("*.png")) | set(tmp_path.parent.glob("*.png"))
    data = prepare(DataConfig(str(archive)), home)
    assert data.info.total == 10
    assert data.info.left_out == {"named outside the zip": 1}
    assert data.info.found == 11
    assert set(tmp_path.rglob("*.png")) | set(tmp_path.parent.glob("*.png")) == before


def test_a_zip_bomb_is_refused_unread(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a/bomb.png", b"\0" * (20 * 2**20))
    with pytest.raises(RequestError, match="would unpack to more"):
        prepare(DataConfig(str(archive)), home)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"PK not a zip", "not a zip"), (None, "holds no images")],
)
def test_a_zip_without_images_is_refused(
    home: Path, tmp_path: Path, content: bytes | None, message: str
) -> None:
    archive = tmp_path / "some.zip"
    if content is None:
        with zipfile.ZipFile(archive, "w") as out:
            out.writestr("read.me", "nothing")
    else:
        archive.write_bytes(content)
    with pytest.raises(RequestError, match=message):
        prepare(DataConfig(str(archive)), home)


def test_another_kind_of_file_is_refused(home: Path, source: Path) -> None:
    put(source / "thesis.pdf", b"%PDF")
    with pytest.raises(RequestError, match="no kind of file"):
        prepare(DataConfig(str(source / "thesis.pdf")), home)
