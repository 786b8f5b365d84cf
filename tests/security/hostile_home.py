"""A home in which every text that people or files bring is hostile: names that are Markdown, HTML,
formulas and code. Its runs are drawn, not trained."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "app"))
import drawn_runs

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.dataset import Dataset
from workbench.store.store import Store

HOST = "host.example"
# What a name can do, piece by piece: an image, HTML, a link, a formula, a colour, an icon, a face.
PIECES = (
    f"![p](http://{HOST}/x.png)",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "$x^2$",
    ":red[x]",
    ":material/home:",
    ":smile:",
    "`b`",
    "**c**",
    f"<a href='http://{HOST}/'>d</a>",
)
HOSTILE = " ".join(PIECES)


def name(mark: str) -> str:
    """A hostile name that differs from others by ``mark``."""
    return f"{HOSTILE} {mark}"


def make(home: Path) -> None:
    """Write the home: images and texts with hostile columns, classes and groups; three runs."""
    pictures, texts = _pictures(home / "files"), _texts(home / "files")
    store = Store.open(home)
    ids = []
    for source, tasks in ((pictures, ("simclr", "rotation")), (texts, ("mlm",))):
        data = prepare(source, home)
        for task in tasks:
            run_id = drawn_runs.draw(home, data, task, source=source)
            store.update(
                run_id, name=name(task), owner=name("owner"), note=name("note"), tags=[name("tag")]
            )
            store.merge_summary(run_id, {"notes": [f"{name('kept')}\n\n# {name('line')}"]})
            ids.append(run_id)
    config = store.run(ids[0]).config
    failed = store.add_run(config, digest="failed", owner=name("owner"), name=name("failed"))
    store.update(failed, state="failed", started=1.0, ended=2.0, reason=name("reason"))


def datasets(home: Path) -> list[Dataset]:
    return [Dataset.open(path.parent) for path in sorted((home / "data").glob("*/info.json"))]


def _pictures(folder: Path) -> DataConfig:
    rng = np.random.default_rng(0)
    folder = folder / f"pictures ![p](http:/{HOST}/x.png)"
    folder.mkdir(parents=True)
    rows = []
    for i in range(120):
        file = folder / f"![p]({HOST}) $x$ {i}.png"
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), np.uint8)).save(file)
        rows.append([file.name, name(f"class {i % 3}"), name(f"group {i % 4}")])
    columns = ["image", name("label"), name("group")]
    return _table(folder / "images $x$ :red[x].csv", columns, rows)


def _texts(folder: Path) -> DataConfig:
    words = ("the", "cat", "sat", "on", "a", "mat", "and", "saw", "dogs", "bark", HOSTILE)
    rng = np.random.default_rng(0)
    rows = [
        [f"{' '.join(rng.choice(words, 8))} {i}", name(f"class {i % 3}"), name(f"group {i % 4}")]
        for i in range(240)
    ]
    return _table(folder / "texts.csv", ["text", name("label"), name("group")], rows)


def _table(path: Path, columns: list[str], rows: list[list[str]]) -> DataConfig:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    return DataConfig(str(path), label=columns[1], group=columns[2])
