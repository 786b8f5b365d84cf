"""Prepared data for handlers: found by its fingerprint, as batches, and as something to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench import paths
from workbench.data.dataset import CLS, PAD, Dataset
from workbench.engine.replies import Shown
from workbench.errors import RequestError

if TYPE_CHECKING:
    import torch

    from workbench.tasks.base import Batch

MOST_ROWS = 64


def dataset(home: Path, fingerprint: str) -> Dataset:
    """The prepared data set. Raises RequestError if it is not prepared here."""
    folder = paths.cache_dir(home) / fingerprint
    if not fingerprint.isalnum() or not (folder / "info.json").exists():
        raise RequestError("these data are not prepared here.", remedy="Choose the data again.")
    return Dataset.open(folder)


def batch(
    data: Dataset, rows: Sequence[int], labels: bool = False, *, most: int = MOST_ROWS
) -> Batch:
    """The training samples at ``rows`` (positions within the training split) as training gets
    them, at most ``most`` of them."""
    import torch

    from workbench.training.batches import SplitData

    label = data.info.label.name if labels and data.info.label else None
    samples = SplitData(data, "train", torch.device("cpu"), labels=label)
    chosen = [int(row) % samples.count for row in rows[:most]]
    return samples.batch(np.array(chosen, np.int64))


@contextmanager
def one_core() -> Iterator[None]:
    """One thread for small batches: more would wait for one another longer than they work, most of
    all while a run trains."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def shower(data: Dataset) -> Callable[[torch.Tensor], Shown]:
    """The function that turns a batch as an encoder takes it into what a screen shows."""
    if data.info.modality == "image":
        return lambda x: np.ascontiguousarray(
            (x.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
        )
    words = vocabulary(data.folder)
    return lambda x: [[words[t] for t in row if t not in (PAD, CLS)] for row in x.tolist()]


@lru_cache(maxsize=8)
def vocabulary(folder: Path) -> tuple[str, ...]:
    """The word or piece of every token id; empty for images."""
    path = folder / "tokenizer.json"
    if not path.exists():
        return ()
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    return tuple(str(tokenizer.id_to_token(i)) for i in range(tokenizer.get_vocab_size()))
