"""The prepared data sets in a home: listing and removing them."""

from __future__ import annotations

import dataclasses
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import json_types, paths
from workbench.config import DataConfig
from workbench.data import cache
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError

REQUEST = "request.json"


@dataclass(frozen=True)
class PreparedData:
    """A prepared data set. config: the request that finds it again, None where none was written
    (prepared for ``embed``, or by an older workbench). bytes: on disk. made: when, in seconds since
    the epoch."""

    info: DataInfo
    config: DataConfig | None
    bytes: int
    made: float


def write_request(folder: Path, config: DataConfig, fingerprint: str) -> None:
    """Write the request for a data set into its cache."""
    source = config.source
    if not source.startswith(("sample:", "hub:")):
        source = str(Path(source).expanduser().absolute())
    request = dataclasses.replace(config, source=source, fingerprint=fingerprint)
    (folder / REQUEST).write_text(json.dumps(dataclasses.asdict(request)), "utf-8")


def read_request(folder: Path) -> DataConfig | None:
    """The request for the data set in ``folder``; None where none was written."""
    path = folder / REQUEST
    if not path.exists():
        return None
    raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return DataConfig(**json_types.fields(DataConfig, raw, "data."))


def prepared_data(home: Path) -> list[PreparedData]:
    """The prepared data sets in ``home``, the newest first."""
    out = []
    for path in paths.cache_dir(home).glob("*/info.json"):
        if path.parent.name.startswith("."):
            continue
        info = DataInfo.from_json(json.loads(path.read_text("utf-8")))
        files = [file.stat() for file in path.parent.rglob("*") if file.is_file()]
        size = sum(stat.st_size for stat in files)
        out.append(PreparedData(info, read_request(path.parent), size, path.stat().st_mtime))
    return sorted(out, key=lambda one: -one.made)


def prepared_sources(home: Path) -> dict[str, str]:
    """The titles of the data sets prepared in ``home``, by source. It measures nothing."""
    titles: dict[str, str] = {}
    for path in sorted(paths.cache_dir(home).glob("*/info.json")):
        if not path.parent.name.startswith("."):
            raw = json.loads(path.read_text("utf-8"))
            titles.setdefault(str(raw["source"]), str(raw["title"]))
    return titles


def remove(home: Path, fingerprint: str) -> None:
    """Remove a prepared data set and its shelf of baselines, whole or not at all.

    Raises RequestError if there is none. Whether runs use it is for the caller to check.
    """
    if cache.find(home, fingerprint) is None:
        raise RequestError(
            "these data are not here any more.", field="data", remedy="Look at the list again."
        )
    root = paths.cache_dir(home)
    # Under the name of a cache in the making: if this is interrupted, the next making removes it.
    aside = root / f"{cache.TEMPORARY}{fingerprint}"
    shutil.rmtree(aside, ignore_errors=True)
    (root / fingerprint).rename(aside)
    shutil.rmtree(aside, ignore_errors=True)
