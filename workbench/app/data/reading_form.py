"""The form in which the reading of a source is changed: its columns, folders, splits and sizes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TypedDict

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from workbench.app.data.source_content import SourceContent
from workbench.app.shared.messages import FIELDS, VALUES
from workbench.config import DataConfig

_GUESS, _NONE = "", "none"


class Changes(TypedDict, total=False):
    """The fields of ``DataConfig`` that the form sets."""

    label: str | None
    group: str | None
    text: tuple[str, ...] | None
    image: str | None
    folders: str
    split: str | None
    unsplit: str
    fit: str | None
    dedupe: bool
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
    changes |= _splits(config, content, left, right)
    changes |= _numbers(config, content, left, right)
    if content.holds_images:
        changes["fit"] = _fit(config, content, left)
    changes["dedupe"] = right.checkbox(
        FIELDS["dedupe"],
        config.dedupe,
        help="Samples of other splits that equal a training sample, and repeats within a split.",
    )
    unchanged = all(getattr(config, name) == value for name, value in changes.items())
    # A fingerprint in the address belongs to the reading that it was made of.
    fingerprint = config.fingerprint if unchanged else None
    return dataclasses.replace(config, **changes, fingerprint=fingerprint)


def _folders(config: DataConfig, column: DeltaGenerator) -> str:
    return _choice(
        column,
        "folders",
        config.folders,
        "The group (patient, plate, customer) never straddles training and test. The split: the "
        "uppermost folders are splits, whatever they are called.",
    )


def _splits(
    config: DataConfig, content: SourceContent, left: DeltaGenerator, right: DeltaGenerator
) -> Changes:
    """Where splits come from, and where samples go that have none."""
    columns = [name for name in content.column_types if name not in content.sample_columns]
    options = list(dict.fromkeys((_GUESS, _NONE, *columns, config.split or _GUESS)))
    titles = {_GUESS: "as found", **VALUES["split"]}
    chosen = left.selectbox(
        FIELDS["split"],
        options,
        options.index(config.split or _GUESS),
        format_func=lambda name: titles.get(name, f"those of column '{name}'"),
        help="As found: names of folders and files, or a column such as 'split'. Made here: by a "
        "fixed draw, whatever the names say.",
    )
    split = str(chosen) or None
    changes: Changes = {"split": split, "unsplit": config.unsplit}
    notes = [] if content.inspection is None else content.inspection["notes"]
    if config.unsplit != "train" or any("--unsplit" in note for note in notes):
        changes["unsplit"] = _choice(
            right,
            "unsplit",
            config.unsplit,
            "Some samples have a split, and these have none.",
        )
    return changes


def _fit(config: DataConfig, content: SourceContent, column: DeltaGenerator) -> str | None:
    """How pictures are made square; by their shapes if nothing is chosen."""
    by_shape = None if content.inspection is None else content.inspection["fit"]
    words = VALUES["fit"].get(by_shape or "", "")
    guess = f"by shape: {words}" if words and config.fit is None else "by shape"
    options = list(dict.fromkeys((_GUESS, *VALUES["fit"], config.fit or _GUESS)))
    chosen = column.selectbox(
        FIELDS["fit"],
        options,
        options.index(config.fit or _GUESS),
        format_func=lambda name: VALUES["fit"].get(name, name) or guess,
        help="Encoders get square pictures. Cutting loses what lies at the edges; a border or "
        "squeezing keeps it.",
    )
    return str(chosen) or None


def _choice(column: DeltaGenerator, field: str, value: str, help_text: str) -> str:
    """A choice among the known values of ``field``; the first stands for an unknown one."""
    names = list(VALUES[field])
    chosen = column.selectbox(
        FIELDS[field],
        names,
        names.index(value) if value in names else 0,
        format_func=VALUES[field].__getitem__,
        help=help_text,
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
