"""The form in which the reading of a source is changed: its columns, its folders, sizes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TypedDict

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from workbench.app.data.source_content import SourceContent
from workbench.app.shared.messages import FIELDS
from workbench.config import DataConfig

_GUESS, _NONE = "", "none"
_FOLDERS = {"label": "the label", "group": "the group", "none": "nothing"}


class Changes(TypedDict, total=False):
    """The fields of ``DataConfig`` that the form sets."""

    label: str | None
    group: str | None
    text: tuple[str, ...] | None
    image: str | None
    folders: str
    size: int | None
    samples: int | None
    length: int | None


def form(config: DataConfig, content: SourceContent) -> DataConfig:
    """Draw the fields for the source; returns ``config`` with what they hold."""
    left, right = st.columns(2)
    changes: Changes = (
        _sample_columns(config, content, left, right)
        if content.column_types
        else {"folders": _folders(config, left)}
    )
    others = [name for name in content.column_names if name not in content.sample_columns]
    changes["label"] = _column(
        left, "label", config.label, [_GUESS, _NONE, *others], _guessed_label(content, config)
    )
    changes["group"] = _column(right, "group", config.group, [_GUESS, *others], "none")
    changes |= _numbers(config, content, left, right)
    unchanged = all(getattr(config, name) == value for name, value in changes.items())
    # A fingerprint in the address belongs to the reading that it was made of.
    fingerprint = config.fingerprint if unchanged else None
    return dataclasses.replace(config, **changes, fingerprint=fingerprint)


def _folders(config: DataConfig, column: DeltaGenerator) -> str:
    names = list(_FOLDERS)
    chosen = column.selectbox(
        FIELDS["folders"],
        names,
        names.index(config.folders) if config.folders in _FOLDERS else 0,
        format_func=_FOLDERS.__getitem__,
        help="The group (patient, plate, customer) never straddles training and test.",
    )
    return str(chosen)


def _sample_columns(
    config: DataConfig, content: SourceContent, left: DeltaGenerator, right: DeltaGenerator
) -> Changes:
    """Which columns hold the samples: texts, or images."""
    guess = ", ".join(content.sample_columns) or "nothing found"
    image = content.inspection is not None and content.inspection["modality"] == "image"
    given = config.text or ()
    texts = left.multiselect(
        FIELDS["text"],
        list(dict.fromkeys((*content.peek["texts"], *given))),
        list(given),
        placeholder="no texts" if image else f"guessed: {guess}",
        help="Several columns are joined, one below the other.",
    )
    picture = _column(
        right,
        "image",
        config.image,
        [_GUESS, *content.column_types],
        guess if image else "no images",
    )
    return {"text": tuple(texts) or None, "image": None if texts else picture}


def _column(
    column: DeltaGenerator, field: str, value: str | None, columns: Sequence[str], guess: str
) -> str | None:
    """The choice of one column; the first option leaves the choice to the workbench."""
    options = list(dict.fromkeys((*columns, value or _GUESS)))
    is_certain = guess in ("none", "no images")
    titles = {_GUESS: guess if is_certain else f"guessed: {guess}", _NONE: "none"}
    chosen = column.selectbox(
        FIELDS[field],
        options,
        options.index(value or _GUESS),
        format_func=lambda name: titles.get(name, name),
    )
    return str(chosen) or None


def _numbers(
    config: DataConfig, content: SourceContent, left: DeltaGenerator, right: DeltaGenerator
) -> Changes:
    samples = _number(
        left, "samples", config.samples, 2, 10**9, "all",
        "They are drawn by a fixed seed, each class by its share.",
    )  # fmt: skip
    if content.holds_images:
        size = _number(
            right, "size", config.size, 4, 1024, "auto",
            "Auto: the images' own side if all are equal and at most 64, else 64. Larger "
            "images cost training time.",
        )  # fmt: skip
        return {"samples": samples, "size": size, "length": config.length}
    length = _number(right, "length", config.length, 4, 4096, "128", "Longer texts are cut.")
    return {"samples": samples, "length": length, "size": config.size}


def _number(
    column: DeltaGenerator,
    field: str,
    value: int | None,
    low: int,
    high: int,
    placeholder: str,
    help_text: str,
) -> int | None:
    """A whole number between ``low`` and ``high``, or none."""
    begin = None if value is None else min(max(value, low), high)
    return column.number_input(
        FIELDS[field], low, high, begin, placeholder=placeholder, help=help_text
    )


def _guessed_label(content: SourceContent, config: DataConfig) -> str:
    if content.inspection is None or config.label is not None:
        return "by name and values"
    return content.inspection["label"] or "no label found"
