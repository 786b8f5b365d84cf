"""Illustrations that are stored with the lessons: what a model sees and must answer.

``sample_data/make_demo.py`` writes them, from the code that training calls.
"""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from workbench.engine.replies import IllustrationRecord

_FOLDER = "pictures"


def read_picture(home: Path, lesson: str) -> IllustrationRecord | None:
    """The picture of a lesson in the demo home ``home``; None if there is none."""
    path = _path(home, lesson)
    if not path.exists():
        return None
    document: Any = json.loads(path.read_text("utf-8"))
    for row in document["rows"]:
        for panel in row:
            panel["image"] = None if panel["image"] is None else _pixels(panel["image"])
    return cast(IllustrationRecord, document)


def write_picture(home: Path, lesson: str, drawn: IllustrationRecord) -> None:
    """Keep the picture of a lesson: a JSON file with its images as PNG."""
    rows = [
        [
            {**panel, "image": None if panel["image"] is None else _png(panel["image"])}
            for panel in row
        ]
        for row in drawn["rows"]
    ]
    path = _path(home, lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"question": drawn["question"], "rows": rows}), "utf-8")


def _path(home: Path, lesson: str) -> Path:
    return home / _FOLDER / f"{lesson}.json"


def _png(pixels: npt.NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels.squeeze()).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")


def _pixels(png: str) -> npt.NDArray[np.uint8]:
    image = Image.open(io.BytesIO(base64.b64decode(png)))
    return np.asarray(image.convert("RGB"), np.uint8)
