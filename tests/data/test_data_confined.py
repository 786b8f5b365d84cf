"""With a limit, no source leads out of its folder: not by a name in a table, not by a link."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_making import class_tree, encoded, image_parquet, noise, put

from workbench import paths
from workbench.config import DataConfig
from workbench.data import inspect, prepare
from workbench.errors import RequestError

OUT = "leads out of the folder"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """An image that lies outside ``source``."""
    return put(tmp_path / "secret" / "scan.png", encoded(noise(99, 8, 8)))


@pytest.fixture
def refused(home: Path, source: Path) -> Callable[[Path], None]:
    """That a source is refused with a limit, leaves nothing, and is read without one."""

    def check(path: Path) -> None:
        config = DataConfig(str(path))
        with pytest.raises(RequestError, match=OUT) as caught:
            prepare(config, home, within=source)
        assert caught.value.field == "--data"
        assert not home.exists()
        with pytest.raises(RequestError, match=OUT):
            inspect(config, home, within=source)
        assert prepare(config, home).info.total > 1

    return check


def names(secret: Path, source: Path, there: str) -> list[str]:
    """Names of twelve images below ``source``, and one outside."""
    own = [put(source / f"{i}.png", encoded(noise(i, 8, 8))).name for i in range(12)]
    outside = {"absolute": str(secret), "relative": f"../{secret.parent.name}/{secret.name}"}
    return [*own, outside[there]]


@pytest.mark.parametrize("there", ["absolute", "relative"])
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_table_names_images_elsewhere(
    refused: Callable[[Path], None], secret: Path, source: Path, form: str, there: str
) -> None:
    listed = names(secret, source, there)
    table = source / f"table.{form}"
    if form == "parquet":
        pq.write_table(pa.table({"image": listed}), table)
    elif form == "csv":
        table.write_text("\n".join(["image", *listed]), "utf-8")
    else:
        table.write_text("\n".join(json.dumps({"image": name}) for name in listed), "utf-8")
    refused(table)


def test_whether_the_file_is_there_is_not_told(home: Path, source: Path, secret: Path) -> None:
    messages = set()
    for outside in (secret, secret.with_name("other.png")):
        table = source / "table.csv"
        table.write_text(
            "\n".join(["image", *names(secret, source, "absolute")[:-1], str(outside)])
        )
        with pytest.raises(RequestError) as caught:
            prepare(DataConfig(str(table)), home, within=source)
        messages.add(str(caught.value).replace(outside.name, "NAME"))
    assert len(messages) == 1


def test_cells_with_bytes_and_a_path_elsewhere(
    refused: Callable[[Path], None], home: Path, source: Path, secret: Path
) -> None:
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    cells = [{"bytes": encoded(noise(i, 8, 8)), "path": str(secret)} for i in range(12)]
    table = source / "table.parquet"
    pq.write_table(pa.table({"image": pa.array(cells, kind)}), table)
    assert prepare(DataConfig(str(table)), home.parent / "other", within=source).info.total == 12
    cells.append({"bytes": None, "path": str(secret)})
    pq.write_table(pa.table({"image": pa.array(cells, kind)}), table)
    refused(table)


def test_a_saved_data_set_names_images_and_files_elsewhere(
    refused: Callable[[Path], None], home: Path, source: Path, secret: Path
) -> None:
    datasets = pytest.importorskip("datasets")
    image = datasets.Features({"image": datasets.Image()})
    # Not marked as images, so that `datasets` does not put the file itself into the table.
    plain = datasets.Features(
        {"image": {"bytes": datasets.Value("binary"), "path": datasets.Value("string")}}
    )
    cells = [{"bytes": encoded(noise(i, 8, 8)), "path": None} for i in range(12)]
    saved = source / "saved"
    datasets.Dataset.from_dict({"image": cells}, features=image).save_to_disk(str(saved))
    config = DataConfig(str(saved))
    assert prepare(config, home.parent / "other", within=source).info.total == 12
    moved = secret.parent / "data.arrow"
    (file,) = saved.glob("*.arrow")
    file.rename(moved)
    state = json.loads((saved / "state.json").read_text())
    state["_data_files"] = [{"filename": f"../../{secret.parent.name}/{moved.name}"}]
    (saved / "state.json").write_text(json.dumps(state))
    with pytest.raises(RequestError, match=OUT):
        prepare(config, home, within=source)
    assert not home.exists()
    named = [*cells, {"bytes": None, "path": str(secret)}]
    other = source / "other"
    datasets.Dataset.from_dict({"image": named}, features=plain).save_to_disk(str(other))
    refused(other)


def test_links_in_a_tree(refused: Callable[[Path], None], source: Path, secret: Path) -> None:
    class_tree(source / "tree", {"a": 6, "b": 6})
    (source / "tree" / "a" / "link.png").symlink_to(secret)
    refused(source / "tree")


def test_links_to_the_source_itself(
    refused: Callable[[Path], None], source: Path, secret: Path
) -> None:
    class_tree(secret.parent / "tree", {"a": 6, "b": 6})
    (source / "link").symlink_to(secret.parent / "tree")
    refused(source / "link")


def test_links_among_the_parts_of_a_table(
    refused: Callable[[Path], None], source: Path, secret: Path
) -> None:
    image_parquet(source / "parts" / "train.parquet", [encoded(noise(i, 8, 8)) for i in range(9)])
    other = image_parquet(
        secret.parent / "test.parquet", [encoded(noise(i, 8, 8)) for i in (20, 21)]
    )
    (source / "parts" / "test.parquet").symlink_to(other)
    refused(source / "parts")


def test_a_zip_leads_nowhere(home: Path, source: Path, secret: Path) -> None:
    archive = source / "tree.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for i in range(12):
            file.writestr(f"{i}.png", encoded(noise(i, 8, 8)))
        file.writestr(f"../{secret.parent.name}/{secret.name}", secret.read_bytes())
        link = zipfile.ZipInfo("link.png")
        link.external_attr = 0o120777 << 16
        file.writestr(link, str(secret))
    data = prepare(DataConfig(str(archive)), home, within=source)
    assert sorted(data.ids) == sorted(f"{i}.png" for i in range(12))
    assert any("1 broken images were skipped (link.png" in note for note in data.info.notes)


def test_what_was_prepared_without_a_limit_is_not_given_with_one(
    home: Path, source: Path, secret: Path
) -> None:
    table = source / "table.csv"
    table.write_text("\n".join(["image", *names(secret, source, "absolute")]), "utf-8")
    assert prepare(DataConfig(str(table)), home).info.total == 13
    with pytest.raises(RequestError, match=OUT):
        prepare(DataConfig(str(table)), home, within=source)


def test_what_stays_inside_is_read_as_ever(home: Path, source: Path, secret: Path) -> None:
    listed = names(secret, source, "absolute")[:-1]
    (source / "below").mkdir()
    table = source / "below" / "table.csv"
    table.write_text("\n".join(["image", *(f"../{name}" for name in listed)]), "utf-8")
    (source / "loop.png").symlink_to(source / "0.png")
    limited = prepare(DataConfig(str(table)), home, within=source)
    assert limited.info.total == 12
    assert prepare(DataConfig(str(table)), home).folder == limited.folder
    assert prepare(DataConfig("sample:digits"), home, within=source).info.total > 1000


def test_the_engine_keeps_to_the_limit(home: Path, source: Path, secret: Path) -> None:
    from workbench.engine.server import Engine
    from workbench.engine.wire import Message

    table = source / "table.csv"
    table.write_text("\n".join(["image", *names(secret, source, "absolute")]), "utf-8")
    engine = Engine(home)

    def ask(what: str, **values: object) -> dict[str, object]:
        answer = engine.answer(Message({"what": what, "token": engine.token, **values}))
        return dict(answer.values)

    data = {"source": str(table)}
    job = ask("prepare", data=data, within=str(source))
    deadline = time.monotonic() + 20
    while job["state"] == "running" and time.monotonic() < deadline:
        time.sleep(0.02)
        job = ask("job", job=job["id"])
    assert job["state"] == "failed"
    assert OUT in str(job["error"])
    assert OUT in str(ask("inspect", data=data, within=str(source))["failed"])
    assert not list(paths.cache_dir(home).glob("*"))
    assert ask("inspect", data=data, within=None)["samples"] == 13
