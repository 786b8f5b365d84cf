"""Files of a run that are made again from its other files and from its data."""

from __future__ import annotations

import json

import numpy as np
import pyarrow.parquet as pq
from safetensors.numpy import load_file, save_file

from workbench import damage
from workbench.data import sampling
from workbench.data.dataset import Dataset
from workbench.data.thumbnails import thumbnails
from workbench.errors import DamageError
from workbench.evaluation import run_files as writing
from workbench.maps.pca import pca
from workbench.run_folder import CHECKPOINT, ENCODER, MAP_FACTS, PCA_MAP, THUMBNAILS
from workbench.store.artifacts import FolderArtifacts
from workbench.stored_runs.stored_run import StoredRun

_ENCODER = "module.encoder."
_SIDE = 48


def encoder(run: StoredRun) -> None:
    """Write the trained encoder from the run's checkpoint, which has it too."""
    path = run.files / CHECKPOINT
    with damage.reading(path):
        weights = load_file(str(path))
    own = {k.removeprefix(_ENCODER): v for k, v in weights.items() if k.startswith(_ENCODER)}
    if not own:
        raise damage.error(path, "holds no encoder")
    FolderArtifacts(run.folder).put(ENCODER, lambda to: save_file(own, str(to)))


def pca_map(run: StoredRun) -> None:
    """Draw the PCA map from the stored representations, without its trustworthiness."""
    data = _data(run)
    mapped = sampling.map_rows(data, {"train": run.embeddings.seen_rows()})
    xy, explained = pca(run.embeddings.at(mapped)[0])
    border = data.rows("train").stop
    splits = ["train" if row < border else "validation" for row in mapped]
    artifacts = FolderArtifacts(run.folder)
    artifacts.put(PCA_MAP, lambda path: writing.write_map(path, mapped, xy, splits))
    facts = {"explained": explained.tolist(), "trustworthiness": None, "n": len(mapped)}
    text = json.dumps({"pca": facts})
    artifacts.put(MAP_FACTS, lambda path: path.write_text(text, "utf-8"))


def small_pictures(run: StoredRun) -> None:
    """Make the thumbnails of the samples on the PCA map."""
    data = _data(run)
    path = run.files / PCA_MAP
    with damage.reading(path):
        rows = pq.read_table(path, columns=["row"])["row"].to_numpy()
    side = min(_SIDE, max(data.info.size or (_SIDE,)))
    small = thumbnails(data, rows, side=side)
    FolderArtifacts(run.folder).put(THUMBNAILS, lambda to: np.save(to, small, allow_pickle=False))


def _data(run: StoredRun) -> Dataset:
    if run.samples is None:
        raise DamageError(f"The data of run '{run.id}' are gone.", remedy="Prepare them again.")
    return run.samples
