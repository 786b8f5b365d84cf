"""The flags that name a data set and say how it is read: one row for each.

A row gives a field of ``DataConfig`` its flag. The command line makes its options from the rows,
``data_config`` reads their values, and ``data_words`` writes them back. To add or change such a
flag, change its row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.config import FITS, FOLDERS, UNSPLIT, DataConfig
from workbench.errors import RequestError
from workbench.requests.validation import absolute_source


@dataclass(frozen=True)
class DataFlag:
    """flag: as it is typed. field: of ``DataConfig``. kind: of the typed value. choices: the words
    that are allowed, empty for any value. placeholder: for the value in ``--help``. parse: from the
    typed value to the field's, None for a value that says nothing."""

    flag: str
    field: str
    help: str
    kind: type[str] | type[int] | type[bool] = str
    choices: tuple[str, ...] = ()
    placeholder: str | None = None
    parse: Callable[[Any], Any] = lambda value: value


def _columns(text: str) -> tuple[str, ...] | None:
    return tuple(text.split(",")) if text else None


def _channels(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as exc:
        raise RequestError(
            f"'{text}' is not a list of channels.", field="--channels", remedy="Give 0 or 0,1,2."
        ) from exc


DATA_FLAGS = (
    DataFlag(
        "--data",
        "source",
        "sample:NAME, a path, or hub:NAME.",
        placeholder="D",
        parse=absolute_source,
    ),
    DataFlag("--label", "label", "Label column; 'none' for no labels."),
    DataFlag("--group", "group", "Group column (patient, plate) that must not straddle splits."),
    DataFlag("--text", "text", "Text columns, A,B.", parse=_columns),
    DataFlag("--image", "image", "Image column."),
    DataFlag(
        "--folders",
        "folders",
        "What the folder names of an image tree are.",
        choices=FOLDERS,
    ),
    DataFlag("--split", "split", "Column that names splits; 'none': splits are made here."),
    DataFlag(
        "--unsplit",
        "unsplit",
        "Where samples go whose split cell is empty.",
        choices=UNSPLIT,
    ),
    DataFlag("--fit", "fit", "How pictures are made square; default: by shape.", choices=FITS),
    DataFlag(
        "--dedupe",
        "dedupe",
        "Leave out copies: of training samples in other splits, and repeats.",
        kind=bool,
    ),
    DataFlag("--size", "size", "Side of the images in pixels.", kind=int),
    DataFlag("--samples", "samples", "Draw at most this many samples.", kind=int),
    DataFlag(
        "--channels",
        "channels",
        "Channels of a multi-channel image, such as 0,2.",
        parse=_channels,
    ),
    DataFlag("--length", "length", "Longest text kept, in tokens.", kind=int),
)


def data_config(values: Mapping[str, Any], base: DataConfig | None = None) -> DataConfig:
    """The DataConfig that the flags' values describe, over ``base`` if there is one.

    values: typed values by field; None or absent for a flag that was not given. Raises RequestError
    if no data set is named, or for a value that cannot be parsed.
    """
    given = {}
    for row in DATA_FLAGS:
        typed = values.get(row.field)
        value = None if typed is None else row.parse(typed)
        if value is not None:
            given[row.field] = value
    if base is not None:
        # A fingerprint belongs to one source and one way of reading it.
        fingerprint = None if given else base.fingerprint
        return dataclasses.replace(base, **{**given, "fingerprint": fingerprint})
    if not given.get("source"):
        raise RequestError("is missing.", field="--data", remedy="Give --data, see --help.")
    return DataConfig(**given)


def data_words(config: DataConfig) -> list[str]:
    """The flags and values that describe ``config``; those of default values are left out."""
    defaults = {field.name: field.default for field in dataclasses.fields(DataConfig)}
    words = []
    for row in DATA_FLAGS:
        value = getattr(config, row.field)
        if value == () or value == defaults[row.field]:
            continue
        if row.kind is bool:
            words.append(row.flag)
            continue
        words += [row.flag, ",".join(map(str, value)) if isinstance(value, tuple) else str(value)]
    return words
