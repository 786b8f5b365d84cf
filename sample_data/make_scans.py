"""Synthetic scans, 64 x 64 in gray: phantom slices of patients, four scanners, small lesions.

Nothing here comes from a person or from a real scanner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from _common import OWN_LICENCE, balanced, image_cell, image_features, target_folder, write
from _organs import LAYOUTS, PIXEL, SIDE, XS, YS, Body, cover, jittered, painted, spot
from _textures import smooth_noise
from scipy.ndimage import gaussian_filter, rotate, shift

SEED = 53
PATIENTS = {"train": 500, "validation": 100, "test": 200}
SLICES = 4
LESIONS = ("nodule", "cyst", "ring")
SCANNERS = ("A", "B", "C", "D")
ARTEFACTS = ("none", "streaks", "circles", "ghost", "motion")
ARTEFACT_SHARES = (0.4, 0.15, 0.15, 0.15, 0.15)
LEVELS = 27  # shades of gray, which bounds the files' size
CLASSES = {
    "label": ("no lesion", *LESIONS),
    "organs": tuple(LAYOUTS),
    "scanner": SCANNERS,
    "artefact": ARTEFACTS,
}
CARD = {
    "name": "scans",
    "title": "Synthetic scans",
    "modality": "image",
    "summary": (
        "Made-up phantom slices, 64 x 64 in gray, four a patient, from four scanners; the label is "
        "a small lesion, and the scanner is far easier to see."
    ),
    "label": "label",
    "factors": ["organs", "scanner", "artefact"],
    "group": "patient",
    "normal_label": None,
    "size": [SIDE, SIDE],
    "channels": 1,
    "licence": OWN_LICENCE,
    "source": "drawn by make_scans.py; no patient and no real scanner is behind it",
    "made_by": "make_scans.py",
}
# A lesion is widest in its two middle slices; a slice that it does not reach shows none.
PROFILE = (0.85, 1.0, 1.0, 0.85)


@dataclass(frozen=True)
class Patient:
    body: Body
    lesion: str
    x: float
    y: float
    radius: float
    strength: float
    first: int  # slice in which the lesion begins; may lie before the first or after the last
    vessels: tuple[tuple[float, float, float], ...]  # x, y, difference in brightness

    def lesion_size(self, number: int) -> float:
        """Share of its radius that the lesion has in a slice; 0 if it does not reach it."""
        at = number - self.first
        return PROFILE[at] if 0 <= at < len(PROFILE) else 0.0


def patient_of(rng: np.random.Generator, layout: str, lesion: str, first: int) -> Patient:
    body = jittered(rng, layout)
    radius = rng.uniform(3.2, 4.4) * PIXEL
    x, y = spot(rng, body, 0.7 * radius)
    vessels = [
        (*spot(rng, body, PIXEL), rng.choice([-0.2, 0.2]) * rng.uniform(0.6, 1.2))
        for _ in range(rng.integers(4, 9))
    ]
    strength = rng.uniform(0.24, 0.32)
    return Patient(body, lesion, x, y, radius, strength, first, tuple(vessels))


def lesion_on(
    rng: np.random.Generator, tissue: np.ndarray, patient: Patient, size: float
) -> np.ndarray:
    """The tissue with the lesion: a bright spot, a dark one in a thin capsule, or a bright ring."""
    radius = patient.radius * size
    uneven = 0.06 * smooth_noise(rng, SIDE, 2)
    distance = np.hypot(XS - patient.x, YS - patient.y) / radius + uneven
    inside = cover(distance, radius, 0.35)
    core = cover(distance / 0.55, radius * 0.55, 0.35)
    difference = {
        "nodule": inside,
        "cyst": 0.5 * inside - 1.6 * cover(distance / 0.8, radius * 0.8, 0.35),
        "ring": 1.2 * (inside - core),
    }[patient.lesion]
    return tissue + patient.strength * difference


def slice_of(rng: np.random.Generator, patient: Patient, number: int) -> np.ndarray:
    """Float (64, 64): the patient's anatomy at one height, before the scanner."""
    height = 2 * number / (SLICES - 1) - 1
    bend = [0.012 * smooth_noise(rng, SIDE, 9) for _ in range(2)]
    picture = painted(patient.body, XS + bend[0], YS + bend[1], height)
    inside = picture > 0.1
    picture = picture + 0.025 * smooth_noise(rng, SIDE, 1.5) * inside
    for x, y, difference in patient.vessels:
        dx, dy = rng.normal(0, 0.02, 2)
        picture = picture + difference * np.exp(
            -((XS - x - dx) ** 2 + (YS - y - dy) ** 2) / (2 * (0.85 * PIXEL) ** 2)
        )
    size = patient.lesion_size(number)
    return lesion_on(rng, picture, patient, size) if size else picture


