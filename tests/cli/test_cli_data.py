"""``workbench data``: what was read, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from PIL import Image

from workbench.cli.main import workbench


def answer(*words: str) -> str:
    done = CliRunner().invoke(workbench, ["data", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def write_pictures(folder: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for row in range(6):
            pixels = rng.integers(0, 256, (12, 12, 3), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{row}.png")


def test_counts_classes_samples_and_what_was_left_out(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    rows = [
        f"the parcel number {row} came late,{'good' if row % 2 else 'bad'}" for row in range(20)
    ]
    path.write_text("\n".join(["text,label", *rows, ",bad"]) + "\n", "utf-8")
    home = ("--home", str(tmp_path / "home"))
    found = json.loads(answer(str(path), *home, "--json"))
    assert found["modality"] == "text"
    assert found["name"] == "words"
    assert found["found"] == 21
    assert found["taken"] == 20
    assert found["left_out"] == {"without a text": 1}
    assert found["taken"] == sum(found["counts"].values())
    assert found["classes"] == {"bad": 10, "good": 10}
    assert len(found["samples"]) == 10
    assert {one["split"] for one in found["samples"]} <= set(found["counts"])
    text = answer(str(path), *home)
    assert "Found: 21 rows\n  left out: 1 without a text\n" in text
    assert "Label 'label', 2 classes: bad 10, good 10" in text


def test_the_account_is_of_the_source_as_it_is_now(tmp_path: Path) -> None:
    folder, home = tmp_path / "pictures", ("--home", str(tmp_path / "home"), "--json")
    write_pictures(folder)
    before = json.loads(answer(str(folder), *home))
    assert (before["found"], before["left_out"]) == (12, {})
    (folder / "cat" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (folder / "notes.txt").write_text("x")
    after = json.loads(answer(str(folder), *home))
    assert (after["found"], after["taken"]) == (14, 12)
    assert after["left_out"] == {"not an image": 1, "linked to nothing": 1}
    assert any("Of 14 files 12 were taken" in note for note in after["notes"])


def test_options_of_reading_reach_the_data(tmp_path: Path) -> None:
    folder, home = tmp_path / "pictures", ("--home", str(tmp_path / "home"), "--json")
    write_pictures(folder)
    (folder / "dog" / "copy.png").write_bytes((folder / "dog" / "0.png").read_bytes())
    found = json.loads(answer(str(folder), *home, "--dedupe", "--folders", "none"))
    assert found["left_out"] == {"equal to another one": 1}
    assert found["label"] is None
    assert json.loads(answer(str(folder), *home))["label"] == "label"
