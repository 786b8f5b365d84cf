"""BLEU-4 of a corpus: which share of the answers' runs of 1 to 4 tokens stands in the references.

K. Papineni, S. Roukos, T. Ward, W.-J. Zhu, "BLEU: a Method for Automatic Evaluation of Machine
Translation", ACL 2002, section 2: BP * exp(mean over n = 1..4 of log p_n), with one reference a
text, p_n the clipped matches of n-grams of all texts over the n-grams of all answers, and the
brevity penalty BP = min(1, exp(1 - r / c)) of the total lengths r of references and c of answers.

Smoothing: an order without any match counts 1 / (2^k * n-grams of the answers), k = 1 for the first
such order, 2 for the next (NIST's mteval-v13a; "exp" in sacreBLEU). Orders that no reference is
long enough for are left out. Where not one token matches, the score is 0. Tokens are whatever is
given: scores of word pieces are higher than those of words, and not comparable with published ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

ORDERS = 4
_DRAWS = 1000
_TAILS = (2.5, 97.5)
_SEED = 0


class BleuScore(NamedTuple):
    """BLEU in [0, 1] with its 95 % interval: low <= value <= high."""

    value: float
    low: float
    high: float


def counts(answer: Sequence[int], reference: Sequence[int]) -> npt.NDArray[np.int64]:
    """int64 (3, ORDERS): for each order the clipped matches of one text, the n-grams of its answer,
    and those of its reference (for order 1 these are the two lengths)."""
    out = np.zeros((3, ORDERS), np.int64)
    for order in range(1, ORDERS + 1):
        given, wanted = _grams(answer, order), _grams(reference, order)
        out[:, order - 1] = (given & wanted).total(), given.total(), wanted.total()
    return out


def bleu(total: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """float64 (...): BLEU of the counts of all texts of a corpus added up, (..., 3, ORDERS)."""
    matches, given, wanted = np.moveaxis(np.asarray(total, np.float64), -2, 0)
    missed = matches == 0
    halved = 2.0 ** -np.cumsum(missed, axis=-1)
    precision = np.where(missed, halved, matches) / np.maximum(given, 1)
    used = wanted > 0
    # Left-out orders are ones, whose logarithm adds nothing.
    logs = np.log(np.where(used, precision, 1.0)).sum(axis=-1) / np.maximum(1, used.sum(axis=-1))
    short = np.minimum(0.0, 1.0 - wanted[..., 0] / np.maximum(given[..., 0], 1))
    scores: npt.NDArray[np.float64] = np.where(matches[..., 0] > 0, np.exp(logs + short), 0.0)
    return scores


def score(answers: Sequence[Sequence[int]], references: Sequence[Sequence[int]]) -> BleuScore:
    """BLEU of ``answers``, one a reference, with a percentile bootstrap over texts (seeded).

    P. Koehn, "Statistical Significance Tests for Machine Translation Evaluation", EMNLP 2004.
    Raises ValueError without texts.
    """
    if not references:
        raise ValueError("BLEU needs at least one text")
    texts = np.stack([counts(*pair) for pair in zip(answers, references, strict=True)])
    n = len(texts)
    draws = np.random.default_rng(_SEED).multinomial(n, np.full(n, 1 / n), size=_DRAWS)
    drawn = bleu(np.tensordot(draws, texts, axes=1))
    value = float(bleu(texts.sum(axis=0)))
    low, high = (float(edge) for edge in np.percentile(drawn, _TAILS))
    return BleuScore(value, min(low, value), max(high, value))


def _grams(tokens: Sequence[int], order: int) -> Counter[tuple[int, ...]]:
    return Counter(zip(*(tokens[start:] for start in range(order)), strict=False))
