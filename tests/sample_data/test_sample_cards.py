from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

NAMES = ("digits", "shapes", "surfaces", "scans", "intents", "tickets")
KEYS = {
    *("name", "title", "modality", "summary", "label", "factors", "group", "normal_label"),
    *("size", "channels", "splits", "classes", "licence", "source", "made_by"),
}
Cards = Callable[[str], dict[str, Any]]
Columns = Callable[[str, str], dict[str, list[Any]]]


def test_these_are_all_the_sets(root: Path) -> None:
    assert {path.parent.name for path in root.glob("*/card.json")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_complete_and_says_how_the_set_was_made(
    name: str, root: Path, card_of: Cards
) -> None:
    card = card_of(name)
    assert set(card) == KEYS
    assert card["name"] == name
    assert card["summary"].endswith(".")
    assert (root / card["made_by"]).is_file()
    assert card["licence"] in {"Apache-2.0", "CC BY 4.0"}


@pytest.mark.parametrize("name", NAMES)
def test_a_card_counts_right(name: str, card_of: Cards, columns_of: Columns) -> None:
    card = card_of(name)
    assert list(card["splits"]) == ["train", "validation", "test"]
    for split, count in card["splits"].items():
        assert {len(values) for values in columns_of(name, split).values()} == {count}


@pytest.mark.parametrize("name", NAMES)
def test_classes_are_those_of_the_files(
    name: str, root: Path, card_of: Cards, columns_of: Columns
) -> None:
    card = card_of(name)
    schema = pq.read_schema(root / name / "test.parquet")
    features = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
    assert features[card["label"]]["names"] == card["classes"]
    assert set(columns_of(name, "test")[card["label"]]) == set(range(len(card["classes"])))
    for factor in card["factors"]:
        found = set(columns_of(name, "train")[factor])
        assert found == set(range(len(features[factor]["names"])))


@pytest.mark.parametrize("name", ["digits", "shapes", "surfaces", "scans"])
def test_images_have_the_size_that_the_card_names(
    name: str, card_of: Cards, columns_of: Columns
) -> None:
    card = card_of(name)
    shape = tuple(card["size"]) + ((card["channels"],) if card["channels"] > 1 else ())
    for cell in columns_of(name, "test")["image"][::20]:
        pixels = np.asarray(Image.open(io.BytesIO(cell)))
        assert pixels.shape == shape
        assert pixels.dtype == np.uint8
        assert pixels.std() > 5


@pytest.mark.parametrize("name", NAMES)
def test_a_set_is_at_most_five_megabytes(name: str, root: Path) -> None:
    assert sum(path.stat().st_size for path in (root / name).iterdir()) <= 5_000_000


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_names_counts_and_script(name: str, root: Path, card_of: Cards) -> None:
    text = (root / name / "README.md").read_text("utf-8")
    card = card_of(name)
    assert text.startswith(f"# {name}: ")
    assert card["made_by"] in text
    for split, count in card["splits"].items():
        assert f"| {split} | {count:,} |" in text
    assert f"python sample_data/measure.py {name}" in text


@pytest.mark.parametrize("name", NAMES)
def test_no_sample_is_in_two_splits_or_twice(
    name: str, card_of: Cards, columns_of: Columns
) -> None:
    column = "image" if card_of(name)["modality"] == "image" else "text"
    cells = [cell for split in card_of(name)["splits"] for cell in columns_of(name, split)[column]]
    assert len(set(cells)) == len(cells)


@pytest.mark.parametrize("name", ["scans", "intents", "tickets"])
def test_no_group_is_in_two_splits(name: str, card_of: Cards, columns_of: Columns) -> None:
    group = card_of(name)["group"]
    groups = [set(columns_of(name, split)[group]) for split in card_of(name)["splits"]]
    assert len(set().union(*groups)) == sum(map(len, groups))
