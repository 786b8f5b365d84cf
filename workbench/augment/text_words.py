"""Texts: words put in, hidden together, exchanged for like ones, or misspelt.

As in ``workbench.augment.text``, a word is a token of the vocabulary and may be a piece of a word,
special tokens are never chosen, and no text gets wider than the batch: what does not fit falls off
at its end. Synonyms and typing errors need more than token ids: they learn it from the data once,
in ``prepare``, and then concern whole words that are one token, which the commoner words are.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.augment import thesaurus
from workbench.augment.draws import uniform
from workbench.augment.text import _close_up, _span, _Text, _words
from workbench.data.dataset import MASK, PAD, DataInfo, Dataset
from workbench.errors import RequestError
from workbench.lazy import lazy
from workbench.options import option

if TYPE_CHECKING:
    import torch
    import torch.nn.functional as F
else:
    torch = lazy("torch")
    F = lazy("torch.nn.functional")

# Fewer training texts than this give word vectors that are mostly chance.
_FEW_TEXTS = 1000


@dataclass(frozen=True)
class TokenInsertion(_Text):
    """Words put in."""

    name: ClassVar[str] = "token_insertion"
    title: ClassVar[str] = "Put words in"
    summary: ClassVar[str] = "Put words from elsewhere in the text, or from other texts, in."
    reference: ClassVar[str] = (
        "Wei & Zou 2019, arXiv 1901.11196, with words drawn instead of synonyms"
    )
    domains: ClassVar[str] = "texts whose topic matters rather than their wording"

    rate: float = option(
        0.1,
        label="Share of words",
        help="How likely a word is put in after each word.",
        low=0.0,
        high=1.0,
    )
    others: bool = option(
        False,
        label="From other texts",
        help="Take the words from all texts of the batch rather than from the text itself: a "
        "stronger change, as they speak of something else.",
    )

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        words = _words(x)
        inserted = words & (uniform(tuple(x.shape), 0, 1, rng) < self.rate)
        draw = uniform(tuple(x.shape), 0, 1, rng)
        if self.others:
            pool = x[words]
            if not len(pool):
                return x
            new = pool[(draw * len(pool)).long().clamp(max=len(pool) - 1)]
        else:
            count = words.sum(dim=1, keepdim=True)
            rank = (draw * count).long().minimum((count - 1).clamp_min(0))
            order = (~words).long().argsort(dim=1, stable=True)
            new = x.gather(1, order.gather(1, rank))
        return _expand(x, torch.stack([x, new.masked_fill(~inserted, PAD)], dim=2))


@dataclass(frozen=True)
class Cutoff(_Text):
    """Words hidden together."""

    name: ClassVar[str] = "cutoff"
    title: ClassVar[str] = "Cut words off"
    summary: ClassVar[str] = "Hide a fixed share of the words of every text, or one run of them."
    reference: ClassVar[str] = (
        "Shen et al. 2020, arXiv 2009.13818; Yan et al. 2021 (ConSERT), 2105.11741"
    )
    domains: ClassVar[str] = "all texts; not for tasks that hide words themselves"

    share: float = option(
        0.15,
        label="Share of words",
        help="Share of each text that is hidden behind [MASK]; one word at least stays.",
        low=0.0,
        high=0.95,
    )
    span: bool = option(
        True,
        label="One run",
        help="Hide one run of neighbouring words, else words here and there. Token ids have no "
        "features to cut off; the papers set embeddings to zero, here [MASK] stands for them.",
    )

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        if self.span:
            return x.masked_fill(_span(x, (self.share, self.share), rng, least=0), MASK)
        words = _words(x)
        count = words.sum(dim=1, keepdim=True)
        number = (self.share * count + uniform((len(x), 1), 0, 1, rng)).floor()
        number = number.minimum((count - 1).clamp_min(0))
        draw = uniform(tuple(x.shape), 0, 1, rng).masked_fill(~words, 2.0)
        return x.masked_fill(words & (draw.argsort(dim=1).argsort(dim=1) < number), MASK)


@dataclass(frozen=True)
class _Lookup(_Text):
    """An augmentation that exchanges whole words by a table made from the data.

    table: int64 (vocabulary, K, P), for each word up to K others of up to P pieces, PAD where there
    are fewer. continues: bool (vocabulary,). Both are None until ``prepare``.
    """

    table: Any = dataclasses.field(default=None, repr=False, compare=False, kw_only=True)
    continues: Any = dataclasses.field(default=None, repr=False, compare=False, kw_only=True)
    remarks: tuple[str, ...] = dataclasses.field(
        default=(), repr=False, compare=False, kw_only=True
    )

    def notes(self) -> tuple[str, ...]:
        return self.remarks

    def _exchange(self, x: torch.Tensor, rate: float, rng: torch.Generator) -> torch.Tensor:
        """Each whole word that the table knows is exchanged with probability ``rate``."""
        if self.table is None:
            raise ValueError(f"'{self.name}' must be prepared with a data set first")
        table = torch.as_tensor(self.table, device=x.device)
        continues = torch.as_tensor(self.continues, device=x.device)
        known = table[:, :, 0] != PAD
        within = continues[x]
        goes_on = F.pad(within[:, 1:], (0, 1), value=False)
        count = known.sum(dim=1)[x]
        chosen = (count > 0) & ~within & ~goes_on & (uniform(tuple(x.shape), 0, 1, rng) < rate)
        pick = (uniform(tuple(x.shape), 0, 1, rng) * count).long().minimum((count - 1).clamp_min(0))
        same = F.pad(x[:, :, None], (0, table.shape[2] - 1), value=PAD)
        return _expand(x, torch.where(chosen[:, :, None], table[x, pick], same))


@dataclass(frozen=True)
class SynonymReplacement(_Lookup):
    """Words exchanged for like ones."""

    name: ClassVar[str] = "synonym_replacement"
    title: ClassVar[str] = "Exchange like words"
    summary: ClassVar[str] = (
        "Exchange words for synonyms from a file, or for neighbours in the corpus."
    )
    reference: ClassVar[str] = "Wei & Zou 2019, arXiv 1901.11196; Levy et al. 2015 for word vectors"
    domains: ClassVar[str] = (
        "texts with plenty of training samples. Neighbours in a corpus are words used alike, which "
        "opposites and names of days are too"
    )

    rate: float = option(
        0.15,
        label="Share of words",
        help="How likely a word that has synonyms is exchanged.",
        low=0.0,
        high=1.0,
    )
    nearest: int = option(
        5,
        label="Neighbours",
        help="Without a file: among how many nearest words of the corpus one is drawn.",
        low=1,
        high=50,
    )
    file: str = option(
        "",
        label="Thesaurus file",
        help="A text file; each line holds words that mean the same, separated by commas or tabs. "
        "Empty: words that stand among the same words in the training texts.",
    )

    def __post_init__(self) -> None:
        if not self.file:
            return
        path = Path(self.file).expanduser().absolute()
        if not path.is_file():
            raise RequestError(
                f"there is no file '{path.name}'.",
                field="--augment synonym_replacement.file",
                remedy="Give the path of a text file with a group of words a line.",
            )
        # Workers run in other folders.
        object.__setattr__(self, "file", str(path))

    def warning(self, info: DataInfo) -> str | None:
        count = info.counts.get("train", 0)
        if not self.file and count < _FEW_TEXTS:
            return f"{count} training texts are few to tell by which words are used alike"
        return super().warning(info)

    def prepare(self, data: Dataset) -> SynonymReplacement:
        if self.file:
            table, remark = thesaurus.from_file(Path(self.file), data)
        else:
            table, remark = thesaurus.from_corpus(data, self.nearest)
        return dataclasses.replace(self, table=table, continues=data.continues, remarks=(remark,))

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return self._exchange(x, self.rate, rng)


@dataclass(frozen=True)
class TypingErrors(_Lookup):
    """Words misspelt."""

    name: ClassVar[str] = "typing_errors"
    title: ClassVar[str] = "Misspell words"
    summary: ClassVar[str] = "Swap, drop or double a letter of some words."
    reference: ClassVar[str] = "Belinkov & Bisk 2017, arXiv 1711.02173"
    domains: ClassVar[str] = "texts that people type, such as posts and messages"

    rate: float = option(
        0.1,
        label="Share of words",
        help="How likely a word of four letters or more, one token long, is misspelt. It becomes "
        "the pieces that the tokenizer cuts the misspelling into.",
        low=0.0,
        high=1.0,
    )

    def prepare(self, data: Dataset) -> TypingErrors:
        table, remark = thesaurus.misspellings(data)
        return dataclasses.replace(self, table=table, continues=data.continues, remarks=(remark,))

    def apply(self, x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return self._exchange(x, self.rate, rng)


def _expand(x: torch.Tensor, pieces: torch.Tensor) -> torch.Tensor:
    """The pieces of each token, int64 (B, L, P) with PAD for none, one after another, cut to L."""
    flat = pieces.flatten(1)
    return _close_up(flat, flat != PAD)[:, : x.shape[1]]
