"""Run records with the fields that a comparison reads."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.comparison import Predictions

Interval = tuple[float, float, float]


def gain_row(value: float, low: float, high: float, **changes: Any) -> dict[str, Any]:
    row = {"protocol": "knn", "metric": "accuracy", "target": "label", "over": "random init"}
    return row | {"value": value, "low": low, "high": high, "n": 719} | changes


def score_row(features: str = "trained", n: int = 719, **changes: Any) -> dict[str, Any]:
    row = {"protocol": "knn", "metric": "accuracy", "features": features, "representation": "h"}
    numbers = {"value": 0.9, "low": 0.88, "high": 0.92, "n": n}
    return row | {"target": "label", "split": "test"} | numbers | changes


def run(
    task: str = "simclr",
    gain: Interval | None = (0.10, 0.08, 0.12),
    *,
    probe: Interval | None = None,
    validation: Interval | None = None,
    seed: int = 0,
    verdict: str = "no sign of collapse",
    n: int = 719,
    device: str = "cpu",
    status: str = "finished",
    test: str = "open",
    name: str = "",
    **config: Any,
) -> dict[str, Any]:
    """probe: the gain by the linear probe. validation: that of neighbours on validation samples."""
    settings = {
        "task": task,
        "seed": seed,
        "encoder": "small_conv",
        "encoder_options": {},
        "budget": {"seconds": 20.0},
        "data": {"source": "sample:digits", "fingerprint": "abc"},
        "options": {},
    }
    settings |= config
    (amount,) = settings["budget"].values()  # type: ignore[attr-defined]
    gains = [] if gain is None else [gain_row(*gain)]
    gains += [] if probe is None else [gain_row(*probe, protocol="linear probe")]
    return {
        "id": f"{name or task}-{seed}-{amount:g}",
        "name": name,
        "status": status,
        "config": settings,
        "training": {"device": device},
        "verdict": {"label": verdict, "reason": "A plain reason."},
        "test": test,
        "scores": [] if gain is None else [score_row(n=n)],
        "gains": gains,
        "validation_gains": [] if validation is None else [gain_row(*validation)],
    }


def around(value: float, half: float = 0.02) -> Interval:
    return value, value - half, value + half


def answers(right: int, n: int = 100, *, first: int = 0, **more: int) -> Predictions:
    """Predictions of n samples of class 1, of which ``right`` from ``first`` on are right.

    more: the same for further protocols, by name with _ for a space.
    """

    def predicted(count: int) -> np.ndarray:
        place = np.arange(n)
        return ((place >= first) & (place < first + count)).astype(np.int64)

    protocols = {"knn": right} | {name.replace("_", " "): v for name, v in more.items()}
    by_protocol = {name: predicted(count) for name, count in protocols.items()}
    return Predictions(np.arange(n), np.ones(n, np.int64), by_protocol)
