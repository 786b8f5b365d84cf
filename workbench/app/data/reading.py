"""How a source is read, shown before it is prepared: its columns and rows, what is guessed of them
and can be changed, and what preparing takes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from workbench.app.shared import data_choice, messages, session
from workbench.config import DataConfig
from workbench.data import estimate
from workbench.data.dataset import Dataset
from workbench.errors import WorkbenchError
from workbench.plots import cards

_GUESS, _NONE = "", "none"
_FOLDERS = {"label": "the label", "group": "the group", "none": "nothing"}
_ROLES = {"label": "label", "factor": "further label", "group": "group", "image": "images",
          "text": "texts", "": "not used"}  # fmt: skip
_KEEP_SECONDS = 60
_NAME = 15
_MADE = "It is split by a fixed draw: 70 % for training, 10 % for validation, 20 % for test."


def ask(config: DataConfig) -> Dataset | None:
    """Draw how ``config`` is read, and the button that prepares it. Returns the prepared data, None
    while there are none. What is changed goes into the address, and the page runs again."""
    data, found = data_choice.already(config), None
    if data is None and not _plain_sample(config):
        found = _looked(config)
        if found is None:
            return None
    ready = data is not None or found is None or bool((found[1] or {}).get("prepared"))
    if ready and data is None:
        data = data_choice.prepared(config)
        if data is None:
            return None
    key = f"reading-{hashlib.sha256(config.source.encode()).hexdigest()[:8]}"
    box = st.expander("How it is read", expanded=not ready, key=key, on_change="rerun")
    if ready and not box.open:
        return data
    found = found or _looked(config)
    if found is None:
        return data
    peeked, inspected = found
    with box:
        wanted = _form(config, peeked, inspected)
        _shown(peeked, inspected)
    if wanted != config:
        data_choice.into_query(st.query_params, wanted)
        st.rerun()
    if not ready and inspected is not None:
        _plan(inspected)
        # The form folds itself up when it has done its work.
        if st.button(
            "Prepare it",
            type="primary",
            icon=":material/check:",
            on_click=lambda: st.session_state.update({key: False}),
        ):
            data = data_choice.prepared(config)
            # Whoever looks now, this visit after a reload too, must not be told "not prepared".
            _inspected.clear()
            if data is not None:
                st.rerun()
    return data


def _plain_sample(config: DataConfig) -> bool:
    return config == DataConfig(config.source) and config.source.startswith("sample:")


def _looked(
    config: DataConfig,
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None] | None:
    """What lies in the source, and what is made of it: None where the choice of columns is wrong,
    which is said. None alone if there is nothing to see."""
    key = json.dumps(dataclasses.asdict(config), sort_keys=True)
    try:
        within = data_choice.allowed(config)
        peeked = _peeked(session.home(), key, within, _config=config)
    except WorkbenchError as error:
        messages.tell(error)
        return None
    try:
        return peeked, _inspected(session.home(), key, within, _config=config)
    except WorkbenchError as error:
        messages.tell(error)
        return peeked, None


@st.cache_data(ttl=_KEEP_SECONDS, max_entries=64, show_spinner="Looking into the source")
def _peeked(home: Path, key: str, within: Path | None, *, _config: DataConfig) -> Mapping[str, Any]:
    return session.engine().peek(_config, within)


@st.cache_data(ttl=_KEEP_SECONDS, max_entries=64, show_spinner="Looking into the source")
def _inspected(
    home: Path, key: str, within: Path | None, *, _config: DataConfig
) -> Mapping[str, Any]:
    return session.engine().inspect(_config, within)


def _form(
    config: DataConfig, peeked: Mapping[str, Any], inspected: Mapping[str, Any] | None
) -> DataConfig:
    """The fields, of the source's own columns. Returns what they ask for."""
    columns = list(peeked["columns"])
    known = [column["name"] for column in (inspected or {}).get("columns", ())]
    image = bool(peeked["images"]) if inspected is None else inspected["modality"] == "image"
    left, right = st.columns(2)
    changes: dict[str, Any] = {}
    if columns:
        changes |= _samples_in(config, columns, peeked["texts"], inspected, left, right)
    else:
        changes["folders"] = left.selectbox(
            messages.FIELDS["folders"],
            list(_FOLDERS),
            list(_FOLDERS).index(config.folders) if config.folders in _FOLDERS else 0,
            format_func=_FOLDERS.__getitem__,
            help="The group (patient, plate, customer) never straddles training and test.",
        )
    describing = [name for name in columns or known if name not in _payload(inspected)]
    changes["label"] = _column(
        left, "label", config.label, [_GUESS, _NONE, *describing], _guessed(inspected, config)
    )
    changes["group"] = _column(right, "group", config.group, [_GUESS, *describing], "none")
    changes |= _numbers(config, image, left, right)
    return dataclasses.replace(config, **changes, fingerprint=_same(config, changes))


def _same(config: DataConfig, changes: Mapping[str, Any]) -> str | None:
    """The fingerprint that was asked for, unless something else is asked for now."""
    unchanged = all(getattr(config, name) == value for name, value in changes.items())
    return config.fingerprint if unchanged else None


