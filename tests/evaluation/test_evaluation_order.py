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
    told = order.answers(*features(200, 0, told=True))
    blind = order.answers(*features(200, 1, told=False))
    assert (told == 1.0).all()
    assert abs(blind.mean() - 0.5) < 0.1
    scores, (gain,) = order.compare(told, blind)
    assert [row["features"] for row in scores] == ["trained", "random init"]
    assert scores[0]["value"] == 1.0
    assert {row["n"] for row in (*scores, gain)} == {200}, "two forms of one text count once"
    where = (gain["protocol"], gain["over"], gain["target"])
    assert where == (order.ORDER, "random init", order.TARGET)
    assert gain["low"] > 0.3
