"""Which data a page is about: in the URL, prepared by the engine, with progress on the screen."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from workbench import catalogue, paths, settings
from workbench.components import session
from workbench.config import DataConfig
from workbench.data.dataset import Dataset
from workbench.errors import WorkbenchError
from workbench.settings import UPLOADS

_READY = "prepared"
_NUMBERS = ("size", "samples", "length")
_LISTS = ("text", "channels")


def from_query(query: Mapping[str, str]) -> DataConfig | None:
    """The data that the URL names (``data=`` and how it is read), or None."""
    source = query.get("data")
    if not source:
        return None
    given: dict[str, Any] = {"source": source}
    for field in dataclasses.fields(DataConfig):
        text = query.get(field.name)
        if not text or field.name in ("source", "fingerprint"):
            continue
        if field.name in _NUMBERS:
            given[field.name] = int(text) if text.isdigit() else None
        elif field.name == "channels":
            given["channels"] = tuple(int(part) for part in re.findall(r"\d+", text)) or None
        elif field.name == "text":
            given["text"] = tuple(text.split(","))
        else:
            given[field.name] = text
    return DataConfig(**given)


def to_query(config: DataConfig) -> dict[str, str]:
    """What goes into the URL so that ``from_query`` gives ``config`` back."""
    query = {"data": config.source}
    default = DataConfig(config.source)
    for field in dataclasses.fields(DataConfig):
        value = getattr(config, field.name)
        if field.name in ("source", "fingerprint") or value == getattr(default, field.name):
            continue
        query[field.name] = ",".join(map(str, value)) if field.name in _LISTS else str(value)
    return query


def prepared(config: DataConfig) -> Dataset | None:
    """The prepared data set, with a progress bar while the engine makes it; None after an error,
    which is shown."""
    known: dict[str, str] = st.session_state.setdefault(_READY, {})
    key = json.dumps(dataclasses.asdict(config), sort_keys=True)
    folder = paths.cache_dir(session.home()) / known.get(key, "-")
    if key in known and (folder / "info.json").exists():
        return Dataset.open(folder)
    bar = st.progress(0.0, "Preparing the data")
    try:
        allowed = settings.current()
        allowed.check_source(config.source)
        data = session.engine().prepare(
            config,
            lambda text, share: bar.progress(min(share, 1.0), f"Preparing: {text}"),
            within=allowed.within(config.source),
        )
    except WorkbenchError as error:
        bar.empty()
        st.error(str(error).replace("\n", "  \n"))
        return None
    bar.empty()
    known[key] = data.info.fingerprint
    return data


def known_sources() -> dict[str, str]:
    """Sources to choose from, with their titles: the samples, and what this home has seen."""
    out = {f"sample:{card['name']}": str(card["title"]) for card in catalogue.sample_cards()}
    for info in sorted(paths.cache_dir(session.home()).glob("*/info.json")):
        raw = json.loads(info.read_text("utf-8"))
        out.setdefault(str(raw["source"]), str(raw["title"]))
    return out


def store_upload(files: list[Any]) -> str:
    """Write uploaded files into the home, under their content's name; returns the source.

    One archive or table is the source itself; several files are a folder of images.
    """
    import hashlib

    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode())
        digest.update(file.getbuffer())
    folder = session.home() / UPLOADS / digest.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        target = folder / Path(file.name).name
        if not target.exists():
            target.write_bytes(file.getbuffer())
    only = Path(files[0].name)
    single = len(files) == 1 and only.suffix.lower() in (
        ".zip",
        ".csv",
        ".tsv",
        ".jsonl",
        ".parquet",
    )
    return str(folder / only.name if single else folder)
