"""Runs on odd data end in words: finished, perhaps without scores and with the note that says why,
or refused before anything is trained. Each goes through preparing, validation, training and
evaluation as a worker does it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.config import Budget, DataConfig, RunConfig
from workbench.data import prepare
from workbench.errors import RequestError
from workbench.jobs import worker
from workbench.requests import validation
from workbench.store.artifacts import FolderArtifacts

WORDS = ("river", "stone", "cloud", "winter", "garden", "letter", "bridge", "copper")
Make = Callable[[Path], Path]


def images(classes: dict[str, int], alike: Callable[[str, int], int] | None = None) -> Make:
    """A folder of images by class. alike: the seed of an image from its class and number."""

    def make(folder: Path) -> Path:
        for name, count in classes.items():
            for at in range(count):
                path = folder / "pictures" / name / f"{at}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                seed = alike(name, at) if alike else 1000 * sum(map(ord, name)) + at
                pixels = np.random.default_rng(seed).integers(0, 255, (12, 12)).astype(np.uint8)
                Image.fromarray(pixels).save(path)
        return folder / "pictures"

    return make


def texts(count: int, text: Callable[[int], str], classes: int = 2) -> Make:
    def make(folder: Path) -> Path:
        with (folder / "posts.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["text", "label"])
            rows.writerows((text(at), f"class {at % classes}") for at in range(count))
        return folder / "posts.csv"

    return make


def sentence(seed: int) -> str:
    return " ".join(np.random.default_rng(seed).choice(WORDS, 8))


ODD: dict[str, Make] = {
    "images all equal, two classes": images({"cat": 10, "dog": 10}, lambda name, at: 0),
    "images all equal, no class": images({"": 20}, lambda name, at: 0),
    "one image a class, many times": images({"cat": 10, "dog": 10}, lambda name, at: ord(name[0])),
    "two images in all, many times": images({"cat": 10, "dog": 10}, lambda name, at: at % 2),
    "one image differs": images({"cat": 10, "dog": 10}, lambda name, at: at // 9),
    "two images a class": images(dict.fromkeys("abcdef", 2)),
    "one image a class": images(dict.fromkeys("abcdef", 1)),
    "one class": images({"cat": 14}),
    "one image": images({"": 1}),
    "two images": images({"": 2}),
    "three images": images({"": 3}),
    "three images, two classes": images({"cat": 1, "dog": 2}),
    "texts all equal": texts(20, lambda at: "the same words here"),
    "one text a class": texts(24, lambda at: sentence(at % 3), classes=3),
    "two texts a class": texts(12, sentence, classes=6),
    "one text in each class": texts(6, sentence, classes=6),
    "texts of one class": texts(14, sentence, classes=1),
    "texts of one word": texts(24, lambda at: WORDS[at % 8]),
    "texts of one letter": texts(24, lambda at: "abcdefgh"[at % 8]),
    "two texts": texts(2, sentence),
    "three texts": texts(3, sentence),
}

# Nothing can be learned from one image or text, however often it comes.
REFUSED = (
    "images all equal, two classes",
    "images all equal, no class",
    "one image",
    "two images",
    "three images",
    "texts all equal",
)


@pytest.mark.parametrize("case", ODD)
def test_a_run_on_odd_data_ends_in_words(
    case: str, tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    home = tmp_path / "home"
    source = ODD[case](tmp_path)
    text = source.suffix == ".csv"
    data = DataConfig(str(source), label="label" if text else None)
    config = RunConfig(
        data,
        "mlm" if text else "rotation",
        encoder="text_mini" if text else "small_conv",
        budget=Budget(steps=5),
        train={"batch_size": 4},
        eval={"label_efficiency": case.startswith("two images a class")},
        device="cpu",
    )
    refusal = refusal_of(config, home)
    if refusal is not None:
        assert case in REFUSED, refusal
        assert refusal.field
        assert refusal.remedy
        return
    assert case not in REFUSED
    prepared = prepare(data, home)
    config = validation.validate(config, prepared.info)
    artifacts = FolderArtifacts(tmp_path / "run")
    assert worker.run(config, memory_events, artifacts, stop_after(), home=home)
    assert memory_events.phases[-1] == "done"
    assert memory_events.told["training"]["steps"] == 5
    if "test" not in prepared.info.counts or prepared.info.label is None:
        scored = {row["protocol"] for row in memory_events.told["scores"]}
        assert scored <= {"nuisance probe"}
        assert any("so no scores" in note for note in memory_events.notes), memory_events.notes
        assert not artifacts.path("predictions.parquet").exists()
    for name in ("encoder.safetensors", "embeddings.safetensors", "map_pca.parquet"):
        assert artifacts.path(name).exists()


def refusal_of(config: RunConfig, home: Path) -> RequestError | None:
    """Why the run is refused before it is trained, or None."""
    try:
        validation.validate(config, prepare(config.data, home).info)
    except RequestError as error:
        return error
    return None
