"""The engine's answer to ``sample_views``: augmented views of one sample, and where they land."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.data.dataset import CLS, PAD
from workbench.data.thumbnails import rgb
from workbench.engine.wire import Message
from workbench.stored_runs import stored_run

if TYPE_CHECKING:
    import torch

    from workbench.engine.encoder_cache import Loaded

MOST_VIEWS = 16


def sample_views(request: Message, home: Path) -> Message:
    """run: its id; row: position in the cache (train or validation); views: how many; seed.

    Answers with ``h`` float32 (1 + k, dim), the sample as it is and then its views, as the run's
    encoder sees them; and the same as pictures uint8 (1 + k, H, W, 3), or as ``texts``.
    """
    import torch

    from workbench.engine import encoder_cache

    asked = request.values
    run = encoder_cache.load(stored_run.get(home, str(asked["run"])))
    count = max(1, min(int(asked["views"]), MOST_VIEWS))
    row = np.array([int(asked["row"])], np.int64)
    policy = run.policy(run.config.augment or ())
    batch = run.batch(np.repeat(row, count))
    rng = torch.Generator(device=run.placement.device).manual_seed(int(asked["seed"]))
    original, views = run.batch(row).clean(), policy(batch, rng)
    h = np.concatenate([run.encode(run.encoder, original), run.encode(run.encoder, views)])
    arrays: dict[str, Any] = {"h": h}
    values: dict[str, Any] = {"steps": [step.name for step in policy.steps]}
    if run.data.info.modality == "image":
        arrays["pictures"] = np.concatenate([_pictures(original), _pictures(views)])
    else:
        values["texts"] = [*_texts(run, original), *_texts(run, views)]
    return Message(values, arrays)


def _pictures(x: torch.Tensor) -> Any:
    return rgb((x.clamp(0, 1) * 255).round().byte().cpu().numpy())


def _texts(run: Loaded, x: torch.Tensor) -> list[str]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(run.data.folder / "tokenizer.json"))
    return [
        str(tokenizer.decode([t for t in row if t not in (PAD, CLS)], skip_special_tokens=False))
        for row in x.tolist()
    ]
