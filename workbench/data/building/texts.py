"""Texts for ``build``: read them all, then write them as tokens in the order of the splits."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.config import DataConfig
from workbench.data import estimate, tokenizer
from workbench.data.building.sample_facts import SampleFacts
from workbench.data.dataset import SPECIAL_TOKENS, Dataset
from workbench.data.listing import Listing, holds_characters
from workbench.errors import RequestError

Progress = Callable[[str, float], None]

DEFAULT_LENGTH = 128
# Progress is reported every so many texts.
_EVERY = 1000


@dataclass(frozen=True)
class ReadTexts:
    """The wanted texts. kept: all positions among them. digests: equal for equal texts."""

    texts: list[str]
    config: DataConfig
    digests: npt.NDArray[np.uint64] = field(repr=False)

    @property
    def kept(self) -> npt.NDArray[np.int64]:
        return np.arange(len(self.texts))

    def notes(self, name: Callable[[int], str]) -> tuple[str, ...]:
        """Notes on reading: none."""
        return ()


def usable(listing: Listing) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Positions of the texts that hold any printable character, and a note on the others."""
    texts = _texts(listing)
    present = np.array([holds_characters(text) for text in texts], np.bool_)
    empty = int((~present).sum())
    if empty == len(texts):
        raise RequestError(
            f"all {empty:,} texts are empty.", field="--text", remedy="Give another column."
        )
    return np.flatnonzero(present), (f"{empty:,} empty texts were dropped.",) if empty else ()


def read(
    listing: Listing,
    wanted: npt.NDArray[np.int64],
    config: DataConfig,
    folder: Path,
    progress: Progress,
    like: Dataset | None,
) -> ReadTexts:
    """The texts at ``wanted``. Raises RequestError if they do not fit on the disk."""
    texts = _texts(listing)
    selected = [texts[row] for row in wanted.tolist()]
    needed = estimate.text_bytes(sum(map(len, selected)))
    estimate.check_room(needed, len(selected), folder)
    digests = [blake2b(_spelling(text), digest_size=8).digest() for text in selected]
    progress("reading", 1.0)
    return ReadTexts(selected, config, np.frombuffer(b"".join(digests), np.uint64))


def _spelling(text: str) -> bytes:
    """Equal for texts that differ by white space at their ends or by how marks are stored."""
    bare = text.strip()
    return (bare if bare.isascii() else unicodedata.normalize("NFC", bare)).encode()


def write(
    read: ReadTexts,
    order: npt.NDArray[np.int64],
    training: int,
    folder: Path,
    progress: Progress,
    like: Dataset | None,
) -> SampleFacts:
    """Write tokens, sentences, texts and vocabulary in the order of the splits."""
    texts = [read.texts[row] for row in order.tolist()]
    if like is None:
        progress("learning words", 0.0)
        vocabulary = tokenizer.train(texts[:training])
        vocabulary.save(str(folder / tokenizer.FILE))
        limit = read.config.length or DEFAULT_LENGTH
    else:
        vocabulary = tokenizer.load(like.folder)
        shutil.copyfile(like.folder / tokenizer.FILE, folder / tokenizer.FILE)
        limit = like.info.length or DEFAULT_LENGTH
    tokens, lengths, sentence_starts, sentence_counts = [], [], [], []
    cut = total = 0
    for done, (ids, sentences) in enumerate(tokenizer.encode(vocabulary, texts, limit + 1), 1):
        kept = ids[:limit]
        cut += len(ids) > limit
        tokens.append(kept)
        lengths.append(len(kept))
        inside = sentences[sentences < len(kept)]
        sentence_starts.append(inside + total)
        sentence_counts.append(len(inside))
        total += len(kept)
        if done % _EVERY == 0 or done == len(texts):
            progress("writing", done / len(texts))
    size = vocabulary.get_vocab_size()
    kind = np.uint16 if size <= 2**16 else np.int32
    np.save(folder / "tokens.npy", np.concatenate(tokens).astype(kind))
    np.save(folder / "offsets.npy", _offsets(lengths))
    np.save(folder / "sentences.npy", np.concatenate(sentence_starts))
    np.save(folder / "sentence_offsets.npy", _offsets(sentence_counts))
    np.save(folder / "continues.npy", tokenizer.continues(vocabulary))
    table = pa.table({"text": pa.array(texts, pa.large_string())})
    pq.write_table(table, folder / "texts.parquet", compression="zstd")
    notes = (_vocabulary_note(size, training),) if like is None else ()
    if cut:
        notes = (*notes, _cut_note(cut, len(texts), limit))
    return SampleFacts(
        vocabulary=size,
        length=like.info.length if like is not None else min(limit, max(lengths)),
        sentences=float(np.median(sentence_counts)),
        notes=notes,
    )


def _texts(listing: Listing) -> list[str]:
    if listing.texts is None:
        raise ValueError("a listing of texts has texts")
    return listing.texts()


def _vocabulary_note(size: int, training: int) -> str:
    pieces = size - len(SPECIAL_TOKENS)
    return f"A vocabulary of {pieces:,} word pieces was learned from {training:,} training texts."


def _cut_note(cut: int, count: int, limit: int) -> str:
    return f"{cut:,} of {count:,} texts were cut after {limit} tokens (--length changes it)."


def _offsets(lengths: list[int]) -> npt.NDArray[np.int64]:
    """int64 (n + 1,): where each of n parts of these lengths begins, and where the last ends."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
