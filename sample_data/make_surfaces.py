"""Surfaces, 64 x 64 in gray: five materials, normal in training, five kinds of defect in test."""

from __future__ import annotations

import numpy as np
from _common import OWN_LICENCE, image_cell, image_features, target_folder, write
from _textures import TEXTURES, smooth_noise
from scipy.ndimage import gaussian_filter

SEED = 64
SIDE = 64
NORMAL = "normal"
DEFECTS = ("scratch", "stain", "dent", "hole", "worn")
NORMAL_COUNTS = {"train": 1000, "validation": 200, "test": 400}
DEFECT_COUNT = 400  # all in test
LEVELS = 40  # shades of gray, which bounds the files' size
CLASSES = {"label": (NORMAL, *DEFECTS), "material": tuple(TEXTURES)}
CARD = {
    "name": "surfaces",
    "title": "Surfaces with defects",
    "modality": "image",
    "summary": (
        "Five material surfaces, 64 x 64 in gray; training shows normal ones only, test also "
        "scratches, stains, dents, holes and worn spots."
    ),
    "label": "label",
    "factors": ["material"],
    "group": None,
    "normal_label": NORMAL,
    "size": [SIDE, SIDE],
    "channels": 1,
    "licence": OWN_LICENCE,
    "source": "drawn by make_surfaces.py",
    "made_by": "make_surfaces.py",
}
# Mean gray of each material and spread of its texture, both in 0..1.
LOOK = {
    "fabric": (0.56, 0.09),
    "wood": (0.52, 0.08),
    "metal": (0.60, 0.07),
    "leather": (0.50, 0.08),
    "stone": (0.57, 0.07),
}
YS, XS = np.mgrid[0:SIDE, 0:SIDE] + 0.5


def place(rng: np.random.Generator, margin: float) -> tuple[float, float]:
    y, x = rng.uniform(margin, SIDE - margin, 2)
    return float(y), float(x)


def blob(rng: np.random.Generator, radius: float, edge: float) -> np.ndarray:
    """Cover in 0..1 of an irregular round spot somewhere in the image."""
    y, x = place(rng, radius + 3)
    stretch, angle = rng.uniform(0.75, 1.3), rng.uniform(0, np.pi)
    along = (XS - x) * np.cos(angle) + (YS - y) * np.sin(angle)
    across = (YS - y) * np.cos(angle) - (XS - x) * np.sin(angle)
    distance = np.hypot(along * stretch, across / stretch) + 0.18 * radius * smooth_noise(
        rng, SIDE, 3
    )
    return 1 / (1 + np.exp((distance - radius) / edge))


def scratch(rng: np.random.Generator, surface: np.ndarray) -> np.ndarray:
    """A thin, slightly bent line, lighter or darker than the surface."""
    y, x = place(rng, 16)
    angle, bend = rng.uniform(0, np.pi), rng.uniform(-0.012, 0.012)
    along = (XS - x) * np.cos(angle) + (YS - y) * np.sin(angle)
    across = (YS - y) * np.cos(angle) - (XS - x) * np.sin(angle) - bend * along**2
    half = rng.uniform(11, 20)
    line = np.exp(-((across / rng.uniform(0.6, 0.9)) ** 2)) * np.clip(half - np.abs(along), 0, 1)
    return surface + rng.choice([-1, 1]) * rng.uniform(0.26, 0.38) * line


def stain(rng: np.random.Generator, surface: np.ndarray) -> np.ndarray:
    """A soft dark spot through which the texture shows."""
    return surface * (1 - rng.uniform(0.30, 0.42) * blob(rng, rng.uniform(5, 9), 0.9))


def dent(rng: np.random.Generator, surface: np.ndarray) -> np.ndarray:
    """A hollow under light from one side: one flank light, the other dark."""
    y, x = place(rng, 12)
    width, angle = rng.uniform(3.5, 5.5), rng.uniform(0, 2 * np.pi)
    slope = ((XS - x) * np.cos(angle) + (YS - y) * np.sin(angle)) / width
    round_off = np.exp(0.5 - ((XS - x) ** 2 + (YS - y) ** 2) / (2 * width**2))
    return surface + rng.uniform(0.22, 0.32) * slope * round_off


def hole(rng: np.random.Generator, surface: np.ndarray) -> np.ndarray:
    """A small dark hole with a light rim."""
    radius = rng.uniform(2.2, 3.6)
    inside = blob(rng, radius, 0.3)
    rim = np.clip(gaussian_filter(inside, 1.2) * 1.5 - inside, 0, 1)
    return surface * (1 - inside) + 0.12 * inside + 0.10 * rim


def worn(rng: np.random.Generator, surface: np.ndarray) -> np.ndarray:
    """A spot where the texture has been rubbed away and only its mean shade is left."""
    spot = blob(rng, rng.uniform(7, 11), 0.8)
    rubbed = gaussian_filter(surface, 6) + 0.012 * rng.normal(size=surface.shape)
    return surface + 0.95 * spot * (rubbed - surface)


DEFECT_OF = {"scratch": scratch, "stain": stain, "dent": dent, "hole": hole, "worn": worn}


def picture_of(rng: np.random.Generator, label: str, material: str) -> np.ndarray:
    """uint8 (64, 64): the material in its own light, the defect if any, camera noise."""
    shade, spread = LOOK[material]
    surface = shade + spread * rng.uniform(0.92, 1.08) * TEXTURES[material](rng, SIDE)
    if label != NORMAL:
        surface = DEFECT_OF[label](rng, surface)
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 + rng.uniform(0, 0.06) * (np.cos(angle) * XS + np.sin(angle) * YS) / (SIDE / 2)
    surface = surface * light * rng.uniform(0.94, 1.06) + rng.normal(0, 0.008, surface.shape)
    levels = np.clip(np.round(surface * LEVELS), 0, LEVELS)
    return (levels * (255 / LEVELS)).round().astype(np.uint8)


def make_split(number: int, split: str) -> dict[str, list]:
    rng = np.random.default_rng([SEED, number])
    normals, defects = NORMAL_COUNTS[split], DEFECT_COUNT if split == "test" else 0
    # Every class takes each material equally often.
    turns = np.arange(defects)
    labels = np.concatenate([np.zeros(normals, int), 1 + turns % len(DEFECTS)])
    materials = np.concatenate([np.arange(normals), turns // len(DEFECTS)]) % len(TEXTURES)
    order = rng.permutation(normals + defects)
    labels, materials = labels[order], materials[order]
    names = list(TEXTURES)
    pictures = [
        picture_of(rng, CLASSES["label"][label], names[material])
        for label, material in zip(labels, materials, strict=True)
    ]
    return {
        "image": [image_cell(pixels, row) for row, pixels in enumerate(pictures)],
        "label": labels.tolist(),
        "material": materials.tolist(),
    }


def main() -> None:
    splits = {split: make_split(number, split) for number, split in enumerate(NORMAL_COUNTS)}
    write(target_folder("surfaces"), CARD, image_features(CLASSES), splits)


if __name__ == "__main__":
    main()