def _samples_in(
    config: DataConfig,
    columns: Sequence[str],
    texts: Sequence[str],
    inspected: Mapping[str, Any] | None,
    left: Any,
    right: Any,
) -> dict[str, Any]:
    payload = ", ".join(_payload(inspected)) or "nothing found"
    image = inspected is not None and inspected["modality"] == "image"
    chosen = left.multiselect(
        messages.FIELDS["text"],
        list(dict.fromkeys((*texts, *(config.text or ())))),
        list(config.text or ()),
        placeholder="no texts" if image else f"guessed: {payload}",
        help="Several columns are joined, one below the other.",
    )
    picture = _column(
        right, "image", config.image, [_GUESS, *columns], payload if image else "no images"
    )
    return {"text": tuple(chosen) or None, "image": picture if not chosen else None}


def _column(
    place: Any, name: str, value: str | None, options: Sequence[str], guess: str
) -> str | None:
    """One column to choose; the first option leaves the choice to the workbench."""
    known = list(dict.fromkeys((*options, value or _GUESS)))
    known_to_be = guess in ("none", "no images")
    words = {_GUESS: guess if known_to_be else f"guessed: {guess}", _NONE: "none"}
    found = place.selectbox(
        messages.FIELDS[name], known, known.index(value or _GUESS),
        format_func=lambda one: words.get(one, one),
    )  # fmt: skip
    return str(found) or None


def _numbers(config: DataConfig, image: bool, left: Any, right: Any) -> dict[str, Any]:
    samples = left.number_input(
        messages.FIELDS["samples"], 2, 10**9, _within(config.samples, 2, 10**9), placeholder="all",
        help="They are drawn by a fixed seed, each class by its share.",
    )  # fmt: skip
    if image:
        size = right.number_input(
            messages.FIELDS["size"], 4, 1024, _within(config.size, 4, 1024), placeholder="auto",
            help="Auto: the images' own side if all are equal and at most 64, else 64. Larger "
            "images cost training time.",
        )  # fmt: skip
        return {"samples": samples, "size": size, "length": config.length}
    length = right.number_input(
        messages.FIELDS["length"], 4, 4096, _within(config.length, 4, 4096), placeholder="128",
        help="Longer texts are cut.",
    )  # fmt: skip
    return {"samples": samples, "length": length, "size": config.size}


def _within(value: int | None, low: int, high: int) -> int | None:
    return value if value is None else min(max(value, low), high)


def _guessed(inspected: Mapping[str, Any] | None, config: DataConfig) -> str:
    if inspected is None or config.label is not None:
        return "by name and values"
    return str(inspected["label"] or "no label found")


def _payload(inspected: Mapping[str, Any] | None) -> list[str]:
    columns = (inspected or {}).get("columns", ())
    return [column["name"] for column in columns if column["role"] in ("image", "text")]


def _shown(peeked: Mapping[str, Any], inspected: Mapping[str, Any] | None) -> None:
    """What lies there: columns with their roles, the first rows, some images."""
    columns = {column["name"]: column for column in (inspected or {}).get("columns", ())}
    types = peeked["columns"] or {name: column["type"] for name, column in columns.items()}
    if types:
        frame = pd.DataFrame(
            {
                "column": list(types),
                "is taken as": [_role(columns.get(name)) for name in types],
                "holds": list(types.values()),
                "different values": [columns.get(name, {}).get("distinct") for name in types],
            }
        )
        st.dataframe(frame, hide_index=True, width="stretch")
    if peeked["rows"]:
        st.caption("The first rows")
        st.dataframe(pd.DataFrame(peeked["rows"]), hide_index=True, width="stretch")
    if peeked["images"]:
        st.caption("Some of the images, as they lie there")
        st.html(cards.grid([_picture(one) for one in peeked["images"]]))


def _picture(one: Mapping[str, Any]) -> str:
    name = str(one["name"])
    short = name if len(name) <= _NAME else f"…{name[1 - _NAME :]}"
    if one["picture"] is None:
        return cards.missing(str(one["error"]), [short])
    height, width = one["size"]
    lines = [short, f"{width} x {height}"]
    return cards.figure(one["picture"], f"{name}, {width} x {height} pixels", lines)


def _role(column: Mapping[str, Any] | None) -> str:
    return "" if column is None else _ROLES[str(column["role"])]


def _plan(inspected: Mapping[str, Any]) -> None:
    """What was found, and what preparing it takes."""
    what = "images" if inspected["modality"] == "image" else "texts"
    splits = inspected["splits"]
    given = ", ".join(f"{count:,} {name or 'without a split'}" for name, count in splits.items())
    label = inspected["label"]
    told = f"{inspected['classes']:,} classes by '{label}'" if label else "no labels"
    st.markdown(
        f"**{inspected['samples']:,} {what}** ({inspected['kind']}), {messages.words(told)}. "
        + (f"Splits: {given}." if set(splits) != {""} else _MADE)
    )
    if inspected["notes"]:
        st.caption(messages.words(" ".join(inspected["notes"])))
    if not label:
        st.caption(NO_LABELS)
    seconds = max(1.0, float(inspected["seconds"]))
    st.markdown(
        f"Preparing takes about {seconds:,.0f} s, and at most "
        f"{estimate.in_words(inspected['bytes'])} of disk while it lasts."
    )


NO_LABELS = (
    "Without labels there are maps, nearest neighbours, collapse checks and what the features tell "
    "of brightness, colour or length; there are no scores, no gains and no predicted classes. "
    "Pretraining itself never uses labels."
)
