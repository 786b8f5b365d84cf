"""The names of the files in a run's folder. No other file spells them out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CONFIG = "config.json"
LOG = "log.txt"
# How the run ended, where the store took nothing; spaces while it trains.
END = "end.json"
# Weights, optimizer and random generators; the counters are JSON in its metadata.
CHECKPOINT = "checkpoint.safetensors"
# The weights of the trained encoder.
ENCODER = "encoder.safetensors"
# Of the samples that were scored: h_<split>, u_<split> (untrained) and index_<split>.
EMBEDDINGS = "embeddings.safetensors"
# Eigenvalues of the covariance of h and z, trained and untrained.
SPECTRUM = "spectrum.json"
# The classes that kNN and linear probe predicted for test samples, and for validation samples.
PREDICTIONS = "predictions.parquet"
VALIDATION_PREDICTIONS = "predictions_validation.parquet"
PCA_MAP = "map_pca.parquet"
UMAP_MAP = "map_umap.parquet"
# A second UMAP with another seed, made on request. It shows how much a map changes by chance.
NOISE_MAP = "map_umap_again.parquet"
# Stored demo runs only: the UMAP of the untrained encoder.
UNTRAINED_MAP = "map_umap_untrained.parquet"
# Trustworthiness, seed and notes of each map.
MAP_FACTS = "map.json"
# How far each augmentation moves h, measured on request.
INVARIANCE = "invariance.json"
# uint8 (n, H, W, 3), in the order of the PCA map's rows; images only.
THUMBNAILS = "thumbnails.npy"

_CHECK = "check_"


def check_name(step: int) -> str:
    """The file of the check at ``step``: embeddings h, and z where the task has a projection."""
    return f"{_CHECK}{step:06d}.safetensors"


def frames_name(space: str) -> str:
    """The file of the maps of all checks, in one frame of reference. space: ``h`` or ``z``."""
    return f"frames_{space}.safetensors"


def map_name(kind: str) -> str:
    """The file of the map of ``kind``, ``pca`` or ``umap``."""
    return f"map_{kind}.parquet"


@dataclass(frozen=True)
class RunFolder:
    """The paths of the files in the folder of one run. The files may not exist."""

    path: Path

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @property
    def config(self) -> Path:
        return self.path / CONFIG

    @property
    def log(self) -> Path:
        return self.path / LOG

    @property
    def encoder(self) -> Path:
        return self.path / ENCODER

    @property
    def embeddings(self) -> Path:
        return self.path / EMBEDDINGS

    @property
    def spectrum(self) -> Path:
        return self.path / SPECTRUM

    @property
    def map_facts(self) -> Path:
        return self.path / MAP_FACTS

    @property
    def invariance(self) -> Path:
        return self.path / INVARIANCE

    def map(self, kind: str) -> Path:
        return self.path / map_name(kind)

    def predictions(self, split: str) -> Path:
        """split: ``test`` or ``validation``."""
        return self.path / (VALIDATION_PREDICTIONS if split == "validation" else PREDICTIONS)

    def frames(self, space: str) -> Path:
        return self.path / frames_name(space)

    def checks(self) -> list[tuple[int, Path]]:
        """The stored checks, (step, file), oldest first."""
        files = self.path.glob(f"{_CHECK}*.safetensors")
        return sorted((int(file.stem.removeprefix(_CHECK)), file) for file in files)
