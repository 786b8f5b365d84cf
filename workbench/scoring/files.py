"""The files that scoring writes into a run's folder: what maps and pages need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from workbench.data.dataset import Dataset
from workbench.data.thumbnails import thumbnails
from workbench.evaluation import run_files
from workbench.evaluation.feature_scores import TRAINED
from workbench.evaluation.scores import Evaluation
from workbench.maps.pca import pca
from workbench.maps.trust import trustworthiness
from workbench.run_folder import (
    EMBEDDINGS,
    MAP_FACTS,
    PCA_MAP,
    PREDICTIONS,
    SPECTRUM,
    THUMBNAILS,
    VALIDATION_PREDICTIONS,
)
from workbench.scoring.trained_run import Array, Rows, Splits
from workbench.training.ports import Artifacts

_SIDE = 48
_FEWEST_FOR_TRUST = 4


class RunFiles:
    """Writes the files of one run. rows: positions in the cache, by split. h, u, z: (n, d)
    representations of the trained and of the untrained encoder, and projections."""

    def __init__(self, artifacts: Artifacts, data: Dataset):
        self._artifacts, self._data = artifacts, data

    def write_predictions(self, rows: Mapping[str, Rows], main: Evaluation) -> None:
        """The answers to scored test and validation samples; no file where there are none."""
        if "test" in rows:
            self._write_answers(PREDICTIONS, rows["test"], main)
        if main.validation is not None and "validation" in rows:
            self._write_answers(VALIDATION_PREDICTIONS, rows["validation"], main.validation)

    def write_embeddings(self, rows: Mapping[str, Rows], h: Splits, u: Splits) -> None:
        self._artifacts.put(EMBEDDINGS, lambda path: run_files.write_embeddings(path, rows, h, u))

    def write_spectra(self, h: Array, u: Array, z: Array | None) -> None:
        """Shares of the eigenvalues of the covariance, of h and of z."""
        document: dict[str, Any] = {
            "h": {TRAINED: run_files.spectrum(h), "untrained": run_files.spectrum(u)}
        }
        if z is not None:
            document["z"] = {TRAINED: run_files.spectrum(z)}
        self._write_json(SPECTRUM, document | {"n": len(h)})

    def write_map(self, mapped: Rows, h: Array) -> None:
        """The PCA map of the samples at ``mapped``, and what is known of it."""
        xy, explained = pca(h)
        trust = trustworthiness(h, xy) if len(h) >= _FEWEST_FOR_TRUST else None
        border = self._data.rows("train").stop
        splits = ["train" if row < border else "validation" for row in mapped]
        self._artifacts.put(PCA_MAP, lambda path: run_files.write_map(path, mapped, xy, splits))
        facts = {"explained": explained.tolist(), "trustworthiness": trust, "n": len(mapped)}
        self._write_json(MAP_FACTS, {"pca": facts})

    def write_thumbnails(self, mapped: Rows) -> None:
        """Small images are kept as they are: the screen enlarges them."""
        side = min(_SIDE, max(self._data.info.size or (_SIDE,)))
        small = thumbnails(self._data, mapped, side=side)
        self._artifacts.put(THUMBNAILS, lambda path: np.save(path, small, allow_pickle=False))

    def _write_answers(self, name: str, rows: Rows, evaluation: Evaluation) -> None:
        if evaluation.predictions and len(evaluation.kept):
            kept = rows[evaluation.kept]
            self._artifacts.put(
                name,
                lambda path: run_files.write_predictions(
                    path, kept, evaluation.truth, evaluation.predictions
                ),
            )

    def _write_json(self, name: str, document: Mapping[str, Any]) -> None:
        text = json.dumps(document)
        self._artifacts.put(name, lambda path: path.write_text(text, "utf-8"))
