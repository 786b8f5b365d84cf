"""What lies in a run's folder, by name. The only file that spells these names out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CONFIG = "config.json"
LOG = "log.txt"
# Weights, optimizer and generators; the counters lie beside them as JSON.
CHECKPOINT = "checkpoint.safetensors"
CHECKPOINT_COUNTERS = "checkpoint.json"
# The weights of the trained encoder.
ENCODER = "encoder.safetensors"
# h_<split> and u_<split> (untrained), index_<split>: the samples that were scored.
EMBEDDINGS = "embeddings.safetensors"
# Eigenvalues of the covariance of h and z, trained and untrained.
SPECTRUM = "spectrum.json"
# What the kNN and the linear probe answered on test samples, and on validation samples.
PREDICTIONS = "predictions.parquet"
VALIDATION_PREDICTIONS = "predictions_validation.parquet"
PCA_MAP = "map_pca.parquet"
UMAP_MAP = "map_umap.parquet"
# A second UMAP with another seed, made on request: how much a map changes by chance.
NOISE_MAP = "map_umap_again.parquet"
# Stored demo runs only: the UMAP of the untrained encoder.
UNTRAINED_MAP = "map_umap_untrained.parquet"
# Trust, seed and notes of each map.
MAP_FACTS = "map.json"
# How far each augmentation moves h; made on request.
INVARIANCE = "invariance.json"
# uint8 (n, H, W, 3), in the order of the PCA map's rows; images only.
THUMBNAILS = "thumbnails.npy"

_CHECK = "check_"


def check_name(step: int) -> str:
    """The file of the check at ``step``: embeddings h, and z where the task has one."""
    return f"{_CHECK}{step:06d}.safetensors"


def frames_name(space: str) -> str:
    """The file of all checks' maps in one frame of reference; ``space`` is ``h`` or ``z``."""
    return f"frames_{space}.safetensors"


def map_name(kind: str) -> str:
    """The file of the map of ``kind``, ``pca`` or ``umap``."""
    return f"map_{kind}.parquet"


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run, as paths. A path says nothing of whether the file is there."""

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
        """Of ``test``, or of ``validation``."""
        return self.path / (VALIDATION_PREDICTIONS if split == "validation" else PREDICTIONS)

    def frames(self, space: str) -> Path:
        return self.path / frames_name(space)

    def checks(self) -> list[tuple[int, Path]]:
        """The stored checks, (step, file), oldest first."""
        found = self.path.glob(f"{_CHECK}*.safetensors")
        return sorted((int(path.stem.removeprefix(_CHECK)), path) for path in found)
