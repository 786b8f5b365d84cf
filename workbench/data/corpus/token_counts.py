"""How often each token occurs in each text, as a sparse matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def counts_by_text(
    tokens: npt.NDArray[np.integer[Any]], offsets: npt.NDArray[np.int64], vocabulary: int
) -> Any:
    """Sparse float64 (texts, vocabulary).

    tokens: (T,), ids of all texts one after another. offsets: (texts + 1,), where each begins.
    """
    from scipy.sparse import csr_matrix

    shape = (len(offsets) - 1, vocabulary)
    counted = csr_matrix((np.ones(len(tokens)), np.asarray(tokens, np.int64), offsets), shape)
    counted.sum_duplicates()
    return counted
