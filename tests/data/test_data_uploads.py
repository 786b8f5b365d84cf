"""Uploads: stored under their content's name, whatever the files are called."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from data_making import encoded, noise

from workbench.config import DataConfig
from workbench.data import given_names, prepare, uploads
from workbench.errors import RequestError


def pictures(count: int = 4) -> list[tuple[str, bytes]]:
    return [(f"{at}.png", encoded(noise(at, 8, 8))) for at in range(count)]


def test_the_same_files_in_any_order_are_the_same_source(tmp_path: Path) -> None:
    first = uploads.store(pictures(), tmp_path)
    again = uploads.store(pictures()[::-1], tmp_path)
    assert first == again
    assert len(list(tmp_path.iterdir())) == 1
    other = uploads.store([*pictures(3), ("3.png", encoded(noise(99, 8, 8)))], tmp_path)
    assert other != first


def test_files_that_are_called_alike_are_all_kept(tmp_path: Path) -> None:
    same = [("a/IMG.png", encoded(noise(1, 8, 8))), ("b\\IMG.png", encoded(noise(2, 8, 8)))]
    source = uploads.store(same, tmp_path)
    assert sorted(path.name for path in source.iterdir()) == ["IMG (2).png", "IMG.png"]


@pytest.mark.parametrize(
    "name", ["../../evil.png", "/etc/evil.png", "..\\..\\evil.png", "....png", ".png", "a\0b.png"]
)
def test_no_name_leads_out_of_the_upload(tmp_path: Path, name: str) -> None:
    root = tmp_path / "home" / "uploads"
    root.mkdir(parents=True)
    source = uploads.store([(name, encoded(noise(1, 8, 8))), *pictures(1)], root)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == 2
    assert all(path.is_relative_to(source) for path in written)
    assert all(not path.name.startswith(".") for path in written)


def test_one_table_is_the_source_and_finds_the_images_beside_it(tmp_path: Path) -> None:
    table = b"file,kind\n" + b"".join(f"{i}.png,{'ab'[i % 2]}\n".encode() for i in range(8))
    source = uploads.store([("list.csv", table), *pictures(8)], tmp_path / "uploads")
    assert source.name == "list.csv"
    data = prepare(DataConfig(str(source), label="kind"), tmp_path / "home")
    assert data.info.modality == "image"
    assert data.info.total == 8
    assert [target.classes for target in data.info.targets] == [("a", "b")]


def test_tables_of_splits_are_a_folder(tmp_path: Path) -> None:
    given = [("train.csv", b"text\nhello there\nmore words\n"), ("test.csv", b"text\nbye now\n")]
    source = uploads.store(given, tmp_path)
    assert sorted(path.name for path in source.iterdir()) == ["test.csv", "train.csv"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "no file"),
        (["a.zip", "b.png"], "with other files"),
        (["a.csv", "b.parquet"], "of several kinds"),
        (["a.csv", "b.csv", "c.png"], "with images"),
        (["notes.docx"], "no kind of file"),
    ],
)
def test_what_does_not_go_together_is_refused_and_nothing_is_left(
    tmp_path: Path, names: list[str], message: str
) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        uploads.store([(name, b"x") for name in names], tmp_path / "uploads")
    assert caught.value.field == "Upload"
    assert caught.value.remedy
    assert not list(tmp_path.rglob("*.*"))


def test_unreadable_images_are_named_with_why() -> None:
    given = [*pictures(1), ("torn.png", encoded(noise(1, 8, 8))[:40]), ("word.png", b"no image")]
    given.append(("table.csv", b"text\n"))
    reasons = uploads.unreadable(given)
    assert [line.split(":")[0] for line in reasons] == ["torn.png", "word.png"]
    assert "no image format" in reasons[1]
    many = uploads.unreadable([(f"{at}.png", b"x") for at in range(30)])
    assert len(many) == 11
    assert many[-1] == "..."


def test_only_what_lies_in_an_upload_has_its_folder(tmp_path: Path) -> None:
    source = uploads.store(pictures(), tmp_path / "uploads")
    assert uploads.folder_of(tmp_path / "uploads", str(source)) == source.parent.resolve()
    assert uploads.folder_of(tmp_path / "uploads", str(tmp_path / "uploads")) is None
    assert uploads.folder_of(tmp_path / "uploads", "sample:digits") is None


def test_a_zip_that_leads_out_or_swells_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../evil.png", encoded(noise(1, 8, 8)))
    outside = uploads.store([("paths.zip", buffer.getvalue())], tmp_path / "uploads")
    with pytest.raises(RequestError, match=r"holds no images|no samples|none of"):
        prepare(DataConfig(str(outside)), tmp_path / "home")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.png", b"\0" * (40 * 2**20))
    bomb = uploads.store([("bomb.zip", buffer.getvalue())], tmp_path / "uploads")
    with pytest.raises(RequestError, match="unpack to more"):
        prepare(DataConfig(str(bomb)), tmp_path / "home")
    assert not list(tmp_path.rglob("evil.png"))


NAMES = [
    "cat#1.png",
    "Ä ö.png",
    "A\u0308 decomposed.png",
    "100% (a+b) & c;d'e.png",
    "[x]{y}~$^=!@,.png",
    "写真 1.png",
    "фото.PNG",
    " two  spaces .png",
    "semi:colon?.png",
    f"{'long' * 40}.png",
    f"{'名' * 70}.png",
    "no ending.v2.png",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_samples_are_those_that_were_given(tmp_path: Path, name: str) -> None:
    source = uploads.store([(name, encoded(noise(77, 8, 8))), *pictures()], tmp_path / "uploads")
    data = prepare(DataConfig(str(source)), tmp_path / "home")
    assert sorted(data.ids) == sorted([name.lstrip(), *(one for one, _ in pictures())])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["{}", "images/{}", "./{}", "C:\\me\\images\\{}"])
def test_a_table_finds_the_images_by_the_names_that_were_given(
    tmp_path: Path, name: str, form: str
) -> None:
    given = [(name, encoded(noise(77, 8, 8))), *pictures(9)]
    lines = [f'"{form.format(one)}",{"ab"[at % 2]}' for at, (one, _) in enumerate(given)]
    table = ("list.csv", ("file_name,kind\n" + "\n".join(lines) + "\n").encode())
    source = uploads.store([table, *given], tmp_path / "uploads")
    data = prepare(DataConfig(str(source), label="kind"), tmp_path / "home")
    assert data.info.modality == "image"
    assert data.info.total == 10
    assert data.info.left_out == {}


def same_names() -> list[tuple[str, bytes]]:
    """Two files of one name from two folders, four times over."""
    return [
        (f"{folder}/IMG_{at}.png", encoded(noise(10 * at + seed, 8, 8)))
        for at in range(4)
        for seed, folder in enumerate(("sun", "moon"))
    ]


def test_files_of_one_name_from_two_folders_keep_their_folders(tmp_path: Path) -> None:
    source = uploads.store(same_names(), tmp_path / "uploads")
    data = prepare(DataConfig(str(source)), tmp_path / "home")
    assert sorted(data.ids) == sorted(name for name, _ in same_names())
    assert data.info.label is not None
    assert data.info.label.classes == ("moon", "sun")


@pytest.mark.parametrize("above", ["", "data/images/"])
def test_a_table_tells_files_of_one_name_apart_by_their_folders(tmp_path: Path, above: str) -> None:
    given = same_names()
    lines = [f"{above}{name},{name.split('/')[0]}" for name, _ in given]
    table = ("list.csv", ("file_name,kind\n" + "\n".join(lines) + "\n").encode())
    source = uploads.store([table, *given], tmp_path / "uploads")
    data = prepare(DataConfig(str(source), label="kind"), tmp_path / "home")
    assert data.info.total == 8
    places = data.target("kind")
    by_digest = {data.images[row].tobytes(): int(places[row]) for row in range(8)}
    for seed, label in ((0, "sun"), (1, "moon")):
        pixels = noise(seed, 8, 8)[None]
        assert by_digest[pixels.tobytes()] == ("moon", "sun").index(label)


def test_a_reference_that_fits_several_files_means_none(tmp_path: Path) -> None:
    given = same_names()
    lines = [f"{name.split('/')[1] if 'IMG_0' in name else name},x" for name, _ in given]
    table = ("list.csv", ("file_name,kind\n" + "\n".join(lines) + "\n").encode())
    source = uploads.store([table, *given], tmp_path / "uploads")
    data = prepare(DataConfig(str(source), label="kind"), tmp_path / "home")
    assert data.info.total == 6
    assert sum(data.info.left_out.values()) == 2


def test_equal_uploads_stay_one_whatever_the_order(tmp_path: Path) -> None:
    """Also of files that are all called the same, which browsers send without their folders."""
    given = [("IMG.png", encoded(noise(seed, 8, 8))) for seed in range(4)]
    first, again = uploads.store(given, tmp_path), uploads.store(given[::-1], tmp_path)
    assert first == again
    assert len(list(tmp_path.iterdir())) == 1
    other = uploads.store([(f"a/{name}", data) for name, data in given], tmp_path)
    assert other != first
    data = prepare(DataConfig(str(first)), tmp_path / "home")
    assert sorted(data.ids) == ["IMG (2).png", "IMG (3).png", "IMG (4).png", "IMG.png"]


def test_capitals_do_not_hide_a_file(tmp_path: Path) -> None:
    given = [("cat.png", encoded(noise(1, 8, 8))), ("CAT.png", encoded(noise(2, 8, 8)))]
    source = uploads.store(given, tmp_path)
    assert len({path.name.lower() for path in source.iterdir()}) == 2


def test_an_upload_of_an_older_version_gets_its_list_of_names(tmp_path: Path) -> None:
    table = ("list.csv", b"file_name,kind\nimages/0.png,a\nimages/1.png,b\nimages/2.png,a\n")
    source = uploads.store([table, *pictures(3)], tmp_path)
    names = source.parent / given_names.LIST
    before = names.read_text("utf-8")
    names.unlink()
    assert uploads.store([table, *pictures(3)], tmp_path) == source
    assert names.read_text("utf-8") == before


def test_a_full_disk_is_told_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(RequestError, match="No space left on device") as caught:
        uploads.store(pictures(), tmp_path)
    assert caught.value.field == "Upload"
    assert not list(tmp_path.iterdir())
