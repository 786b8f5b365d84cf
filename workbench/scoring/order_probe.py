"""The order probe of a run: the trained and the untrained encoder on texts with their halves as
they are and swapped."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from workbench.data.dataset import PAD, Dataset
from workbench.evaluation import order
from workbench.records import Gain, Score
from workbench.scoring.trained_run import Rows, Splits, TrainedRun
from workbench.tasks.base import Batch
from workbench.training.device import Placement
from workbench.training.encode import ENCODE_BATCH, encode

Tokens = npt.NDArray[np.int64]

# Texts of each split. Two thousand tell an accuracy to two points.
MOST = 2_000
# Shorter texts have no order that could be told.
_SHORTEST = 4
_FEWEST = 50


def order_probe(run: TrainedRun) -> tuple[list[Score], list[Gain]]:
    """(scores, gains) of test; none, with a note, where too few texts are long enough."""
    rows = {split: _chosen(run.data, index) for split, index in run.rows.items()}
    if min((len(rows.get(split, ())) for split in ("train", "test")), default=0) < _FEWEST:
        run.events.note(
            f"No order probe: fewer than {_FEWEST} texts of a split have {_SHORTEST} tokens."
        )
        return [], []
    kept, swapped = {}, {}
    for split, index in rows.items():
        kept[split], swapped[split] = halves_of(run.data, index)
    encoders = (run.trained.module.encoder, run.trained.untrained)
    return order.compare(
        *(
            order.answers(
                _encoded(encoder, kept, run.placement),  # type: ignore[arg-type]
                _encoded(encoder, swapped, run.placement),  # type: ignore[arg-type]
            )
            for encoder in encoders
        )
    )


def _chosen(data: Dataset, rows: Rows) -> Rows:
    """At most ``MOST`` of the rows whose texts are long enough, evenly spread."""
    long = rows[data.offsets[rows + 1] - data.offsets[rows] >= _SHORTEST]
    return long if len(long) <= MOST else long[np.linspace(0, len(long) - 1, MOST).astype(int)]


def halves_of(data: Dataset, rows: Rows) -> tuple[list[Tokens], list[Tokens]]:
    """The texts at ``rows`` as they are, and with their second half first. A text is cut where the
    sentence begins that is nearest to its middle, or in the middle where it has one sentence."""
    kept, swapped = [], []
    for at in rows.tolist():
        text = np.asarray(data.tokens[data.offsets[at] : data.offsets[at + 1]], np.int64)
        sentences = data.sentences[data.sentence_offsets[at] : data.sentence_offsets[at + 1]]
        starts = np.asarray(sentences, np.int64) - data.offsets[at]
        inner = starts[(starts > 0) & (starts < len(text))]
        middle = len(text) // 2
        cut = int(inner[np.abs(inner - middle).argmin()]) if len(inner) else middle
        kept.append(text)
        swapped.append(np.concatenate([text[cut:], text[:cut]]))
    return kept, swapped


def _encoded(encoder: nn.Module, texts: dict[str, list[Tokens]], placement: Placement) -> Splits:
    return {split: _encode(encoder, of_split, placement) for split, of_split in texts.items()}


def _encode(
    encoder: nn.Module, texts: list[Tokens], placement: Placement
) -> npt.NDArray[np.float32]:
    """float32 (n, dim) of the texts; encoded in order of length, which needs little padding."""
    order_of = np.argsort([len(text) for text in texts], kind="stable")
    batches = []
    for start in range(0, len(texts), ENCODE_BATCH):
        chosen = order_of[start : start + ENCODE_BATCH]
        width = max(len(texts[at]) for at in chosen)
        ids = np.full((len(chosen), width), PAD, np.int64)
        for line, at in enumerate(chosen):
            ids[line, : len(texts[at])] = texts[at]
        index = torch.from_numpy(chosen).to(placement.device)
        batches.append(Batch(index, tokens=torch.from_numpy(ids).to(placement.device)))
    encoded = encode(encoder, batches, placement)
    out = np.empty_like(encoded)
    out[order_of] = encoded
    return out
