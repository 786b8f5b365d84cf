"""Texts: words exchanged for similar ones, or misspelt.

Both need more than token ids: ``prepare`` makes a table from the data, once. They change whole
words that are one token, as common words are; pieces of words stay. A misspelling becomes the
pieces that the tokenizer cuts it into, so a text may get longer. It never gets wider than the
batch: what does not fit falls off at its end.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.augment.parts import thesaurus
from workbench.augment.parts.draws import uniform
from workbench.augment.parts.tokens import expand
from workbench.augment.text import TextAugmentation
from workbench.data.dataset import PAD, DataInfo, Dataset
from workbench.errors import RequestError
from workbench.lazy import F, torch
from workbench.options import option

# With fewer training texts, word vectors are mostly chance.
_FEW_TEXTS = 1000


@dataclass(frozen=True)
class _Lookup(TextAugmentation):
    """An augmentation that exchanges whole words by a table made from the data.

    table: int64 (vocabulary, K, P), for each word up to K others of up to P pieces, PAD where there
    are fewer. continues: bool (vocabulary,), which tokens continue a word. Both are None before
    ``prepare``. remarks: what ``prepare`` decided, one sentence each.
    """

    table: Any = dataclasses.field(default=None, repr=False, compare=False, kw_only=True)
    continues: Any = dataclasses.field(default=None, repr=False, compare=False, kw_only=True)
    remarks: tuple[str, ...] = dataclasses.field(
        default=(), repr=False, compare=False, kw_only=True
    )

    def notes(self) -> tuple[str, ...]:
        return self.remarks

    def _exchange(self, x: torch.Tensor, rate: float, rng: torch.Generator) -> torch.Tensor:
        """Exchanges each whole word of the table with probability ``rate``."""
        if self.table is None:
            raise ValueError(f"'{self.name}' must be prepared with a data set first")
        table = torch.as_tensor(self.table, device=x.device)
        continues = torch.as_tensor(self.continues, device=x.device)
        count = (table[:, :, 0] != PAD).sum(dim=1)[x]
        part = continues[x]
        # Whole words: the token continues none, and the next one does not continue it.
        whole = ~part & ~F.pad(part[:, 1:], (0, 1), value=False)
        chosen = (count > 0) & whole & (uniform(tuple(x.shape), 0, 1, rng) < rate)
        pick = (uniform(tuple(x.shape), 0, 1, rng) * count).long().minimum((count - 1).clamp_min(0))
        same = F.pad(x[:, :, None], (0, table.shape[2] - 1), value=PAD)
        return expand(x, torch.where(chosen[:, :, None], table[x, pick], same))


@dataclass(frozen=True)
class SynonymReplacement(_Lookup):
    """Exchanges words for synonyms."""

    name = "synonym_replacement"
    title = "Exchange like words"
    summary = "Exchange words for synonyms from a file, or for neighbours in the corpus."
    reference = "Wei & Zou 2019, arXiv 1901.11196; Levy et al. 2015 for word vectors"
    domains = (
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
        path=True,
    )

    def __post_init__(self) -> None:
        if not self.file:
            return
        try:
            path = Path(self.file).expanduser().absolute()
            exists = path.is_file()
        except (OSError, RuntimeError, ValueError):
            # Too long a name, an unknown user's home, or a sign that no name may hold.
            exists = False
        if not exists:
            raise RequestError(
                f"there is no file '{Path(self.file).name}'.",
                field="--augment synonym_replacement.file",
                remedy="Give the path of a text file with a group of words a line.",
            )
        # Workers run in other folders, so the path is made absolute.
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
    """Misspells words."""

    name = "typing_errors"
    title = "Misspell words"
    summary = "Swap, drop or double a letter of some words."
    reference = "Belinkov & Bisk 2017, arXiv 1711.02173"
    domains = "texts that people type, such as posts and messages"
    invariance_rank = 60

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
