"""Real handwritten digits, as scikit-learn ships them, cut 40/20/40 by class."""

from __future__ import annotations

import numpy as np
from _common import SPLITS, image_cell, image_features, stratified_split, target_folder, write
from sklearn.datasets import load_digits

SEED = 20
SHARES = (0.4, 0.2, 0.4)
CARD = {
    "name": "digits",
    "title": "Handwritten digits",
    "modality": "image",
    "summary": "1,797 real handwritten digits, 8 x 8 pixels in gray, small enough for any machine.",
    "label": "label",
    "factors": [],
    "group": None,
    "normal_label": None,
    "size": [8, 8],
    "channels": 1,
    "licence": "CC BY 4.0",
    "source": (
        "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine "
        "Learning Repository, 1998, doi:10.24432/C50P49; the 1,797 images shipped with scikit-learn"
    ),
    "made_by": "make_digits.py",
}


def main() -> None:
    digits = load_digits()
    # Ink is counted 0..16 in each 4 x 4 block; integers keep the scaling to 0..255 exact.
    pixels = (digits.images.astype(np.int64) * 255 // 16).astype(np.uint8)
    parts = stratified_split(digits.target, SHARES, np.random.default_rng(SEED))
    splits = {
        split: {
            "image": [image_cell(pixels[row], row) for row in rows],
            "label": digits.target[rows].tolist(),
        }
        for split, rows in zip(SPLITS, parts, strict=True)
    }
    features = image_features({"label": [str(name) for name in digits.target_names]})
    write(target_folder("digits"), CARD, features, splits)


if __name__ == "__main__":
    main()
