"""How often the tokens of the training texts occur, and what a token counts for by that."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.data.dataset import Dataset

# Words of this share of all words count half.
RARE = 1e-3


def token_counts(data: Dataset) -> npt.NDArray[np.int64]:
    """int64 (vocabulary,): how often each token occurs in the training texts."""
    rows = data.rows("train")
    tokens = np.asarray(data.tokens[data.offsets[rows.start] : data.offsets[rows.stop]])
    return np.bincount(tokens, minlength=len(data.continues))


def frequency_weights(counts: npt.NDArray[Any], rare: float = RARE) -> npt.NDArray[np.float64]:
    """What each token counts for: rare / (rare + its share of all tokens), 1 if it never occurs.

    S. Arora, Y. Liang, T. Ma, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", ICLR
    2017, algorithm 1 (smooth inverse frequency).
    """
    share = counts / max(1.0, float(counts.sum()))
    weights: npt.NDArray[np.float64] = rare / (rare + share)
    return weights
