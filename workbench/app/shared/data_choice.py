"""Which data a page is about: in the URL, prepared by the engine, with progress on the screen."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import streamlit as st

from workbench import paths
from workbench.app import settings
from workbench.app.shared import messages, session
from workbench.config import DataConfig
from workbench.data.dataset import Dataset
from workbench.errors import WorkbenchError
from workbench.requests import catalogue

_READY = "prepared"
_NUMBERS = ("size", "samples", "length")
_LISTS = ("text", "channels")
_NUMBER = re.compile(r"^[0-9]{1,9}$")
_CHANNEL = re.compile(r"\b[0-9]{1,4}\b", re.ASCII)
_FINGERPRINT = re.compile(r"^[0-9a-f]{16}$")


def from_query(query: Mapping[str, str]) -> DataConfig | None:
    """The data that the URL names (``data=`` and how it is read), or None. What cannot be read is
    left out; what is out of range is refused when the data are looked at."""
    source = query.get("data")
    if not source:
        return None
    given: dict[str, Any] = {"source": source}
    for field in dataclasses.fields(DataConfig):
        text = query.get(field.name)
        if not text or field.name == "source":
            continue
        if field.name in _NUMBERS:
            given[field.name] = int(text) if _NUMBER.match(text) else None
        elif field.name == "channels":
            given["channels"] = tuple(int(part) for part in _CHANNEL.findall(text)) or None
        elif field.name == "text":
            given["text"] = tuple(text.split(","))
        elif field.name != "fingerprint" or _FINGERPRINT.match(text):
            given[field.name] = text
    return DataConfig(**given)


def to_query(config: DataConfig) -> dict[str, str]:
    """What goes into the URL so that ``from_query`` gives ``config`` back."""
    query = {"data": config.source}
    default = DataConfig(config.source)
    for field in dataclasses.fields(DataConfig):
        value = getattr(config, field.name)
        if field.name == "source" or value == getattr(default, field.name):
            continue
        query[field.name] = ",".join(map(str, value)) if field.name in _LISTS else str(value)
    return query


def into_query(query: MutableMapping[str, str], config: DataConfig) -> None:
    """Write ``config`` into the URL, and leave what else stands there."""
    wanted = to_query(config)
    names = {"data", *(field.name for field in dataclasses.fields(DataConfig))} - {"source"}
    for name in names:
        if name not in wanted:
            query.pop(name, None)
        elif query.get(name) != wanted[name]:
            query[name] = wanted[name]


def already(config: DataConfig) -> Dataset | None:
    """The data set if this visit has met it prepared, and it is still here."""
    known: dict[str, str] = st.session_state.setdefault(_READY, {})
    folder = paths.cache_dir(session.home()) / known.get(_key(config), "-")
    return Dataset.open(folder) if (folder / "info.json").exists() else None


def prepared(config: DataConfig) -> Dataset | None:
    """The prepared data set, with a progress bar while the engine makes it; None after an error,
    which is shown."""
    found = already(config)
    if found is not None:
        return found
    bar = st.progress(0.0, "Preparing the data")
    try:
        data = session.engine().prepare(
            config,
            lambda text, share: bar.progress(min(share, 1.0), f"Preparing: {text}"),
            within=allowed(config),
        )
    except WorkbenchError as error:
        bar.empty()
        messages.tell(error)
        return None
    bar.empty()
    st.session_state[_READY][_key(config)] = data.info.fingerprint
    return data


def allowed(config: DataConfig) -> Path | None:
    """The folder that the files of ``config`` must lie in, None for no limit. Raises RequestError
    for a source that people on this app may not read."""
    current = settings.current()
    current.check_source(config.source)
    return current.within(config.source)


def known_sources() -> dict[str, str]:
    """Sources to choose from, with their titles: the samples, and what this home has seen."""
    out = {f"sample:{card['name']}": str(card["title"]) for card in catalogue.sample_cards()}
    for info in sorted(paths.cache_dir(session.home()).glob("*/info.json")):
        raw = json.loads(info.read_text("utf-8"))
        out.setdefault(str(raw["source"]), str(raw["title"]))
    return out


def _key(config: DataConfig) -> str:
    return json.dumps(dataclasses.asdict(config), sort_keys=True)
