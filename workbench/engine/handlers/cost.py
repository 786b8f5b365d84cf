"""The engine's ``cost``: how long this machine takes to make a view, step by step."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from workbench.config import AugmentStep
from workbench.data.dataset import Dataset
from workbench.engine.handlers.parts import samples
from workbench.engine.replies import Cost
from workbench.engine.requests import CostRequest
from workbench.engine.wire import Message

REQUEST = CostRequest

# A median of a few, and not so many that the next picture has to wait.
_REPEATS = 5
_SECONDS = 0.05
# As much as a batch of 128 images of 64 x 64 pixels in colour.
_MOST_PIXELS = 128 * 3 * 64 * 64


@samples.one_core()
def handle(request: CostRequest, home: Path) -> Message:
    """Milliseconds a view: of each step alone, and of all together (0 without steps).

    Measured on one core, on a batch as a run on the processor takes it (fewer samples where images
    are large) of random training samples, always with the same draws.
    """
    data = samples.dataset(home, request.fingerprint)
    fingerprint, steps, size = data.info.fingerprint, request.steps, _batch_size(data)
    # Each step has a key of its own, so that a change to its neighbour measures nothing anew.
    each = tuple(_milliseconds(home, fingerprint, _key([step]), size) for step in steps)
    whole = _milliseconds(home, fingerprint, _key(steps), size) if steps else 0.0
    return Cost(each, whole, size).message()


def _batch_size(data: Dataset) -> int:
    from workbench.training.setup import choose_batch

    size, _ = choose_batch(None, data, "cpu")
    if data.info.size is None:
        return size
    pixels = (data.info.channels or 1) * data.info.size[0] * data.info.size[1]
    return max(2, min(size, _MOST_PIXELS // pixels))


def _key(steps: Sequence[AugmentStep]) -> str:
    return json.dumps([[step.name, dict(step.options)] for step in steps], sort_keys=True)


@lru_cache(maxsize=512)
def _milliseconds(home: Path, fingerprint: str, key: str, size: int) -> float:
    """Milliseconds a view of the steps that ``_key`` wrote down; measured once."""
    import torch

    from workbench.augment.policy import Policy

    data = samples.dataset(home, fingerprint)
    chosen = [AugmentStep(name, options) for name, options in json.loads(key)]
    policy = Policy(chosen, data.info, data)
    count = data.info.counts["train"]
    rows = np.random.default_rng(0).choice(count, size, replace=size > count)
    batch: Any = samples.batch(data, rows.tolist(), most=size)
    seconds = _median(lambda: policy(batch, torch.Generator().manual_seed(0)))
    return 1000 * seconds / size


def _median(call: Callable[[], object]) -> float:
    """Median seconds of a few calls, after one that does not count."""
    call()
    taken: list[float] = []
    began = time.perf_counter()
    while len(taken) < _REPEATS and (not taken or time.perf_counter() - began < _SECONDS):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))
