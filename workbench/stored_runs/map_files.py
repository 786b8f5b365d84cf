"""The maps in runs' folders, for pages, notebooks and reports. Needs numpy and pyarrow alone."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from workbench import damage
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.maps.align import align
from workbench.run_folder import NOISE_MAP, THUMBNAILS, map_name
from workbench.stored_runs.embeddings import positions
from workbench.stored_runs.stored_run import StoredRun

KINDS = ("pca", "umap")
_NUMBERED = re.compile(r"((train|validation|test)/)?\d+")


class MapFacts(TypedDict, total=False):
    """What is stored of one map. trustworthiness: None if it was not measured."""

    trustworthiness: float | None
    notes: NotRequired[list[str]]


@dataclass(frozen=True)
class StoredMap:
    """One map of a run. xy: float32 (n, 2); rows: positions in the data set (n,).

    trust: trustworthiness, None if it was not measured. residual: what turning the map onto the
    first one left unexplained, None for a map that was not turned. notes: as stored.
    """

    kind: str
    xy: npt.NDArray[np.float32]
    rows: npt.NDArray[np.int64]
    trust: float | None = None
    residual: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class MapSamples:
    """Labels and texts of the samples on maps. labels: int64 (N,) of the whole data set, -1 where
    missing, None without a label column; texts: all N raw texts, None for images or if they are
    gone; names: files of the images, None where they have none; title: the data set's."""

    labels: npt.NDArray[np.int64] | None
    classes: tuple[str, ...]
    texts: list[str] | None
    title: str = ""
    names: list[str] | None = None


def read_map(run: StoredRun, kind: str = "pca") -> StoredMap:
    """Raises RequestError for an unknown kind or a map that is not there (yet), DamageError for a
    damaged one."""
    if kind not in KINDS:
        raise RequestError(f"'{kind}' is no map.", field="kind", remedy="Give 'pca' or 'umap'.")
    if not run.files.map(kind).exists():
        raise RequestError(
            f"run '{run.id}' has no {kind.upper()} map.",
            field="kind",
            remedy="The PCA map is written when a run finishes; the UMAP follows in the background "
            "while the app or the engine runs.",
        )
    facts = read_map_facts(run).get(kind, {})
    trust = facts.get("trustworthiness")
    found = read_positions(run, map_name(kind), kind)
    return dataclasses.replace(
        found, trust=None if trust is None else float(trust), notes=tuple(facts.get("notes", ()))
    )


def read_noise_map(run: StoredRun) -> StoredMap | None:
    """The second UMAP of a run, with another seed of the map; None if it was not made."""
    if not (run.files / NOISE_MAP).exists():
        return None
    return read_positions(run, NOISE_MAP, "umap")


def read_positions(run: StoredRun, name: str, kind: str) -> StoredMap:
    """The map in the file ``name`` of the run's folder, without what is stored of it."""
    path = run.files / name
    with damage.reading(path):
        table = pq.read_table(path)
        xy = np.stack([table["x"].to_numpy(), table["y"].to_numpy()], axis=1).astype(np.float32)
        if not np.isfinite(xy).all():
            raise damage.ContentError("some of its points lie nowhere")
        return StoredMap(
            kind,
            xy,
            positions(table["row"].to_numpy(), run.total),
        )


def read_map_facts(run: StoredRun) -> dict[str, MapFacts]:
    """What is stored of the run's maps, by kind; empty before there is a map."""
    path = run.files.map_facts
    if not path.exists():
        return {}
    facts = damage.read_json(path)
    with damage.reading(path):
        return parse_map_facts(facts)


def parse_map_facts(document: Mapping[str, object]) -> dict[str, MapFacts]:
    """What is stored of maps, from JSON. Raises ContentError if it is something else."""
    return {kind: _facts(raw) for kind, raw in document.items()}


def _facts(raw: object) -> MapFacts:
    """What is stored of one map. Raises ContentError if it is something else."""
    if not isinstance(raw, dict):
        raise damage.ContentError("it is not about maps")
    trust, notes = raw.get("trustworthiness"), raw.get("notes", ())
    if not (trust is None or isinstance(trust, int | float)) or not isinstance(notes, list | tuple):
        raise damage.ContentError("it is not about maps")
    facts: MapFacts = raw  # type: ignore[assignment]
    return facts


def align_maps(maps: Sequence[StoredMap], *, rescale: bool = True) -> list[StoredMap]:
    """The maps turned onto the first one over the samples they share, with their residuals."""
    if not maps:
        return []
    first, out = maps[0], [maps[0]]
    for other in maps[1:]:
        turned = align(other.xy, other.rows, first.xy, first.rows, rescale=rescale)
        out.append(dataclasses.replace(other, xy=turned.xy, residual=turned.residual))
    return out


def read_samples(run: StoredRun, target: str | None = None) -> MapSamples:
    """Labels and texts of a run's data set; empty where its cache is gone.

    target: a label column; default: the label.
    """
    data = run.data
    if data is None:
        return MapSamples(None, (), None)
    texts = data.texts if data.info.modality == "text" and data.has_samples else None
    names = file_names(data)
    named = [t for t in data.info.targets if t.name == target] if target else [data.info.label]
    if not named or named[0] is None:
        return MapSamples(None, (), texts, data.info.title, names)
    label = named[0]
    return MapSamples(data.target(label.name), label.classes, texts, data.info.title, names)


def file_names(data: Dataset) -> list[str] | None:
    """The file name of each image; None for texts, and for images out of a table or an array,
    which are numbered (``train/0``, ``0``)."""
    ids = data.ids if data.info.modality == "image" else []
    return None if not ids or _NUMBERED.fullmatch(ids[0]) else ids


def read_thumbnails(run: StoredRun) -> npt.NDArray[np.uint8] | None:
    """uint8 (n, H, W, 3), in the order of the PCA map's rows, memory-mapped; None for texts."""
    path = thumbnails_path(run)
    if path is None:
        return None
    with damage.reading(path):
        pictures: npt.NDArray[np.uint8] = np.load(path, mmap_mode="r")
        if pictures.ndim != 4:
            raise damage.ContentError("it holds no pictures")
        return pictures


def thumbnails_path(run: StoredRun) -> Path | None:
    """Where a run's thumbnails lie: in its folder, or, of stored demo runs, once with the data."""
    candidates = (run.files / THUMBNAILS, run.data_folder / THUMBNAILS)
    return next((path for path in candidates if path.exists()), None)
