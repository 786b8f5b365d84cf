"""In what one may look for neighbours: pixels or words, untrained encoders, runs, and what comes
from elsewhere. Reads the runs' folders with numpy alone, so that the app's server can.

Train and validation samples only, those of the runs' maps: nothing here meets the test split.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from safetensors import safe_open

from workbench import comparison, paths
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.evaluation.pixels import raw_input
from workbench.maps.word_counts import word_rows
from workbench.store.store import RunRow

Rows = npt.NDArray[np.int64]
Kind = Literal["plain", "untrained", "run", "outside"]
Place = tuple[Path, RunRow]
Stamps = tuple[tuple[str, float], ...]

PIXELS, WORDS = "pixels only", "words only"
_SEEN = ("train", "validation")
# What tells two seeds of one configuration apart, or says where and not what.
_NOT_CONFIGURATION = ("seed", "device", "plugins")


@dataclass(frozen=True)
class Space:
    """Features of samples. key: the run's id, or what else it is, the same in every comparison.

    title: for people. rows: int64 (n,), positions in the data set's cache, ascending; features:
    float32 (n, d). configuration: equal for seeds of one configuration, empty for what is no run.
    """

    key: str
    title: str
    kind: Kind
    rows: Rows
    features: npt.NDArray[np.float32]
    configuration: str = ""


def with_embeddings(places: Sequence[Place]) -> list[Place]:
    """The runs that kept their embeddings and saw the same data as the first of these."""
    kept = [(home, row) for home, row in places if _embeddings(home, row.id).exists()]
    return [place for place in kept if fingerprint(place[1]) == fingerprint(kept[0][1])]


def stamps(places: Sequence[Place]) -> Stamps:
    """What a cache may know these runs' embeddings by: ids, and when they were written."""
    return tuple((row.id, _embeddings(home, row.id).stat().st_mtime) for home, row in places)


def of_runs(places: Sequence[Place], *, plain: bool = True) -> list[Space]:
    """Pixels or words (``plain``, where the cache is there), untrained encoders, then the runs.

    places: runs of one data set that kept their embeddings, see ``with_embeddings``. There is one
    untrained encoder for each kind of encoder, that of the first run's seed.
    """
    if not places:
        return []
    first = places[0]
    before: list[Space] = []
    after: list[Space] = []
    rows = mapped_rows(*first)
    found = plain_space(first, rows) if plain else None
    if found is not None:
        before.append(found)
    titles = unique_titles([row for _, row in places])
    seen: dict[str, str] = {}
    for (home, row), title in zip(places, titles, strict=True):
        h, u = _read(home, row.id, rows)
        encoder = str(row.config.get("encoder") or "encoder")
        kind = _digest({"encoder": encoder, "options": row.config.get("encoder_options") or {}})
        if kind not in seen:
            seen[kind] = encoder
            key = f"untrained {_digest([kind, row.config.get('seed')])}"
            before.append(Space(key, "untrained encoder", "untrained", rows, u))
        after.append(Space(row.id, title, "run", rows, h, configuration(row.config)))
    if len(seen) > 1:
        named = iter(seen.values())
        before = [_named(space, next(named)) if space.kind == "untrained" else space
                  for space in before]  # fmt: skip
    return [*before, *after]


def plain_space(place: Place, rows: Rows) -> Space | None:
    """Pixels around their mean, as they are scored, or word counts; None if the cache is gone."""
    data = dataset(place)
    if data is None:
        return None
    if data.info.modality == "text":
        texts = data.texts
        return Space(WORDS, WORDS, "plain", rows, word_rows([texts[row] for row in rows]))
    pixels = raw_input(data.images, rows)
    return Space(PIXELS, PIXELS, "plain", rows, pixels - pixels.mean(axis=0))


def mapped_rows(home: Path, row: RunRow) -> Rows:
    """Positions in the cache, ascending, of the samples on the run's map: train and validation."""
    table = pq.read_table(paths.run_dir(home, row.id) / "map_pca.parquet", columns=["row"])
    rows: Rows = np.sort(table["row"].to_numpy().astype(np.int64))
    return rows


def embedded(
    place: Place,
) -> tuple[Rows, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Every training and validation sample that a run kept a representation of: positions in the
    cache, ascending (n,); float32 (n, d), trained and untrained. Raises RequestError if it kept
    none."""
    home, row = place
    path = _embeddings(home, row.id)
    if not path.exists():
        raise RequestError(
            f"run '{row.id}' ({row.state}) kept no representations.",
            field="RUN",
            remedy="They are written when a run is scored; stopped runs and stored demo runs have "
            "none.",
        )
    with safe_open(str(path), framework="numpy") as stored:
        found = [f"index_{name}" for name in _SEEN if f"index_{name}" in stored.keys()]  # noqa: SIM118
        rows: Rows = np.sort(np.concatenate([stored.get_tensor(name) for name in found]))
    return rows, *_read(home, row.id, rows)


def dataset(place: Place) -> Dataset | None:
    """The prepared data of a run with its samples, None if they are gone (stored demo runs)."""
    home, row = place
    folder = paths.cache_dir(home) / fingerprint(row)
    samples = ("images.npy", "texts.parquet")
    if not any((folder / name).exists() for name in samples):
        return None
    return Dataset.open(folder)


def fingerprint(row: RunRow) -> str:
    return str(row.config["data"].get("fingerprint"))


def configuration(config: Mapping[str, Any]) -> str:
    """Equal for runs that differ in nothing but seed and device."""
    return _digest({k: v for k, v in config.items() if k not in _NOT_CONFIGURATION})


def unique_titles(rows: Sequence[RunRow]) -> list[str]:
    """What runs are called, with their ids where two are called the same."""
    titles = [comparison.title({"name": row.name, "config": row.config}) for row in rows]
    return [
        title if titles.count(title) == 1 else f"{title}, {row.id}"
        for title, row in zip(titles, rows, strict=True)
    ]


def _named(space: Space, encoder: str) -> Space:
    title = f"untrained {encoder}"
    return Space(space.key, title, space.kind, space.rows, space.features)


def _embeddings(home: Path, run_id: str) -> Path:
    return paths.run_dir(home, run_id) / "embeddings.safetensors"


def _read(
    home: Path, run_id: str, rows: Rows
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """float32 (n, d): representations of the samples at ``rows``, trained and untrained."""
    with safe_open(str(_embeddings(home, run_id)), framework="numpy") as stored:
        splits = [name for name in _SEEN if f"index_{name}" in stored.keys()]  # noqa: SIM118
        index = np.concatenate([stored.get_tensor(f"index_{name}") for name in splits])
        order = np.argsort(index, kind="stable")
        place = np.minimum(np.searchsorted(index, rows, sorter=order), len(index) - 1)
        if (index[order[place]] != rows).any():
            raise RequestError(
                f"run '{run_id}' has no embedding of some mapped samples.",
                field="RUN",
                remedy="Run it again: its files are of another data set than its map.",
            )
        h, u = (
            np.concatenate([stored.get_tensor(f"{letter}_{name}") for name in splits])[order[place]]
            for letter in ("h", "u")
        )
    return h.astype(np.float32), u.astype(np.float32)


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
