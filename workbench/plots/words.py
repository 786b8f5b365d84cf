"""The few words that charts, reports and pages share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# How a score was measured, in words.
PROTOCOLS = {
    "knn": "nearest neighbours share the label",
    "linear probe": "simple classifier on frozen features",
    "label efficiency": "classifier with few labels",
    "fine-tuning": "fine-tuned",
    "anomaly": "finds the unusual",
    "language modelling": "predicts the next word (less is better)",
    "reconstruction": "restores the corrupted text",
}


# Passing the collapse check is never praise: it does not judge quality.
PASSED = "collapse check passed; quality not judged"


def verdict(found: Mapping[str, Any] | None, otherwise: str = "") -> str:
    """A verdict in words, ``otherwise`` where there is none yet."""
    label = (found or {}).get("label")
    if not label:
        return otherwise
    if label == "no sign of collapse":
        return PASSED
    return f"collapse check: {label}"
