"""The engine's ``sample_views``: augmented views of one sample, and their representations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import CLS, PAD
from workbench.data.thumbnails import rgb
from workbench.engine.replies import SampleViews
from workbench.engine.requests import SampleViewsRequest
from workbench.engine.wire import Message
from workbench.stored_runs import stored_run

if TYPE_CHECKING:
    import torch

    from workbench.engine.handlers.parts.encoder_cache import RunEncoders

REQUEST = SampleViewsRequest
MOST_VIEWS = 16


def handle(request: SampleViewsRequest, home: Path) -> Message:
    """``SampleViews``, at most ``MOST_VIEWS`` of them."""
    import torch

    from workbench.engine.handlers.parts import encoder_cache

    run = encoder_cache.load(stored_run.get(home, request.run))
    count = max(1, min(request.views, MOST_VIEWS))
    row = np.array([request.row], np.int64)
    policy = run.policy(run.config.augment or ())
    batch = run.batch(np.repeat(row, count))
    rng = torch.Generator(device=run.placement.device).manual_seed(request.seed)
    original, views = run.batch(row).clean(), policy(batch, rng)
    h = np.concatenate([run.encode(run.encoder, original), run.encode(run.encoder, views)])
    if run.data.info.modality == "image":
        pictures = np.concatenate([_pictures(original), _pictures(views)])
        return SampleViews(h, pictures).message()
    return SampleViews(h, [*_texts(run, original), *_texts(run, views)]).message()


def _pictures(x: torch.Tensor) -> npt.NDArray[np.uint8]:
    return rgb((x.clamp(0, 1) * 255).round().byte().cpu().numpy())


def _texts(run: RunEncoders, x: torch.Tensor) -> list[str]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(run.data.folder / "tokenizer.json"))
    return [
        str(tokenizer.decode([t for t in row if t not in (PAD, CLS)], skip_special_tokens=False))
        for row in x.tolist()
    ]
