"""``workbench diagnose`` on data of which it is known what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from workbench.diagnostics import files
from workbench.diagnostics.verdict_words import label_words

N, D = 1000, 128
Floats = npt.NDArray[np.float64]


def isotropic(rng: np.random.Generator) -> Floats:
    return rng.standard_normal((N, D))


def post_relu(rng: np.random.Generator) -> Floats:
    return np.maximum(isotropic(rng), 0)


def antipodal(rng: np.random.Generator) -> Floats:
    return np.outer(rng.choice((-1.0, 1.0), N), rng.standard_normal(D))


def rank(r: int) -> Callable[[np.random.Generator], Floats]:
    return lambda rng: rng.standard_normal((N, r)) @ rng.standard_normal((r, D))


def tight_classes(rng: np.random.Generator) -> Floats:
    centres = rng.standard_normal((10, D))
    return centres[rng.integers(0, 10, N)] + 0.05 * isotropic(rng)


def offset(rng: np.random.Generator) -> Floats:
    return 10 * np.ones(D) + isotropic(rng)


def constant_and_noise(rng: np.random.Generator) -> Floats:
    return 5 + 0.001 * isotropic(rng)


CASES = [
    (isotropic, "no sign of collapse"),
    (post_relu, "no sign of collapse"),
    (antipodal, "dimensional collapse"),
    (rank(1), "dimensional collapse"),
    (rank(8), "low rank"),
    (tight_classes, "low rank"),
    (offset, "no sign of collapse"),
    (constant_and_noise, "complete collapse"),
]
NAMES = ["isotropic", "post-ReLU", "antipodal", "rank 1", "rank 8", "10 classes", "offset", "noise"]


@pytest.mark.parametrize(("make", "label"), CASES, ids=NAMES)
def test_each_case_gets_its_label(
    make: Callable[[np.random.Generator], Floats], label: str, tmp_path: Path
) -> None:
    np.save(tmp_path / "z.npy", make(np.random.default_rng(0)).astype(np.float32))
    document = files.diagnose(tmp_path / "z.npy")
    assert document["verdict"]["label"] == label, document["verdict"]["reason"]
    assert document["verdict"]["reason"]
    text = files.as_text(document)
    assert text.startswith(f"collapse check: {label_words(label)}")


def test_the_numbers_tell_the_cases_apart_by_their_closed_forms(tmp_path: Path) -> None:
    found = {}
    for (make, _), name in zip(CASES, NAMES, strict=True):
        np.save(tmp_path / "z.npy", make(np.random.default_rng(0)))
        found[name] = files.diagnose(tmp_path / "z.npy")["metrics"]
    assert found["isotropic"]["std_sqrt_d"] == pytest.approx(1, abs=0.01)
    assert found["isotropic"]["participation_ratio"] == pytest.approx(N * D / (N + D), rel=0.02)
    # relu(N(0, 1)) has mean 1 / sqrt(2 pi) and second moment 1 / 2.
    assert found["post-ReLU"]["mean_cosine"] == pytest.approx(1 / np.pi, abs=0.01)
    assert found["antipodal"]["mean_cosine"] == pytest.approx(0, abs=0.01)
    assert found["antipodal"]["participation_ratio"] == pytest.approx(1)
    assert found["rank 8"]["participation_ratio"] < 8
    assert found["10 classes"]["participation_ratio"] < 10
    # Offset 10 with noise 1: cosine 100 / 101.
    assert found["offset"]["mean_cosine"] == pytest.approx(100 / 101, abs=1e-3)
    assert found["noise"]["mean_cosine"] == pytest.approx(1, abs=1e-6)
    assert found["noise"]["participation_ratio"] == pytest.approx(N * D / (N + D), rel=0.02)
