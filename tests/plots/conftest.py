"""Run objects as the commands give them, small enough to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MakeRun = Callable[..., dict[str, Any]]


def _run(task: str = "simclr", gain: float = 0.2, **more: Any) -> dict[str, Any]:
    shared = {"target": "label", "metric": "accuracy", "n": 500}
    gains = [
        {
            **shared,
            "protocol": protocol,
            "over": over,
            "value": gain,
            "low": gain - 0.03,
            "high": gain + 0.05,
        }
        for protocol in ("knn", "linear probe", "label efficiency")
        for over in ("random init", "raw input")
    ]
    scores = [
        {
            **shared,
            "protocol": "label efficiency",
            "features": features,
            "representation": "h",
            "split": "test",
            "labels_per_class": labels,
            "value": 0.4 + 0.01 * labels,
            "low": 0.35 + 0.01 * labels,
            "high": 0.46 + 0.01 * labels,
        }
        for features in ("trained", "random init", "raw input")
        for labels in (10, 1, 5)
    ]
    document: dict[str, Any] = {
        "id": f"{task}-aaaaaa",
        "name": "",
        "status": "finished",
        "reason": None,
        "created": 1.7e9,
        "config": {
            "task": task,
            "seed": 0,
            "encoder": "resnet18",
            "data": {"source": "sample:digits", "fingerprint": "abc"},
            "budget": {"seconds": 20},
        },
        "training": {"device": "cpu", "steps": 100, "seconds": 20.0},
        "verdict": {"label": "no sign of collapse", "reason": "Std is 0.9.", "metrics": {}},
        "scores": scores,
        "gains": gains,
        "notes": [],
        "versions": {"workbench": "0.1.0", "torch": "2.13.0"},
    }
    return document | more


@pytest.fixture
def make_run() -> MakeRun:
    return _run
