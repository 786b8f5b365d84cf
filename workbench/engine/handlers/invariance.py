"""The engine's answer to ``invariance``: how far one augmentation moves a run's representation.

Measured on the same samples with the same draws for the trained and the untrained encoder, by
calling what training calls.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.engine.wire import Message
from workbench.data.sampling import seed_of
from workbench.jobs.recorder import FolderArtifacts
from workbench.stored_runs import inspected, invariances
from workbench.training.check_sample import split_of

if TYPE_CHECKING:
    import torch

    from workbench.engine.encoder_cache import Loaded

SAMPLES, VIEWS = 300, 2
# So much arithmetic takes about two seconds on two cores: previews wait for it.
_FLOPS = 1e11
_FEWEST = 50


def invariance(request: Message, home: Path) -> Message:
    """run: its id; key: of an augmentation as ``invariances.asked`` lists them.

    Answers with ``trained`` and ``untrained`` (``Movement`` each), ``samples``, ``views`` and
    ``split``, and keeps the answer in the run's folder unless that is only read.
    """
    from workbench.engine import encoder_cache

    place, key = inspected.find(home, str(request.values["run"])), str(request.values["key"])
    known = invariances.read(place.folder).get(key)
    if known is not None:
        return Message(known)
    row = _measured(encoder_cache.load(place), key)
    if place.keeps:
        text = invariances.document(place.folder, key, row)
        FolderArtifacts(place.folder).put(
            invariances.FILE, lambda path: path.write_text(text, "utf-8") and None
        )
    return Message(row)


def _measured(run: Loaded, key: str) -> dict[str, Any]:
    import torch

    from workbench.diagnostics.invariance import movement

    step = invariances.known_step(run.config, run.data.info, key)
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
    out: dict[str, Any] = {"samples": len(rows), "views": VIEWS, "split": split}
    for name, encoder in (("trained", run.encoder), ("untrained", run.untrained)):
        h = run.encode(encoder, clean)
        moved = np.stack([run.encode(encoder, view) for view in views], axis=1)
        out[name] = dataclasses.asdict(movement(h, moved, changed))
    return out


def _affordable(run: Loaded) -> int:
    """Samples that this encoder can embed in the time that one answer may take."""
    from workbench.training.batches import SplitData
    from workbench.training.checks import flops_a_sample

    train = SplitData(run.data, "train", run.placement.device)
    flops = flops_a_sample(run.encoder, train, run.placement)
    return int(np.clip(_FLOPS / (2 * (1 + VIEWS) * max(1.0, flops)), _FEWEST, SAMPLES))


def _changed(clean: torch.Tensor, view: torch.Tensor) -> Any:
    """bool (n,): which views differ from their sample, by a step of 8-bit brightness or a word."""
    import torch

    if clean.ndim == 2:
        wide = max(clean.shape[1], view.shape[1])
        clean, view = (torch.nn.functional.pad(x, (0, wide - x.shape[1])) for x in (clean, view))
        return (clean != view).any(dim=1).cpu().numpy()
    return ((clean - view).abs().flatten(1).amax(dim=1) > 0.5 / 255).cpu().numpy()
