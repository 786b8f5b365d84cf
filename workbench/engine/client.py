"""Asking the engine: one method a request.

Needs neither torch nor anything heavy, so that the app's server can ask.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

from workbench import paths
from workbench.config import AugmentStep, DataConfig, RunConfig
from workbench.data import library
from workbench.data.dataset import Dataset
from workbench.engine import requests
from workbench.engine.connection import exchange
from workbench.engine.data_replies import (
    CutTextRecord,
    InspectionRecord,
    OriginalRecord,
    PeekRecord,
    QualityRecord,
    SourceSizes,
    unpack_originals,
)
from workbench.engine.replies import (
    Cost,
    EngineFacts,
    ExternalColumn,
    IllustrationRecord,
    Job,
    NewSamples,
    Preview,
    SampleViews,
    SpeedRecord,
    unpack_illustration,
)
from workbench.engine.requests import EngineRequest
from workbench.engine.wire import Message
from workbench.maps.frames import CheckMaps
from workbench.records import InvarianceRecord
from workbench.requests.validation import absolute_source

_POLL_SECONDS = 0.2


class EngineClient:
    """One home's engine, seen from outside. Every method is one request; safe in threads.

    Every method raises EngineError if no engine answers, RequestError if the request is refused.
    within: the folder below which all files must lie that a source leads to.
    """

    def __init__(self, home: Path):
        self.home = home.resolve()

    def ping(self) -> EngineFacts:
        """What the engine says of itself."""
        return cast(EngineFacts, self._ask(requests.PingRequest()).values)

    def start_prepare(self, config: DataConfig, within: Path | None = None) -> Job:
        """Begin to prepare a data set; follow it with ``job``."""
        return Job(**self._ask(requests.PrepareRequest(*_source(config, within))).values)

    def job(self, job_id: str) -> Job:
        return Job(**self._ask(requests.JobRequest(job_id)).values)

    def prepare(
        self,
        config: DataConfig,
        progress: Callable[[str, float], object] | None = None,
        within: Path | None = None,
    ) -> Dataset:
        """Prepare a data set and wait for it. Raises RequestError as ``data.prepare`` does."""
        job = self.start_prepare(config, within)
        while job.state == "running":
            if progress is not None:
                progress(job.text, job.share)
            time.sleep(_POLL_SECONDS)
            job = self.job(job.id)
        job.raise_error()
        data = Dataset.open(paths.cache_dir(self.home) / str(job.fingerprint))
        return library.known_as(data, config.source)

    def inspect(self, config: DataConfig, within: Path | None = None) -> InspectionRecord:
        """What a source holds, before it is prepared."""
        reply = self._ask(requests.InspectRequest(*_source(config, within)))
        return cast(InspectionRecord, reply.values)

    def peek(self, config: DataConfig, within: Path | None = None) -> PeekRecord:
        """Columns, first rows and some images of a source, whatever columns are chosen."""
        reply = self._ask(requests.PeekRequest(*_source(config, within)))
        return cast(PeekRecord, {**reply.values, "images": unpack_originals(reply)})

    def originals(
        self, config: DataConfig, fingerprint: str, rows: Sequence[int], within: Path | None = None
    ) -> list[OriginalRecord] | list[CutTextRecord]:
        """The samples at ``rows`` of the cache as they lay in their source: images, or texts."""
        chosen = tuple(int(row) for row in rows)
        source = _source(config, within)
        reply = self._ask(requests.OriginalsRequest(*source, fingerprint, chosen))
        return unpack_originals(reply) if "images" in reply.values else list(reply.values["texts"])

    def sizes(
        self, config: DataConfig, fingerprint: str, within: Path | None = None
    ) -> SourceSizes:
        """How large some of the originals are."""
        reply = self._ask(requests.SizesRequest(*_source(config, within), fingerprint))
        return SourceSizes(int(reply.values["looked_at"]), dict(reply.arrays))

    def quality(self, fingerprint: str) -> QualityRecord:
        """Copies and near copies across splits, and samples that show nothing."""
        return cast(QualityRecord, self._ask(requests.QualityRequest(fingerprint)).values)

    def preview(
        self,
        fingerprint: str,
        steps: Sequence[AugmentStep],
        rows: Sequence[int],
        *,
        views: int = 2,
        seed: int = 0,
    ) -> Preview:
        """Augmented views of training samples, made by the code that training calls."""
        chosen = tuple(int(row) for row in rows)
        request = requests.PreviewRequest(fingerprint, tuple(steps), chosen, views, seed)
        return Preview.of(self._ask(request), views)

    def cost(self, fingerprint: str, steps: Sequence[AugmentStep]) -> Cost:
        """How long one core of this machine takes to make a view; the median of a few tries."""
        return Cost.of(self._ask(requests.CostRequest(fingerprint, tuple(steps))))

    def illustrate(
        self, config: RunConfig, rows: Sequence[int], seed: int = 0
    ) -> IllustrationRecord:
        """What a task's model sees and must answer, for given samples."""
        chosen = tuple(int(row) for row in rows)
        return unpack_illustration(self._ask(requests.IllustrateRequest(config, chosen, seed)))

    def measure(self, config: RunConfig) -> SpeedRecord:
        """How fast a validated configuration trains here. Raises RequestError while a run is
        live."""
        return cast(SpeedRecord, self._ask(requests.MeasureRequest(config)).values)

    def encode(self, run_id: str, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """float32 (n, dim): representations of uint8 images (n, H, W[, C]) by a run's encoder."""
        return self._ask(requests.EncodeRequest(run_id, images=images)).arrays["h"]

    def encode_texts(self, run_id: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """float32 (n, dim): representations of texts by a run's encoder."""
        return self._ask(requests.EncodeRequest(run_id, texts=tuple(texts))).arrays["h"]

    def new_images(self, run_id: str, files: Sequence[bytes]) -> NewSamples:
        """Image files through a run's encoder, read as its training images were."""
        request = requests.NewSamplesRequest(run_id, files=tuple(files))
        return NewSamples.of_images(self._ask(request))

    def new_texts(self, run_id: str, texts: Sequence[str]) -> NewSamples:
        """Texts through a run's encoder. Raises RequestError for a text without any sign."""
        request = requests.NewSamplesRequest(run_id, texts=tuple(texts))
        return NewSamples.of_texts(self._ask(request))

    def frames(self, run_id: str, space: str = "h") -> CheckMaps:
        """The maps of all checks of a run in one frame of reference; space: ``h`` or ``z``."""
        return CheckMaps(**self._ask(requests.FramesRequest(run_id, space)).arrays)

    def sample_views(self, run_id: str, row: int, *, views: int = 8, seed: int = 0) -> SampleViews:
        """A run's augmented views of the sample at ``row`` of the cache (train or validation)."""
        reply = self._ask(requests.SampleViewsRequest(run_id, int(row), views, seed))
        return SampleViews.of(reply)

    def invariance(self, run_id: str, key: str) -> InvarianceRecord:
        """How far one augmentation moves a run's representation. key: of an ``InvarianceTrial``."""
        return cast(InvarianceRecord, self._ask(requests.InvarianceRequest(run_id, key)).values)

    def export(self, run_id: str, format_: str = "safetensors") -> Path:
        """The zip of a run's encoder and what belongs to it, as ``export_run`` writes it."""
        return Path(str(self._ask(requests.ExportRequest(run_id, format_)).values["path"]))

    def score_external(self, run_ids: Sequence[str], name: str, file: Path) -> ExternalColumn:
        """Embeddings from elsewhere in ``file``, checked and scored beside runs of one data set."""
        return ExternalColumn.of(
            self._ask(requests.ExternalRequest(tuple(run_ids), name, file.absolute()))
        )

    def _ask(self, request: EngineRequest) -> Message:
        return exchange(self.home, request)


def _source(config: DataConfig, within: Path | None) -> tuple[DataConfig, Path | None]:
    """With whole paths, for the engine runs in another folder."""
    whole = dataclasses.replace(config, source=absolute_source(config.source))
    return whole, None if within is None else within.absolute()
