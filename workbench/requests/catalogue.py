"""What ``workbench list`` gives: tasks, augmentations, encoders, datasets, presets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from workbench import paths, registry


def entries(kind: str) -> list[dict[str, Any]]:
    """One object an entry, with name, modality, family, summary, reference and options."""
    declared: dict[str, Mapping[str, type[registry.Declared]]] = {
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


def sample_cards() -> list[dict[str, Any]]:
    """The cards of the sample data sets, by name."""
    files = sorted(paths.sample_data_dir().glob("*/card.json"))
    return [json.loads(file.read_text("utf-8")) for file in files]


def as_text(rows: list[dict[str, Any]]) -> str:
    """A table for a terminal."""
    width = max((len(row["name"]) for row in rows), default=0)
    return "\n".join(f"{row['name']:<{width}}  {row['summary']}" for row in rows)


def _dataset(card: dict[str, Any]) -> dict[str, Any]:
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
