"""The lists of ``workbench list``: tasks, augmentations, encoders, datasets, presets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypedDict

from workbench import paths, registry
from workbench.declared import Declared


class SampleCard(TypedDict):
    """The ``card.json`` of a sample data set, as far as it is used here.

    modality: ``image`` or ``text``. source: where the data come from. splits: samples by split.
    classes: of the label. factors: columns with further known properties.
    """

    name: str
    title: str
    modality: str
    summary: str
    source: str
    splits: dict[str, int]
    classes: list[str]
    factors: list[str]
    licence: str


def entries(kind: str) -> list[dict[str, Any]]:
    """The JSON object of each entry: name, modality, family, summary, reference, options and more.

    kind: ``tasks``, ``augmentations``, ``encoders``, ``datasets`` or ``presets``.
    """
    declared: dict[str, Mapping[str, type[Declared]]] = {
        "tasks": registry.tasks(),
        "augmentations": registry.augmentations(),
        "encoders": registry.encoders(),
    }
    if kind in declared:
        return [cls.describe() for cls in declared[kind].values()]
    if kind == "presets":
        recipes = [preset.describe() for preset in registry.presets().values()]
        return recipes + [preset.describe() for preset in registry.broken().values()]
    return [_dataset(card) for card in sample_cards()]


def sample_cards() -> list[SampleCard]:
    """The cards of the sample data sets, by name."""
    files = sorted(paths.sample_data_dir().glob("*/card.json"))
    return [json.loads(file.read_text("utf-8")) for file in files]


def as_text(rows: list[dict[str, Any]]) -> str:
    """A table for a terminal."""
    width = max((len(row["name"]) for row in rows), default=0)
    return "\n".join(f"{row['name']:<{width}}  {row['summary']}" for row in rows)


def _dataset(card: SampleCard) -> dict[str, Any]:
    return {
        "name": f"sample:{card['name']}",
        "title": card["title"],
        "modality": card["modality"],
        "family": "sample",
        "summary": card["summary"],
        "reference": card["source"],
        "options": [],
        "splits": card["splits"],
        "classes": card["classes"],
        "factors": card["factors"],
        "licence": card["licence"],
    }