def streaks(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Light and dark rays from a piece of metal."""
    x, y = rng.uniform(-0.5, 0.5, 2)
    angle = np.arctan2(YS - y, XS - x)
    distance = np.hypot(XS - x, YS - y)
    waves = sum(np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k in (4, 7, 11, 16))
    rays = 0.055 * np.asarray(waves) * np.exp(-distance / 0.7)
    return picture + rays + 0.7 * np.exp(-((distance / (1.3 * PIXEL)) ** 2))


def circles(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Circles around the middle, from detector cells that count too much or too little."""
    distance = np.hypot(XS, YS)
    for radius in rng.uniform(0.12, 0.9, rng.integers(2, 5)):
        line = np.exp(-(((distance - radius) / (0.7 * PIXEL)) ** 2))
        picture = picture + rng.choice([-1, 1]) * rng.uniform(0.08, 0.13) * line
    return picture


def ghost(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """A faint second copy, moved along one axis and wrapped around."""
    return picture + rng.uniform(0.16, 0.26) * np.roll(picture, int(rng.integers(14, 50)), axis=0)


def motion(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """The patient moved: mean of three positions."""
    step = rng.choice([-1, 1], 2) * rng.uniform(0.8, 1.5, 2)
    turn = rng.uniform(-2.5, 2.5)
    moved = [
        shift(rotate(picture, k * turn, reshape=False, order=1), k * step, order=1)
        for k in (-1, 0, 1)
    ]
    return np.mean(moved, axis=0)


ARTEFACT_OF: dict[str, Callable[[np.random.Generator, np.ndarray], np.ndarray]] = {
    "none": lambda rng, picture: picture,
    "streaks": streaks,
    "circles": circles,
    "ghost": ghost,
    "motion": motion,
}


def scanned(rng: np.random.Generator, picture: np.ndarray, scanner: str) -> np.ndarray:
    """The picture as a scanner gives it: its own sharpness, grain, contrast and ground."""
    grain = rng.normal(size=picture.shape)
    if scanner == "A":  # sharp, hardly any grain
        return picture + 0.012 * grain
    if scanner == "B":  # soft, with blotchy grain on a gray ground
        blotches = gaussian_filter(grain, 0.9)
        return 0.10 + 0.80 * gaussian_filter(picture, 0.5) + 0.022 * blotches / blotches.std()
    if scanner == "C":  # grainy, high contrast
        return 1.15 * picture - 0.02 + 0.035 * grain
    # D: bright in the middle, in a round field of view
    distance = np.hypot(XS, YS)
    bright = picture * (1.12 - 0.22 * distance**2) + 0.05 + 0.02 * grain
    return bright * cover(distance / 0.96, 0.96, 0.5)


def picture_of(
    rng: np.random.Generator, patient: Patient, number: int, artefact: str, scanner: str
) -> np.ndarray:
    """uint8 (64, 64): one slice with its artefact, as its scanner shows it."""
    picture = ARTEFACT_OF[artefact](rng, slice_of(rng, patient, number))
    levels = np.clip(np.round(scanned(rng, picture, scanner) * LEVELS), 0, LEVELS)
    return (levels * (255 / LEVELS)).round().astype(np.uint8)


def make_split(number: int, n: int) -> dict[str, list]:
    rng = np.random.default_rng([SEED, number])
    layouts, lesions, scanners = (
        balanced(rng, classes, n) for classes in (len(LAYOUTS), len(LESIONS), len(SCANNERS))
    )
    firsts = rng.integers(1 - len(PROFILE), SLICES, n)
    columns: dict[str, list] = {name: [] for name in ("image", *CLASSES, "patient", "height")}
    for row in range(n):
        lesion = LESIONS[lesions[row]]
        patient = patient_of(rng, CLASSES["organs"][layouts[row]], lesion, int(firsts[row]))
        for height in range(SLICES):
            artefact = int(rng.choice(len(ARTEFACTS), p=ARTEFACT_SHARES))
            pixels = picture_of(rng, patient, height, ARTEFACTS[artefact], SCANNERS[scanners[row]])
            ill = patient.lesion_size(height) > 0
            columns["image"].append(image_cell(pixels, row * SLICES + height))
            columns["label"].append(1 + int(lesions[row]) if ill else 0)
            columns["organs"].append(int(layouts[row]))
            columns["scanner"].append(int(scanners[row]))
            columns["artefact"].append(artefact)
            columns["patient"].append(f"{'tvx'[number]}{row + 1:03d}")
            columns["height"].append(height + 1)
    order = rng.permutation(len(columns["label"]))
    return {name: [values[at] for at in order] for name, values in columns.items()}


def main() -> None:
    splits = {split: make_split(number, n) for number, (split, n) in enumerate(PATIENTS.items())}
    features = image_features(CLASSES, patient="string", height="int8")
    write(target_folder("scans"), CARD, features, splits)


if __name__ == "__main__":
    main()
