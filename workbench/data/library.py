"""Data sets that were prepared before and are kept in a home: which there are, and removing one."""

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
class Kept:
    """config: how it is asked for again, None where that was not written (prepared for ``embed``,
    or by an older workbench). bytes: on disk. made: when, in seconds since the epoch."""

    info: DataInfo
    config: DataConfig | None
    bytes: int
    made: float


def write_request(folder: Path, config: DataConfig, fingerprint: str) -> None:
    """Write into a cache how its data set was asked for."""
    source = config.source
    if not source.startswith(("sample:", "hub:")):
        source = str(Path(source).expanduser().absolute())
    known = dataclasses.replace(config, source=source, fingerprint=fingerprint)
    (folder / REQUEST).write_text(json.dumps(dataclasses.asdict(known)), "utf-8")


def read_request(folder: Path) -> DataConfig | None:
    """How the data set in ``folder`` was asked for; None where that was not written."""
    path = folder / REQUEST
    if not path.exists():
        return None
    raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return DataConfig(**json_types.fields(DataConfig, raw, "data."))


def kept(home: Path) -> list[Kept]:
    """What is kept in ``home``, the newest first."""
    found = []
    for path in paths.cache_dir(home).glob("*/info.json"):
        if path.parent.name.startswith("."):
            continue
        info = DataInfo.from_json(json.loads(path.read_text("utf-8")))
        files = [file.stat() for file in path.parent.rglob("*") if file.is_file()]
        size = sum(stat.st_size for stat in files)
        found.append(Kept(info, read_request(path.parent), size, path.stat().st_mtime))
    return sorted(found, key=lambda one: -one.made)


def remove(home: Path, fingerprint: str) -> None:
    """Remove a prepared data set and the scores of baselines kept with it; whole or not at all.

    Raises RequestError if there is none such. Who uses it is for the caller to ask.
    """
    if cache.find(home, fingerprint) is None:
        raise RequestError(
            "these data are not here any more.", field="data", remedy="Look at the list again."
        )
    root = paths.cache_dir(home)
    # As a cache in the making, which the next one to be made sweeps up if this is cut short.
    aside = root / f"{cache.TEMPORARY}{fingerprint}"
    shutil.rmtree(aside, ignore_errors=True)
    (root / fingerprint).rename(aside)
    shutil.rmtree(aside, ignore_errors=True)
