"""The names of the files in a run's folder: older homes have them, so none may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import run_folder
from workbench.run_folder import RunFolder

NAMES = {
    "CONFIG": "config.json",
    "LOG": "log.txt",
    "END": "end.json",
    "CHECKPOINT": "checkpoint.safetensors",
    "ENCODER": "encoder.safetensors",
    "EMBEDDINGS": "embeddings.safetensors",
    "SPECTRUM": "spectrum.json",
    "PREDICTIONS": "predictions.parquet",
    "VALIDATION_PREDICTIONS": "predictions_validation.parquet",
    "PCA_MAP": "map_pca.parquet",
    "UMAP_MAP": "map_umap.parquet",
    "NOISE_MAP": "map_umap_again.parquet",
    "UNTRAINED_MAP": "map_umap_untrained.parquet",
    "MAP_FACTS": "map.json",
    "INVARIANCE": "invariance.json",
    "THUMBNAILS": "thumbnails.npy",
}


def test_names_are_those_of_older_homes() -> None:
    names = {name: getattr(run_folder, name) for name in dir(run_folder) if name.isupper()}
    assert {name: value for name, value in names.items() if not name.startswith("_")} == NAMES
    assert run_folder.check_name(12) == "check_000012.safetensors"
    assert run_folder.frames_name("z") == "frames_z.safetensors"


@pytest.mark.parametrize("kind", ["pca", "umap"])
def test_a_map_has_one_name(kind: str) -> None:
    assert run_folder.map_name(kind) == NAMES[f"{kind.upper()}_MAP"]


def test_paths_lie_in_the_folder_whether_files_are_there_or_not(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "runs" / "simclr-abc234")
    assert folder.config == folder / "config.json" == folder.path / "config.json"
    assert folder.map("umap").name == "map_umap.parquet"
    assert folder.frames("h").name == "frames_h.safetensors"
    assert folder.predictions("test").name == "predictions.parquet"
    assert folder.predictions("validation").name == "predictions_validation.parquet"
    assert folder.checks() == []


def test_checks_come_in_the_order_of_their_steps(tmp_path: Path) -> None:
    for step in (20, 3, 1_000_000, 999_999):
        (tmp_path / run_folder.check_name(step)).touch()
    (tmp_path / "checkpoint.safetensors").touch()
    checks = RunFolder(tmp_path).checks()
    assert [step for step, _ in checks] == [3, 20, 999_999, 1_000_000]
    assert all(path.name == run_folder.check_name(step) for step, path in checks)
