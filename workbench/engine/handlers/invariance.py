"""The engine's ``invariance``: how far one augmentation moves a run's representation.

The trained and the untrained encoder see the same samples with the same draws, by the code that
training calls.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from workbench.data.sampling import seed_of
from workbench.engine.requests import InvarianceRequest
from workbench.engine.wire import Message
from workbench.records import InvarianceRecord, MovementRecord
from workbench.run_folder import INVARIANCE
from workbench.store.artifacts import FolderArtifacts
from workbench.stored_runs import invariances, stored_run
from workbench.training.check_sample import split_of

if TYPE_CHECKING:
    import torch
    from torch import nn

    from workbench.engine.handlers.parts.encoder_cache import RunEncoders

REQUEST = InvarianceRequest
SAMPLES, VIEWS = 300, 2
# Floating-point operations that take about two seconds on two cores: previews wait that long.
_FLOPS = 1e11
_FEWEST = 50


def handle(request: InvarianceRequest, home: Path) -> Message:
    """An ``InvarianceRecord``; it is kept in the run's folder if that may be written."""
    from workbench.engine.handlers.parts import encoder_cache

    run, key = stored_run.get(home, request.run), request.key
    kept = invariances.read_measurements(run.folder).get(key)
    if kept is not None:
        return Message(kept)
    measured = _measure(encoder_cache.load(run), key)
    if run.may_keep_results:
        text = invariances.extended_document(run.folder, key, measured)
        FolderArtifacts(run.folder).put(INVARIANCE, lambda path: path.write_text(text, "utf-8"))
    return Message(measured)


def _measure(run: RunEncoders, key: str) -> InvarianceRecord:
    import torch

    from workbench.diagnostics.invariance import movement

    step = invariances.find_step(run.config, run.data.info, key)
    split = split_of(run.data.info)
    where = run.data.rows(split)
    rng = np.random.default_rng(seed_of(run.data, "invariance"))
    count = min(_affordable(run), where.stop - where.start)
    rows = np.sort(rng.permutation(where.stop - where.start)[:count]) + where.start
    batch, policy = run.batch(rows), run.policy([step])
    draws = torch.Generator(device=run.placement.device).manual_seed(0)
    clean = batch.clean()
    views = [policy(batch, draws) for _ in range(VIEWS)]
    changed = np.stack([_changed(clean, view) for view in views], axis=1)

    def moved(encoder: nn.Module) -> MovementRecord:
        h = run.encode(encoder, clean)
        augmented = np.stack([run.encode(encoder, view) for view in views], axis=1)
        return cast(MovementRecord, dataclasses.asdict(movement(h, augmented, changed)))

    return {
        "samples": len(rows),
        "views": VIEWS,
        "split": split,
        "trained": moved(run.encoder),
        "untrained": moved(run.untrained),
    }


def _affordable(run: RunEncoders) -> int:
    """How many samples this encoder can embed in the time that one answer may take."""
    from workbench.training.batches import SplitData
    from workbench.training.encode import flops_a_sample

    train = SplitData(run.data, "train", run.placement.device)
    flops = flops_a_sample(run.encoder, train, run.placement)
    return int(np.clip(_FLOPS / (2 * (1 + VIEWS) * max(1.0, flops)), _FEWEST, SAMPLES))


def _changed(clean: torch.Tensor, view: torch.Tensor) -> npt.NDArray[np.bool_]:
    """bool (n,): which views differ from their sample, by a step of 8-bit brightness or a word.

    clean, view: float (n, C, H, W) in [0, 1], or int64 (n, L) of token ids.
    """
    import torch

    if clean.ndim == 2:
        wide = max(clean.shape[1], view.shape[1])
        clean, view = (torch.nn.functional.pad(x, (0, wide - x.shape[1])) for x in (clean, view))
        differs = (clean != view).any(dim=1)
    else:
        differs = (clean - view).abs().flatten(1).amax(dim=1) > 0.5 / 255
    return differs.cpu().numpy()
