"""Batches for training and encoding: uint8 pixels or token ids, gathered on the training device."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from workbench.data.dataset import PAD, Dataset, SplitName
from workbench.tasks.base import Batch
from workbench.transfer import to_device

# Data larger than this share of the free GPU memory stays in host memory and is moved by batch.
_RESIDENT_SHARE = 0.4
# Texts are padded to a multiple of this, so that there are few shapes.
_PAD_TO = 8
# So many batches are sorted by length together: padding falls from half of a batch to a tenth, and
# which texts share a batch stays random.
_BATCHES_TOGETHER = 16


class SplitData:
    """The samples of one split on ``device``, gathered by position within the split.

    Images are moved to a GPU as a whole if they fit, else they stay in the memory map. Labels are
    loaded only if ``labels`` names a target: pretraining passes none.
    """

    def __init__(
        self,
        data: Dataset,
        split: SplitName,
        device: torch.device,
        *,
        labels: str | None = None,
    ):
        self.device = device
        self.rows = data.rows(split)
        self.count = self.rows.stop - self.rows.start
        self._data = data
        self._images: torch.Tensor | None = None
        self._continues: torch.Tensor | None = None
        if data.info.modality == "image":
            self._images = self._place(_as_tensor(data.images[self.rows]))
        else:
            self._continues = torch.from_numpy(data.continues).to(device)
        self._labels = None
        if labels is not None:
            self._labels = torch.from_numpy(data.target(labels)[self.rows]).to(device)

    @property
    def lengths(self) -> npt.NDArray[np.int64] | None:
        """int64 (count,): tokens of each text; None for images."""
        if self._images is not None:
            return None
        offsets = self._data.offsets
        stops = offsets[self.rows.start + 1 : self.rows.stop + 1]
        return np.asarray(stops - offsets[self.rows], np.int64)

    def batch(self, positions: npt.NDArray[np.int64]) -> Batch:
        """The samples at ``positions`` (int64 (B,), within the split)."""
        here = torch.from_numpy(positions)
        index = to_device(here, self.device)
        images = tokens = sentences = labels = None
        if self._images is not None:
            resident = self._images.device == index.device
            images = to_device(self._images[index if resident else here], self.device)
        else:
            rows = positions + self.rows.start
            tokens = to_device(torch.from_numpy(pad_tokens(self._data, rows)), self.device)
            sentences = to_device(torch.from_numpy(pad_sentences(self._data, rows)), self.device)
        if self._labels is not None:
            labels = self._labels[index]
        return Batch(index, images, tokens, sentences, labels, self._continues)

    def in_order(
        self, size: int, positions: npt.NDArray[np.int64] | None = None
    ) -> Iterator[Batch]:
        """All samples (or those at ``positions``) once, in order, in batches of ``size``."""
        chosen = np.arange(self.count) if positions is None else positions
        for start in range(0, len(chosen), size):
            yield self.batch(chosen[start : start + size])

    def _place(self, images: torch.Tensor) -> torch.Tensor:
        if self.device.type != "cuda":
            return images
        free, _ = torch.cuda.mem_get_info(self.device)
        return images.to(self.device) if images.nbytes < _RESIDENT_SHARE * free else images


def batches_of_rows(
    data: Dataset, rows: npt.NDArray[np.int64], device: torch.device, size: int
) -> Iterator[Batch]:
    """The samples at ``rows`` (positions in the cache, of any split) in order, ``size`` at a time.

    For encoding: nothing stays on the device, and a batch's ``index`` holds the rows themselves.
    """
    for start in range(0, len(rows), size):
        chosen = rows[start : start + size]
        index = to_device(torch.from_numpy(chosen), device)
        if data.info.modality == "image":
            yield Batch(index, images=to_device(torch.from_numpy(data.images[chosen]), device))
        else:
            yield Batch(
                index,
                tokens=to_device(torch.from_numpy(pad_tokens(data, chosen)), device),
                sentences=to_device(torch.from_numpy(pad_sentences(data, chosen)), device),
            )


class Order:
    """The order in which training samples are drawn: a seeded permutation an epoch.

    The last, incomplete batch of an epoch is left out, so that batch statistics and the number of
    negatives stay the same over a run. A batch of texts is padded to its longest, so with
    ``lengths``, int64 (count,), texts of similar length share a batch: within every few batches of
    the permutation they are sorted, and the order of the batches is drawn again.
    """

    def __init__(
        self,
        count: int,
        batch_size: int,
        seed: int,
        lengths: npt.NDArray[np.int64] | None = None,
    ):
        self.count = count
        self.batch_size = min(batch_size, count)
        self.steps_per_epoch = count // self.batch_size
        self.seed = seed
        self._lengths = lengths
        self._epoch = -1
        self._permutation: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def positions(self, step: int) -> npt.NDArray[np.int64]:
        """int64 (batch_size,): positions for step ``step`` (from 0), from seed and step alone."""
        epoch, within = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            rng = np.random.default_rng([self.seed, epoch])
            self._permutation = rng.permutation(self.count)
            if self._lengths is not None:
                self._permutation = self._together(self._permutation, self._lengths, rng)
            self._epoch = epoch
        start = within * self.batch_size
        return self._permutation[start : start + self.batch_size]

    def _together(
        self,
        permutation: npt.NDArray[np.int64],
        lengths: npt.NDArray[np.int64],
        rng: np.random.Generator,
    ) -> npt.NDArray[np.int64]:
        used = permutation[: self.steps_per_epoch * self.batch_size]
        size = _BATCHES_TOGETHER * self.batch_size
        parts = (used[start : start + size] for start in range(0, len(used), size))
        ordered = np.concatenate([part[np.argsort(lengths[part], kind="stable")] for part in parts])
        batches = ordered.reshape(-1, self.batch_size)
        return batches[rng.permutation(len(batches))].ravel()


def pad_tokens(data: Dataset, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """int64 (B, L) of the texts at ``rows`` (positions in the cache), PAD at the end."""
    starts, stops = data.offsets[rows], data.offsets[rows + 1]
    return _pad(data.tokens, starts, stops, fill=PAD)


def pad_sentences(data: Dataset, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """int64 (B, S): positions at which sentences begin within each text, padded with -1."""
    starts, stops = data.sentence_offsets[rows], data.sentence_offsets[rows + 1]
    absolute = _pad(data.sentences, starts, stops, fill=-1)
    return np.where(absolute < 0, -1, absolute - data.offsets[rows][:, None])


def _pad(
    values: npt.NDArray[np.integer[Any]],
    starts: npt.NDArray[np.int64],
    stops: npt.NDArray[np.int64],
    *,
    fill: int,
) -> npt.NDArray[np.int64]:
    lengths = stops - starts
    width = max(_PAD_TO, -(-int(lengths.max(initial=1)) // _PAD_TO) * _PAD_TO)
    within = np.arange(width)[None, :] < lengths[:, None]
    out = np.full((len(starts), width), fill, np.int64)
    out[within] = np.concatenate(
        [values[a:b] for a, b in zip(starts, stops, strict=True)] or [np.empty(0, np.int64)]
    )
    return out


def _as_tensor(array: npt.NDArray[np.uint8]) -> torch.Tensor:
    with warnings.catch_warnings():
        # The memory map is read-only and stays so: batches are copies.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(array)
