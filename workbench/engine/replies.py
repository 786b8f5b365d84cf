"""What the engine replies: each reply as ``EngineClient`` gives it, and how it travels.

Replies about data are in ``data_replies.py``. TypedDicts are JSON as it travels. The other classes
come with arrays: where engine and client both handle one, ``message`` packs it and ``of`` unpacks
it. Needs nothing heavy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt

from workbench.engine.data_replies import OriginalRecord, unpack_originals
from workbench.engine.wire import Arrays, Message
from workbench.errors import RequestError
from workbench.records import RunRecord

Pixels = npt.NDArray[np.uint8]
Features = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
# What the views of images or texts look like: uint8 (n, H, W, C), or the tokens of each text.
Shown = Pixels | list[list[str]]


class EngineFacts(TypedDict):
    """Which engine answers. version: of the workbench."""

    version: str
    pid: int


class ErrorRecord(TypedDict):
    """A ``RequestError`` or ``EngineError`` as it travels. field: of the request, if one."""

    message: str
    field: str | None
    remedy: str | None


@dataclass(frozen=True)
class Job:
    """A long request. share: in [0, 1], how far ``text`` is. fingerprint: of the data set, when it
    is done. error: why it failed."""

    id: str
    state: Literal["running", "done", "failed"]
    text: str
    share: float
    fingerprint: str | None = None
    error: ErrorRecord | None = None

    def raise_error(self) -> None:
        """Raise the RequestError that a failed job ended with."""
        if self.error is not None:
            raise RequestError(**self.error)


@dataclass(frozen=True)
class Preview:
    """originals and each of ``views``: uint8 (n, H, W, C), or texts as lists of tokens.

    steps: names of the augmentations, in order. alone: each alone on the originals. after: the
    view after each of them; all with the draws of the first of ``views``. warnings: which
    augmentations do not suit the data, and why. notes: what was decided while they were prepared.
    """

    originals: Shown
    views: tuple[Shown, ...]
    steps: tuple[str, ...]
    alone: tuple[Shown, ...]
    after: tuple[Shown, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]

    def message(self) -> Message:
        """``originals``, ``view0``, ``alone0``, ``after0``, ... are arrays, or lists of tokens."""
        shown: dict[str, Shown] = {"originals": self.originals}
        for name, several in (("view", self.views), ("alone", self.alone), ("after", self.after)):
            shown |= {f"{name}{at}": one for at, one in enumerate(several)}
        values = {
            "parts": list(self.steps),
            "warnings": list(self.warnings),
            "notes": list(self.notes),
        }
        arrays = {name: one for name, one in shown.items() if isinstance(one, np.ndarray)}
        texts = {name: one for name, one in shown.items() if name not in arrays}
        return Message({**values, **texts}, arrays)

    @classmethod
    def of(cls, message: Message, views: int) -> Preview:
        """views: how many were asked for."""
        shown: dict[str, Any] = {**message.values, **message.arrays}
        steps = tuple(message.values["parts"])
        return cls(
            shown["originals"],
            tuple(shown[f"view{at}"] for at in range(views)),
            steps,
            tuple(shown[f"alone{at}"] for at in range(len(steps))),
            tuple(shown[f"after{at}"] for at in range(len(steps))),
            tuple(message.values["warnings"]),
            tuple(message.values["notes"]),
        )


@dataclass(frozen=True)
class Cost:
    """Milliseconds a view of each step alone and of all together, in a batch of ``batch``."""

    each: tuple[float, ...]
    whole: float
    batch: int

    def message(self) -> Message:
        return Message({"each": list(self.each), "whole": self.whole, "batch": self.batch})

    @classmethod
    def of(cls, message: Message) -> Cost:
        values = message.values
        return cls(tuple(values["each"]), float(values["whole"]), int(values["batch"]))


class PanelRecord(TypedDict):
    """A ``workbench.tasks.records.Panel`` as JSON. image: uint8 (H, W[, C]), in the header the name
    of an array. tokens: each with its mark."""

    caption: str
    role: str
    image: Pixels | None
    tokens: list[tuple[str, str]] | None


class IllustrationRecord(TypedDict):
    """A ``workbench.tasks.records.Illustration`` as JSON: a question, and rows of panels."""

    question: str
    rows: list[list[PanelRecord]]


class SpeedRecord(TypedDict):
    """How fast a configuration trains here."""

    samples_per_second: float
    batch_size: int


class SampleViews(NamedTuple):
    """h: float32 (1 + k, dim), the sample as it is and its k views as the run's encoder sees them.
    shown: the same as pictures uint8 (1 + k, H, W, 3), or as texts."""

    h: Features
    shown: Pixels | list[str]

    def message(self) -> Message:
        if isinstance(self.shown, list):
            return Message({"texts": self.shown}, {"h": self.h})
        return Message({}, {"h": self.h, "pictures": self.shown})

    @classmethod
    def of(cls, message: Message) -> SampleViews:
        arrays = message.arrays
        return cls(
            arrays["h"], arrays["pictures"] if "pictures" in arrays else message.values["texts"]
        )


@dataclass(frozen=True)
class NewSamples:
    """h: float32 (m, dim) of the samples at positions ``kept`` int64 (m,) among those given.
    notes: one for each given: why it was not read, or what was done to it, or "". pixels: uint8
    (m, C, H, W) as the encoder got them, and originals: one for each given; or pieces: tokens of
    each text, in letters."""

    h: Features
    kept: Rows
    notes: tuple[str, ...]
    pixels: Pixels | None = None
    originals: tuple[OriginalRecord, ...] = ()
    pieces: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of_images(cls, message: Message) -> NewSamples:
        arrays, notes = message.arrays, tuple(message.values["notes"])
        originals = tuple(unpack_originals(message))
        return cls(arrays["h"], arrays["kept"], notes, pixels=arrays["pixels"], originals=originals)

    @classmethod
    def of_texts(cls, message: Message) -> NewSamples:
        notes = (
            f"{cut} tokens at its end were cut." if cut else "" for cut in message.values["cut"]
        )
        pieces = tuple(tuple(text) for text in message.values["pieces"])
        return cls(message.arrays["h"], np.arange(len(pieces)), tuple(notes), pieces=pieces)


class ExternalColumn(NamedTuple):
    """Embeddings from elsewhere beside runs. record: a run of status ``outside``. rows: int64 (n,),
    its training and validation samples; features: float32 (n, d), their embeddings."""

    record: RunRecord
    rows: Rows
    features: Features

    def message(self) -> Message:
        arrays: Arrays = {"rows": self.rows, "features": self.features}
        return Message({"document": self.record}, arrays)

    @classmethod
    def of(cls, message: Message) -> ExternalColumn:
        arrays = message.arrays
        return cls(message.values["document"], arrays["rows"], arrays["features"])


def unpack_illustration(message: Message) -> IllustrationRecord:
    """With each panel's array in place of its name, and tokens as pairs."""

    def panel(raw: Mapping[str, Any]) -> PanelRecord:
        tokens = None if raw["tokens"] is None else [(word, mark) for word, mark in raw["tokens"]]
        image = message.arrays.get(str(raw["image"]))
        return {"caption": raw["caption"], "role": raw["role"], "image": image, "tokens": tokens}

    rows = [[panel(raw) for raw in row] for row in message.values["rows"]]
    return {"question": message.values["question"], "rows": rows}
