"""The order probe: features that hold the order are found, those that do not are at one half."""

from __future__ import annotations

import numpy as np

from workbench.evaluation import order


def features(n: int, seed: int, *, told: bool) -> tuple[dict[str, np.ndarray], ...]:
    rng = np.random.default_rng(seed)
    kept, swapped = {}, {}
    for split in ("train", "validation", "test"):
        base = rng.standard_normal((n, 6)).astype(np.float32)
        kept[split] = base + 0.1 * rng.standard_normal((n, 6)).astype(np.float32)
        swapped[split] = base + 0.1 * rng.standard_normal((n, 6)).astype(np.float32)
        if told:
            kept[split][:, 0], swapped[split][:, 0] = 3.0, -3.0
    return kept, swapped


def test_order_is_told_where_it_is_in_the_features_and_not_elsewhere() -> None:
    told = order.score("trained", *features(200, 0, told=True))
    blind = order.score("random init", *features(200, 1, told=False))
    assert told.scores[0]["value"] == 1.0
    assert told.scores[0]["n"] == 200
    assert abs(blind.scores[0]["value"] - 0.5) < 0.1
    scores, gains = order.compare(told, blind, 200)
    assert [row["features"] for row in scores] == ["trained", "random init"]
    (gain,) = gains
    assert (gain["protocol"], gain["over"], gain["target"]) == (
        order.ORDER, "random init", order.TARGET
    )  # fmt: skip
    assert gain["low"] > 0.3
