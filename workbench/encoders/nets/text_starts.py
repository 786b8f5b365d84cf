"""How text encoders may start: from word vectors of the training texts.

``corpus``: from the words nearby (O. Levy et al., TACL 2015); ``texts``: from the texts that words
and parts of words share (S. Deerwester et al., JASIS 1990); both in ``data/corpus``. Tables with
wide values drown the positions and are worse than random ones, so that they are brought to the
scale of a fresh table (arXiv 2407.12514, on GloVe and the like).
"""

from __future__ import annotations

import torch
from torch import nn

from workbench.data.corpus.token_table import Kind, token_table
from workbench.data.dataset import Dataset


@torch.no_grad()
def start_from(kind: Kind, embedding: nn.Embedding, data: Dataset) -> float:
    """Put word vectors of this kind into ``embedding``, with the standard deviation that it has.

    Tokens of which nothing is known keep what was drawn for them; dimensions beyond those of the
    vectors are 0. Returns the seconds that the vectors took when they were made.
    """
    table = token_table(data, embedding.embedding_dim, kind)
    vectors = torch.from_numpy(table.vectors).to(embedding.weight)
    known = vectors.any(dim=1)
    if known.any():
        wanted = embedding.weight[known].std()
        found = torch.zeros_like(embedding.weight[known])
        found[:, : vectors.shape[1]] = vectors[known]
        embedding.weight[known] = found * (wanted / found.std())
    return table.seconds
