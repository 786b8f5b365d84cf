"""A prepared data set: memory-mapped uint8 images or token ids, with labels, groups and splits.

The cache of one data set is a folder (see ``workbench.data.cache`` for how it is made):

    info.json        DataInfo
    images.npy       uint8 (N, C, H, W), splits one after another: train, validation, test
    tokens.npy       uint16 or int32 (T,), the token ids of all texts one after another
    offsets.npy      int64 (N + 1,), where each text begins in tokens.npy
    sentences.npy    int64 (S,), where each sentence begins in tokens.npy (absolute positions)
    sentence_offsets.npy  int64 (N + 1,), where each text begins in sentences.npy
    targets.parquet  one int column a label column (-1: missing), ``_group`` and ``_id`` columns
    digests.npy      uint64 (N,), equal for samples that are equal
    masks.npy        uint8 (N, H, W), 255 where the mask beside an image marks it, else 0 (only
                     where the source has masks)
    reading.json     the recipe by which images were read, ``decoding/recipe.py`` (image data only)
    continues.npy    bool (vocabulary,), whether a token id continues a word (text data only)
    texts.parquet    column ``text``: the raw texts (text data only)
    tokenizer.json   the `tokenizers` vocabulary, trained on the training split (text data only)

This module needs numpy and pyarrow alone, so that the app's server can use it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from workbench import damage

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")

PAD, UNK, CLS, SEP, MASK = range(5)
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclass(frozen=True)
class Target:
    """A label column: its name, its class names, and whether it is the label or a factor."""

    name: str
    classes: tuple[str, ...]
    role: Literal["label", "factor"] = "label"


@dataclass(frozen=True)
class DataInfo:
    """Facts about a data set that do not need its samples.

    counts: samples by split. size: (height, width) in pixels; channels: 1 or 3 (2 for two chosen
    channels). mean, std: per channel over the training split, of values in [0, 1].
    vocabulary: number of token ids; length: longest text kept, in tokens; sentences: median
    number of sentences a text. normal: the class that the training split consists of, if training
    is normals only. notes: decisions and remarks of preparing (skipped files, guessed columns,
    splits). found, left_out, unit: the account of the source (``workbench.data.account``); found is
    None in caches of older versions. fit: how pictures were made square (``crop``, ``pad``,
    ``squash``), None if they were not. shown: mean share of a picture's area that the encoder gets,
    in (0, 1].
    """

    name: str
    title: str
    source: str
    fingerprint: str
    modality: Literal["image", "text"]
    counts: Mapping[str, int]
    targets: tuple[Target, ...] = ()
    group: str | None = None
    normal: str | None = None
    size: tuple[int, int] | None = None
    channels: int | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    vocabulary: int | None = None
    length: int | None = None
    sentences: float | None = None
    notes: tuple[str, ...] = ()
    found: int | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    unit: Literal["rows", "files"] = "rows"
    fit: str | None = None
    shown: float | None = None

    @property
    def label(self) -> Target | None:
        """The label column, if there is one."""
        return next((t for t in self.targets if t.role == "label"), None)

    @property
    def total(self) -> int:
        """Samples of all splits."""
        return sum(self.counts.values())

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self), default=dict))
        return out

    @classmethod
    def read(cls, folder: Path) -> DataInfo:
        """The description in the cache ``folder``. Raises DamageError if it is damaged."""
        path = folder / "info.json"
        document = damage.read_json(path)
        with damage.reading(path):
            info = cls.from_json(document)
            if not all(type(n) is int and n >= 0 for n in info.counts.values()):
                raise damage.ContentError("its counts are no numbers")
            return info

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> DataInfo:
        values = dict(raw)
        values["targets"] = tuple(
            Target(t["name"], tuple(t["classes"]), t["role"]) for t in values.get("targets", ())
        )
        for name in ("size", "mean", "std", "notes"):
            if values.get(name) is not None:
                values[name] = tuple(values[name])
        return cls(**values)


@dataclass(frozen=True)
class Dataset:
    """An opened cache. Arrays are memory-mapped and read-only."""

    folder: Path
    info: DataInfo
    _bounds: dict[str, slice] = field(repr=False)

    @classmethod
    def open(cls, folder: Path) -> Dataset:
        """The prepared data set in ``folder``. Raises DamageError if it is missing or its
        description is damaged. Its arrays raise that when they are read."""
        info = DataInfo.read(folder)
        bounds: dict[str, slice] = {}
        start = 0
        for name in SPLITS:
            stop = start + info.counts.get(name, 0)
            bounds[name] = slice(start, stop)
            start = stop
        return cls(folder, info, bounds)

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether a prepared data set lies in ``folder``. Its samples may have been removed."""
        return (folder / "info.json").exists()

    @property
    def has_samples(self) -> bool:
        """Whether the images or texts are still there. Those of stored demo runs are not."""
        return any((self.folder / name).exists() for name in ("images.npy", "texts.parquet"))

    def rows(self, split: SplitName) -> slice:
        """The positions of ``split`` among all samples."""
        return self._bounds[split]

    @cached_property
    def images(self) -> npt.NDArray[np.uint8]:
        """uint8 (N, C, H, W)."""
        return self._array("images.npy", self.info.total, mapped=True)

    @cached_property
    def masks(self) -> npt.NDArray[np.uint8] | None:
        """uint8 (N, H, W), 255 where a mask marks the image, else 0; None if there are no masks.
        An image without a mask has nothing marked."""
        if not (self.folder / "masks.npy").exists():
            return None
        return self._array("masks.npy", self.info.total, mapped=True)

    @cached_property
    def tokens(self) -> npt.NDArray[np.integer[Any]]:
        """Token ids of all texts, one after another, without special tokens."""
        return self._array("tokens.npy", mapped=True)

    @cached_property
    def offsets(self) -> npt.NDArray[np.int64]:
        """int64 (N + 1,): text i is ``tokens[offsets[i]:offsets[i + 1]]``."""
        return self._array("offsets.npy", self.info.total + 1)

    @cached_property
    def sentences(self) -> npt.NDArray[np.int64]:
        """int64 (S,): absolute positions in ``tokens`` where sentences begin."""
        return self._array("sentences.npy")

    @cached_property
    def sentence_offsets(self) -> npt.NDArray[np.int64]:
        """int64 (N + 1,): the sentences of text i are ``sentences[so[i]:so[i + 1]]``."""
        return self._array("sentence_offsets.npy", self.info.total + 1)

    @cached_property
    def continues(self) -> npt.NDArray[np.bool_]:
        """bool (vocabulary,): whether a token id continues the word of the token before it."""
        return self._array("continues.npy")

    @cached_property
    def texts(self) -> list[str]:
        """The raw texts of all samples (text data only)."""
        return self._column("texts.parquet", "text").to_pylist()  # type: ignore[no-any-return]

    def target(self, name: str) -> npt.NDArray[np.int64]:
        """int64 (N,): class index of every sample in label column ``name``; -1 where missing."""
        column = self._column("targets.parquet", name)
        return column.to_numpy().astype(np.int64)  # type: ignore[no-any-return]

    @cached_property
    def digests(self) -> npt.NDArray[np.uint64]:
        """uint64 (N,): equal for samples that are equal."""
        return self._array("digests.npy", self.info.total)

    @cached_property
    def groups(self) -> npt.NDArray[np.int64] | None:
        """int64 (N,): group index of every sample (patient, plate), or None."""
        return self.target("_group") if self.info.group is not None else None

    @cached_property
    def ids(self) -> list[str]:
        """A stable name of every sample: file path inside the source, or split and row number."""
        return self._column("targets.parquet", "_id").to_pylist()  # type: ignore[no-any-return]

    def _array(
        self, name: str, rows: int | None = None, *, mapped: bool = False
    ) -> npt.NDArray[Any]:
        """The array in a file, memory-mapped or in memory. rows: its length, None for any. Raises
        DamageError."""
        path = self.folder / name
        with damage.reading(path):
            array: npt.NDArray[Any] = np.load(path, mmap_mode="r" if mapped else None)
            if rows is not None and len(array) != rows:
                raise damage.ContentError(f"it has {len(array):,} rows of {rows:,}")
            return array

    def _column(self, name: str, column: str) -> pa.ChunkedArray:
        """A column of a table. Raises DamageError, also for a table of another length."""
        path = self.folder / name
        with damage.reading(path):
            values = pq.read_table(path, columns=[column])[column]
            if len(values) != self.info.total:
                raise damage.ContentError(f"it has {len(values):,} rows of {self.info.total:,}")
            return values
