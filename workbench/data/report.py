"""What was read from a source: counts, classes, what was left out, some samples, the columns.

The command ``workbench data``, its JSON and the Data page show this, so that a wrong guess is seen
in seconds.
"""

from __future__ import annotations

import dataclasses
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from workbench.data import quality
from workbench.data.account import Account
from workbench.data.dataset import SPLITS, Dataset

SHOWN = 10
_LONGEST = 120


@dataclass(frozen=True)
class SampleView:
    """One sample. text: its beginning, None for an image."""

    id: str
    split: str
    label: str | None
    text: str | None


@dataclass(frozen=True)
class DataReport:
    """counts: samples by split. classes: samples by class of the label. found, taken, left_out,
    unit: the account of the source; found is None for data prepared by an older version. copies:
    samples of other splits that equal a training sample, by split. columns: the label and factor
    columns with their class names, in order. size: (height, width) of images. fit: how pictures
    were made square; shown: mean share of a picture that the encoder gets, in (0, 1]. samples: ten
    of them, spread over all.
    """

    name: str
    modality: Literal["image", "text"]
    counts: dict[str, int]
    classes: dict[str, int]
    found: int | None
    taken: int
    left_out: dict[str, int]
    unit: str
    copies: dict[str, int]
    columns: dict[str, list[str]]
    label: str | None
    group: str | None
    size: tuple[int, int] | None
    channels: int | None
    fit: str | None
    shown: float | None
    notes: tuple[str, ...]
    samples: tuple[SampleView, ...]

    def to_json(self) -> dict[str, Any]:
        """The report as JSON."""
        return asdict(self)


def report(dataset: Dataset, account: Account | None = None) -> DataReport:
    """The report on a prepared data set.

    account: of the source as it is now (``preparing.account_now``), in place of the one that was
    stored when the cache was made.
    """
    info = dataset.info
    if account is not None:
        stored = () if info.found is None else Account(info.found, info.left_out, info.unit).notes()
        notes = tuple(note for note in info.notes if note not in stored)
        info = dataclasses.replace(
            info,
            found=account.found,
            left_out=account.left_out,
            unit=account.unit,
            notes=(*account.notes(), *notes),
        )
    return DataReport(
        name=info.title,
        modality=info.modality,
        counts=dict(info.counts),
        classes=_classes(dataset),
        found=info.found,
        taken=info.total,
        left_out=dict(info.left_out),
        unit=info.unit,
        copies={name: n for name, n in quality.duplicates(dataset).across.items() if n},
        columns={target.name: list(target.classes) for target in info.targets},
        label=None if info.label is None else info.label.name,
        group=info.group,
        size=info.size,
        channels=info.channels,
        fit=info.fit,
        shown=info.shown,
        notes=info.notes,
        samples=_samples(dataset),
    )


def _classes(dataset: Dataset) -> dict[str, int]:
    label = dataset.info.label
    if label is None:
        return {}
    codes = dataset.target(label.name)
    counts = np.bincount(codes[codes >= 0], minlength=len(label.classes))
    return {name: int(count) for name, count in zip(label.classes, counts, strict=True)}


def _samples(dataset: Dataset) -> tuple[SampleView, ...]:
    info = dataset.info
    codes = None if info.label is None else dataset.target(info.label.name)
    texts = dataset.texts if info.modality == "text" else None
    split_of = np.repeat(SPLITS, [info.counts.get(name, 0) for name in SPLITS])
    views = []
    for row in quality.spread(info.total, SHOWN).tolist():
        label = None
        if codes is not None and info.label is not None and codes[row] >= 0:
            label = info.label.classes[int(codes[row])]
        text = None if texts is None else " ".join(texts[row].split())[:_LONGEST]
        views.append(SampleView(dataset.ids[row], str(split_of[row]), label, text))
    return tuple(views)
