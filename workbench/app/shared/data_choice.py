"""The data set of a page: named in the address, prepared by the engine, with a progress bar."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import streamlit as st

from workbench.app import settings
from workbench.app.plain import plain
from workbench.app.shared import messages, session, source_access
from workbench.config import DataConfig
from workbench.data import cache, library
from workbench.data.dataset import Dataset
from workbench.errors import RequestError, WorkbenchError
from workbench.requests import catalogue

_PREPARED = "prepared"
_NUMBERS = ("size", "samples", "length")
# Fields of DataConfig that have another name in the address: "split" is the split that is shown.
_ADDRESS_NAMES = {"split": "split_column"}
_TRUE = "true"
_NUMBER = re.compile(r"^[0-9]{1,9}$")
_CHANNEL = re.compile(r"\b[0-9]{1,4}\b", re.ASCII)
_FINGERPRINT = re.compile(r"^[0-9a-f]{16}$")


def from_query(query: Mapping[str, str]) -> DataConfig | None:
    """The data that the address names (``data=`` and how it is read), or None.

    What cannot be parsed is left out; values out of range are refused when the source is read.
    """
    source = query.get("data")
    if not source:
        return None
    fields: dict[str, Any] = {"source": source}
    for field in dataclasses.fields(DataConfig):
        text = query.get(_address_name(field.name))
        if not text or field.name == "source":
            continue
        if field.name == "dedupe":
            fields[field.name] = text.lower() == _TRUE
        elif field.name in _NUMBERS:
            fields[field.name] = int(text) if _NUMBER.match(text) else None
        elif field.name == "channels":
            fields["channels"] = tuple(int(part) for part in _CHANNEL.findall(text)) or None
        elif field.name == "text":
            fields["text"] = tuple(text.split(","))
        elif field.name != "fingerprint" or _FINGERPRINT.match(text):
            fields[field.name] = text
    return DataConfig(**fields)


def to_query(config: DataConfig) -> dict[str, str]:
    """Parameters of the address from which ``from_query`` gives ``config`` back."""
    query = {"data": config.source}
    default = DataConfig(config.source)
    for field in dataclasses.fields(DataConfig):
        value = getattr(config, field.name)
        if field.name == "source" or value == getattr(default, field.name):
            continue
        query[_address_name(field.name)] = _address_text(value)
    return query


def write_query(query: MutableMapping[str, str], config: DataConfig) -> None:
    """Write ``config`` into the address; other parameters stay."""
    wanted = to_query(config)
    names = {_address_name(field.name) for field in dataclasses.fields(DataConfig)}
    names = (names - {"source"}) | {"data"}
    for name in names:
        if name not in wanted:
            query.pop(name, None)
        elif query.get(name) != wanted[name]:
            query[name] = wanted[name]


def clear_query(query: MutableMapping[str, str]) -> None:
    """Take the data out of the address; other parameters stay."""
    for name in ("data", *(_address_name(field.name) for field in dataclasses.fields(DataConfig))):
        if name != "source":
            query.pop(name, None)


def prepared_before(config: DataConfig) -> Dataset | None:
    """The data set, if it was prepared during this visit and is still there."""
    fingerprints: dict[str, str] = st.session_state.setdefault(_PREPARED, {})
    fingerprint = fingerprints.get(_key(config))
    data = None if fingerprint is None else cache.find(session.home(), fingerprint)
    return None if data is None else library.known_as(data, config.source)


def prepare(config: DataConfig) -> Dataset | None:
    """The data set, with a progress bar while the engine prepares it; None after an error, which is
    shown."""
    existing = prepared_before(config)
    if existing is not None and source_access.may_open(config.source):
        return existing
    bar = st.progress(0.0, "Preparing the data")
    try:
        within = allowed_folder(config)
        data = session.engine().prepare(
            config,
            lambda text, share: bar.progress(min(share, 1.0), f"Preparing: {plain(text)}"),
            within=within,
        )
    except WorkbenchError as error:
        bar.empty()
        messages.show_error(error)
        return None
    bar.empty()
    if not source_access.is_source_of(data, config.source):
        messages.show_error(
            RequestError(
                "these data were not prepared from this source.",
                field="Data",
                remedy="Choose the data again, without a fingerprint in the address.",
            )
        )
        return None
    st.session_state[_PREPARED][_key(config)] = data.info.fingerprint
    return data


def allowed_folder(config: DataConfig) -> Path | None:
    """The folder that the files of ``config`` must lie in, None for no limit.

    Raises RequestError for a source that users of this app may not read.
    """
    source_access.check(config.source)
    return settings.current().within(config.source)


def known_sources() -> dict[str, str]:
    """Sources with their titles: the sample sets, and what was prepared in this home."""
    samples = {f"sample:{card['name']}": str(card["title"]) for card in catalogue.sample_cards()}
    return samples | {
        source: title
        for source, title in library.prepared_sources(session.home()).items()
        if source not in samples and source_access.may_open(source)
    }


def _address_name(field: str) -> str:
    return _ADDRESS_NAMES.get(field, field)


def _address_text(value: Any) -> str:
    if isinstance(value, bool):
        return _TRUE if value else "false"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _key(config: DataConfig) -> str:
    return json.dumps(dataclasses.asdict(config), sort_keys=True)
