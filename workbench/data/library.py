"""The prepared data sets in a home: listing and removing them, and the names they go by.

Sources of equal content share one cache. Each keeps its own name: the first one in ``info.json``,
every other in a file of its own beside it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from workbench import damage, json_types, paths
from workbench.config import DataConfig
from workbench.data import cache
from workbench.data.dataset import DataInfo, Dataset
from workbench.errors import DamageError, RequestError

REQUEST = "request.json"
_NAMED = "named-"
_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True)
class PreparedData:
    """A prepared data set. config: the request that finds it again, None where none was written
    (prepared for ``embed``, or by an older workbench). bytes: on disk. made: when, in seconds since
    the epoch. names: titles of all sources of this content; the list has an entry for each, and
    each has another ``key``."""

    info: DataInfo
    config: DataConfig | None
    bytes: int
    made: float
    names: tuple[str, ...] = ()
    key: str = ""


def write_request(folder: Path, config: DataConfig, fingerprint: str) -> None:
    """Write the request for a data set into its cache."""
    request = _request(config, fingerprint)
    (folder / REQUEST).write_text(json.dumps(dataclasses.asdict(request)), "utf-8")


def read_request(folder: Path) -> DataConfig | None:
    """The request for the data set in ``folder``; None where none was written."""
    path = folder / REQUEST
    if not path.exists():
        return None
    return _read(path, _config)


def add_name(data: Dataset, config: DataConfig, name: str) -> None:
    """Keep the name of a source whose content is prepared already under another one."""
    request = _request(config, data.info.fingerprint)
    path = data.folder / _file(request.source)
    if request.source == _first_source(data) or path.exists():
        return
    # A title of its own comes from the content: it is the same for every source.
    title = name if data.info.title == data.info.name else data.info.title
    document = {"name": name, "title": title, "request": dataclasses.asdict(request)}
    temporary = path.with_suffix(f".{os.getpid()}")
    # The name of a cache that cannot be written, such as that of the demo runs, stays the first.
    with suppress(OSError):
        temporary.write_text(json.dumps(document), "utf-8")
        temporary.replace(path)


def known_as(data: Dataset, source: str) -> Dataset:
    """``data`` under the name that ``source`` has; under its first one where there is no other."""
    path = data.folder / _file(_absolute(source))
    if not path.exists():
        return data
    return dataclasses.replace(data, info=_read(path, partial(_named, data.info)))


def prepared_data(home: Path) -> list[PreparedData]:
    """The prepared data sets in ``home``, the newest first; one of several names once for each.

    Those of which a description is damaged are left out: ``workbench doctor`` lists them.
    """
    out = []
    for path in paths.cache_dir(home).glob("*/info.json"):
        folder = path.parent
        if folder.name.startswith("."):
            continue
        try:
            entries = _entries(folder)
        except DamageError:
            continue
        size, made = bytes_of(folder), path.stat().st_mtime
        names = tuple(entry.title for entry, _, _ in entries)
        out += [PreparedData(one, config, size, made, names, key) for one, config, key in entries]
    return sorted(out, key=lambda one: -one.made)


def bytes_of(folder: Path) -> int:
    """The bytes that prepared data take on disk."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def prepared_sources(home: Path) -> dict[str, str]:
    """The titles of the data sets prepared in ``home``, by source. It measures nothing, and leaves
    out those of which a description is damaged."""
    titles: dict[str, str] = {}
    for path in sorted(paths.cache_dir(home).glob("*/info.json")):
        if path.parent.name.startswith("."):
            continue
        with suppress(DamageError):
            for info, _, _ in _entries(path.parent):
                titles.setdefault(info.source, info.title)
    return titles


def _entries(folder: Path) -> list[tuple[DataInfo, DataConfig | None, str]]:
    """Description, request and key of a data set under each of its names. Raises DamageError."""
    for path in folder.glob("*.json"):
        if reason := damage.fault(path):
            raise damage.error(path, f"is damaged: {reason}")
    info = DataInfo.read(folder)
    entries = [(info, read_request(folder), info.fingerprint)]
    for path in sorted(folder.glob(f"{_NAMED}*.json")):
        named = _read(path, partial(_named, info))
        config = _read(path, _named_request)
        entries.append((named, config, f"{info.fingerprint}-{path.stem.removeprefix(_NAMED)}"))
    return entries


def damaged_descriptions(folder: Path) -> Iterator[tuple[str, DamageError]]:
    """The files with the request and the names of a data set that cannot be read, by name."""
    for path in sorted((*folder.glob(REQUEST), *folder.glob(f"{_NAMED}*.json"))):
        try:
            if path.name == REQUEST:
                _read(path, _config)
            else:
                _read(path, _named_request)
        except DamageError as error:
            yield path.name, error


def _read(path: Path, parse: Callable[[dict[str, Any]], _Parsed]) -> _Parsed:
    """What ``parse`` makes of the JSON object in a file. Raises DamageError."""
    document = damage.read_json(path)
    with damage.reading(path):
        try:
            return parse(document)
        except RequestError as error:
            raise damage.ContentError(f"{error.field} {error.message}") from error


def is_source_of(data: Dataset, source: str) -> bool:
    """Whether ``data`` were prepared from ``source``, and not found by their fingerprint alone."""
    path = data.folder / _file(_absolute(source))
    return _absolute(source) == _first_source(data) or path.exists()


def _request(config: DataConfig, fingerprint: str) -> DataConfig:
    return dataclasses.replace(config, source=_absolute(config.source), fingerprint=fingerprint)


def _config(raw: dict[str, Any]) -> DataConfig:
    return DataConfig(**json_types.fields(DataConfig, raw, "data."))


def _named_request(document: dict[str, Any]) -> DataConfig:
    """The request of a source with a name of its own. Raises LookupError for one without."""
    document["name"], document["title"]
    return _config(document["request"])


def _absolute(source: str) -> str:
    if source.startswith(("sample:", "hub:")):
        return source
    try:
        return str(Path(source).expanduser().absolute())
    except RuntimeError:
        # There is no user of that "~name".
        return source


def _first_source(data: Dataset) -> str:
    request = read_request(data.folder)
    return _absolute(data.info.source if request is None else request.source)


def _named(info: DataInfo, document: dict[str, Any]) -> DataInfo:
    source = document["request"]["source"]
    return dataclasses.replace(info, name=document["name"], title=document["title"], source=source)


def _file(source: str) -> str:
    return f"{_NAMED}{_key(source)}.json"


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def remove(home: Path, fingerprint: str) -> None:
    """Remove a prepared data set and its shelf of baselines, whole or not at all.

    Raises RequestError if there is none. Whether runs use it is for the caller to check.
    """
    if not Dataset.exists(paths.cache_dir(home) / fingerprint):
        raise RequestError(
            "these data are not here any more.", field="data", remedy="Look at the list again."
        )
    root = paths.cache_dir(home)
    # Under the name of a cache in the making: if this is interrupted, the next making removes it.
    aside = root / f"{cache.TEMPORARY}{fingerprint}"
    shutil.rmtree(aside, ignore_errors=True)
    (root / fingerprint).rename(aside)
    shutil.rmtree(aside, ignore_errors=True)
