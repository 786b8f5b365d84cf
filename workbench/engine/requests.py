"""Every request to the engine: its name, its fields, and how it travels as a message.

The client makes one of these classes; the engine reads it from the message and gives it to the
handler that names the class. A field travels in the header under its own name, an array behind it.
A field that is None by default is left out of the header. Needs nothing heavy.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from workbench import json_types
from workbench.config import AugmentStep, DataConfig, RunConfig
from workbench.engine.wire import Message

Images = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class EngineRequest:
    """The base of all requests. NAME: what the message says in ``what``."""

    NAME: ClassVar[str]

    def message(self) -> Message:
        """The request as it travels, without ``what`` and ``token``."""
        values: dict[str, Any] = {}
        arrays: dict[str, npt.NDArray[Any]] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                arrays[field.name] = value
            elif value is not None or field.default is dataclasses.MISSING:
                values[field.name] = _to_json(value)
        return Message(values, arrays)

    @classmethod
    def read(cls, message: Message) -> Self:
        """The request that ``message`` holds. Raises KeyError for a field that is missing."""
        hints = typing.get_type_hints(cls)
        values: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            if field.name in message.arrays:
                values[field.name] = message.arrays[field.name]
            elif field.default is dataclasses.MISSING or field.name in message.values:
                values[field.name] = _from_json(hints[field.name], message.values[field.name])
        return cls(**values)


@dataclass(frozen=True)
class PingRequest(EngineRequest):
    """Which engine answers."""

    NAME = "ping"


@dataclass(frozen=True)
class SourceRequest(EngineRequest):
    """The base of requests about a source.

    data: the source, with a whole path, for the engine runs in another folder. within: the folder
    below which all files must lie that the source leads to; None for anywhere.
    """

    data: DataConfig
    within: Path | None


@dataclass(frozen=True)
class PrepareRequest(SourceRequest):
    """Begin to prepare a data set; ``JobRequest`` follows it."""

    NAME = "prepare"


@dataclass(frozen=True)
class JobRequest(EngineRequest):
    """How far a long request is. job: its id."""

    NAME = "job"
    job: str


@dataclass(frozen=True)
class InspectRequest(SourceRequest):
    """What a source holds, before it is prepared."""

    NAME = "inspect"


@dataclass(frozen=True)
class PeekRequest(SourceRequest):
    """Columns, first rows and some images of a source, whatever columns are chosen."""

    NAME = "peek"


@dataclass(frozen=True)
class OriginalsRequest(SourceRequest):
    """Samples as they lay in their source. rows: positions in the cache ``fingerprint``."""

    NAME = "originals"
    fingerprint: str
    rows: tuple[int, ...]


@dataclass(frozen=True)
class SizesRequest(SourceRequest):
    """Sides of original images, or lengths of texts before they are cut."""

    NAME = "sizes"
    fingerprint: str


@dataclass(frozen=True)
class QualityRequest(EngineRequest):
    """Copies across splits, near copies, and samples that show nothing."""

    NAME = "quality"
    fingerprint: str


@dataclass(frozen=True)
class PreviewRequest(EngineRequest):
    """Augmented views of training samples. rows: positions within the training split. views: how
    many of each sample."""

    NAME = "preview"
    fingerprint: str
    steps: tuple[AugmentStep, ...]
    rows: tuple[int, ...]
    views: int
    seed: int


@dataclass(frozen=True)
class CostRequest(EngineRequest):
    """How long one core takes to make a view by these steps."""

    NAME = "cost"
    fingerprint: str
    steps: tuple[AugmentStep, ...]


@dataclass(frozen=True)
class IllustrateRequest(EngineRequest):
    """What a task's model sees and must answer. rows: positions within the training split."""

    NAME = "illustrate"
    config: RunConfig
    rows: tuple[int, ...]
    seed: int


@dataclass(frozen=True)
class MeasureRequest(EngineRequest):
    """How fast a validated configuration trains here."""

    NAME = "measure"
    config: RunConfig


@dataclass(frozen=True)
class EncodeRequest(EngineRequest):
    """New samples through the encoder of run ``run``. images: uint8 (n, H, W[, C]); or texts."""

    NAME = "encode"
    run: str
    images: Images | None = None
    texts: tuple[str, ...] | None = None


@dataclass(frozen=True)
class NewSamplesRequest(EngineRequest):
    """As ``EncodeRequest``, of image files as they are (read as the training images were), or of
    texts; the reply shows what the encoder got."""

    NAME = "new_samples"
    run: str
    files: tuple[bytes, ...] | None = None
    texts: tuple[str, ...] | None = None

    def message(self) -> Message:
        """Files travel as arrays of bytes ``file0``, ``file1``, ...; the header counts them."""
        if self.files is None:
            return super().message()
        arrays = {f"file{at}": np.frombuffer(raw, np.uint8) for at, raw in enumerate(self.files)}
        return Message({"run": self.run, "files": len(self.files)}, arrays)

    @classmethod
    def read(cls, message: Message) -> Self:
        if "files" not in message.values:
            return super().read(message)
        names = [f"file{at}" for at in range(int(message.values["files"]))]
        files = tuple(message.arrays[name].tobytes() for name in names)
        return cls(str(message.values["run"]), files=files)


@dataclass(frozen=True)
class FramesRequest(EngineRequest):
    """The maps of all checks of a run in one frame of reference. space: ``h`` or ``z``."""

    NAME = "frames"
    run: str
    space: str = "h"


@dataclass(frozen=True)
class SampleViewsRequest(EngineRequest):
    """A run's augmented views of one sample. row: position in the cache, of train or validation."""

    NAME = "sample_views"
    run: str
    row: int
    views: int
    seed: int


@dataclass(frozen=True)
class InvarianceRequest(EngineRequest):
    """How far one augmentation moves a run's representation. key: of an ``InvarianceTrial``."""

    NAME = "invariance"
    run: str
    key: str


@dataclass(frozen=True)
class ExportRequest(EngineRequest):
    """A run's encoder and what belongs to it as a zip. format: of ``workbench.export.formats``."""

    NAME = "export"
    run: str
    format: str


@dataclass(frozen=True)
class ExternalRequest(EngineRequest):
    """Embeddings from elsewhere, in ``file``, scored as a column called ``name`` beside runs."""

    NAME = "beside"
    runs: tuple[str, ...]
    name: str
    file: Path


def _to_json(value: Any) -> Any:
    if isinstance(value, RunConfig):
        return value.to_json()
    if isinstance(value, (DataConfig, AugmentStep)):
        return dataclasses.asdict(value)
    if isinstance(value, tuple):
        return [_to_json(part) for part in value]
    return str(value) if isinstance(value, Path) else value


def _from_json(hint: Any, value: Any) -> Any:
    return _READERS[hint](value)


def _data_config(raw: Mapping[str, Any]) -> DataConfig:
    return DataConfig(**json_types.fields(DataConfig, raw, "data."))


def _texts(raw: list[Any]) -> tuple[str, ...]:
    return tuple(str(text) for text in raw)


# How a value of a field's type is read from JSON.
_READERS: Mapping[Any, Callable[[Any], Any]] = {
    str: str,
    int: int,
    Path: Path,
    Path | None: lambda raw: None if raw is None else Path(raw),
    tuple[int, ...]: lambda raw: tuple(int(number) for number in raw),
    tuple[str, ...]: _texts,
    tuple[str, ...] | None: _texts,
    tuple[AugmentStep, ...]: lambda raw: tuple(
        AugmentStep(step["name"], step["options"]) for step in raw
    ),
    DataConfig: _data_config,
    RunConfig: RunConfig.from_json,
}
