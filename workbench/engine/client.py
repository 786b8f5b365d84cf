"""Asking the engine: it is started when absent, and answers with JSON and arrays.

Needs neither torch nor anything heavy, so that the app's server can ask.
"""

from __future__ import annotations

import dataclasses
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench import __version__, paths
from workbench.config import AugmentStep, DataConfig, RunConfig
from workbench.data.dataset import Dataset
from workbench.engine.address import address, ensure
from workbench.engine.replies import Cost, Job, NewSamples, Preview
from workbench.engine.wire import Message, receive, send
from workbench.errors import EngineError, RequestError
from workbench.jobs.processes import kill
from workbench.maps.frames import CheckMaps
from workbench.requests.validation import whole_source

_START_SECONDS = 60.0
_ANSWER_SECONDS = 120.0
_POLL_SECONDS = 0.2


def _asked(config: DataConfig, within: Path | None) -> dict[str, Any]:
    """With whole paths, for the engine runs in another folder."""
    data = dataclasses.replace(config, source=whole_source(config.source))
    root = None if within is None else str(within.absolute())
    return {"data": dataclasses.asdict(data), "within": root}


class EngineClient:
    """One home's engine, seen from outside. Every method is one request; safe in threads."""

    def __init__(self, home: Path):
        self.home = home.resolve()

    def ping(self) -> Mapping[str, Any]:
        """What the engine says of itself."""
        return self._ask("ping").values

    def start_prepare(self, config: DataConfig, within: Path | None = None) -> Job:
        """Begin to prepare a data set; follow it with ``job``.

        within: the folder below which all files must lie that the source leads to.
        """
        return Job(**self._ask("prepare", **_asked(config, within)).values)

    def job(self, job_id: str) -> Job:
        return Job(**self._ask("job", job=job_id).values)

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
        return Dataset.open(paths.cache_dir(self.home) / str(job.fingerprint))

    def inspect(self, config: DataConfig, within: Path | None = None) -> Mapping[str, Any]:
        """What can be said of a source before it is prepared."""
        return self._ask("inspect", **_asked(config, within)).values

    def preview(
        self,
        fingerprint: str,
        steps: Sequence[AugmentStep],
        rows: Sequence[int],
        *,
        views: int = 2,
        seed: int = 0,
    ) -> Preview:
        """Augmented views of given samples, made by the very code that training calls."""
        answer = self._ask(
            "preview",
            fingerprint=fingerprint,
            steps=[dataclasses.asdict(step) for step in steps],
            rows=[int(row) for row in rows],
            views=views,
            seed=seed,
        )
        get = _getter(answer)
        names = tuple(answer.values["parts"])
        return Preview(
            get("originals"),
            tuple(get(f"view{i}") for i in range(views)),
            names,
            tuple(get(f"alone{i}") for i in range(len(names))),
            tuple(get(f"after{i}") for i in range(len(names))),
            tuple(answer.values["warnings"]),
            tuple(answer.values["notes"]),
        )

    def cost(self, fingerprint: str, steps: Sequence[AugmentStep]) -> Cost:
        """How long one core of this machine takes to make a view; the median of a few tries."""
        asked = [dataclasses.asdict(step) for step in steps]
        said = self._ask("cost", fingerprint=fingerprint, steps=asked).values
        return Cost(tuple(said["each"]), float(said["whole"]), int(said["batch"]))

    def illustrate(self, config: RunConfig, rows: Sequence[int], seed: int = 0) -> dict[str, Any]:
        """A task's illustration: question, and rows of panels with ``image`` or ``tokens``."""
        answer = self._ask(
            "illustrate", config=config.to_json(), rows=[int(row) for row in rows], seed=seed
        )
        rows_out = [
            [{**panel, "image": answer.arrays.get(str(panel["image"]))} for panel in row]
            for row in answer.values["rows"]
        ]
        return {"question": answer.values["question"], "rows": rows_out}

    def measure(self, config: RunConfig) -> Mapping[str, Any]:
        """How fast a validated configuration trains here: ``samples_per_second`` and
        ``batch_size``. Raises RequestError while a run is live."""
        return self._ask("measure", config=config.to_json()).values

    def encode(self, run_id: str, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """float32 (n, dim): representations of uint8 images (n, H, W[, C]) by a run's encoder."""
        answer = self._ask("encode", {"images": images}, run=run_id)
        return answer.arrays["h"]

    def encode_texts(self, run_id: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """float32 (n, dim): representations of texts by a run's encoder."""
        return self._ask("encode", run=run_id, texts=list(texts)).arrays["h"]

    def frames(self, run_id: str, space: str = "h") -> CheckMaps:
        """The maps of all checks of a run in one frame of reference; space: ``h`` or ``z``."""
        arrays: dict[str, Any] = dict(self._ask("frames", run=run_id, space=space).arrays)
        return CheckMaps(**arrays)

    def sample_views(
        self, run_id: str, row: int, *, views: int = 8, seed: int = 0
    ) -> tuple[npt.NDArray[np.float32], Any]:
        """A run's augmented views of the sample at ``row`` of the cache (train or validation).

        float32 (1 + views, dim), the sample as it is and its views as the run's encoder sees them;
        and the same as pictures uint8 (1 + views, H, W, 3), or as a list of texts.
        """
        answer = self._ask("sample_views", run=run_id, row=int(row), views=views, seed=seed)
        shown = answer.arrays.get("pictures")
        return answer.arrays["h"], answer.values["texts"] if shown is None else shown

    def invariance(self, run_id: str, key: str) -> Mapping[str, Any]:
        """How far one augmentation moves a run's representation; key: see ``runs.invariances``."""
        return self._ask("invariance", run=run_id, key=key).values

    def peek(self, config: DataConfig, within: Path | None = None) -> dict[str, Any]:
        """Columns, first rows and some images of a source, whatever is chosen of it."""
        answer = self._ask("peek", **_asked(config, within))
        return {**answer.values, "images": _pictured(answer)}

    def originals(
        self, config: DataConfig, fingerprint: str, rows: Sequence[int], within: Path | None = None
    ) -> list[dict[str, Any]]:
        """Images as they lay in their source, with size and ``picture``; of texts, ``pieces``,
        ``tokens`` in all and how many characters are ``kept``."""
        chosen = [int(row) for row in rows]
        source = _asked(config, within)
        answer = self._ask("originals", fingerprint=fingerprint, rows=chosen, **source)
        return _pictured(answer) if "images" in answer.values else list(answer.values["texts"])

    def sizes(
        self, config: DataConfig, fingerprint: str, within: Path | None = None
    ) -> tuple[int, dict[str, npt.NDArray[Any]]]:
        """How many samples were looked at, and their ``heights`` and ``widths``, or ``tokens``."""
        answer = self._ask("sizes", **_asked(config, within), fingerprint=fingerprint)
        return int(answer.values["looked_at"]), dict(answer.arrays)

    def quality(self, fingerprint: str) -> Mapping[str, Any]:
        """Duplicates across splits, near ones too, and samples that show nothing."""
        return self._ask("quality", fingerprint=fingerprint).values

    def new_images(self, run_id: str, files: Sequence[bytes]) -> NewSamples:
        """Image files through a run's encoder, read as its training images were."""
        arrays = {f"file{at}": np.frombuffer(data, np.uint8) for at, data in enumerate(files)}
        answer = self._ask("new_samples", arrays, run=run_id, files=len(files))
        found = answer.arrays
        notes = tuple(answer.values["notes"])
        return NewSamples(
            found["h"],
            found["kept"],
            notes,
            pixels=found["pixels"],
            originals=tuple(_pictured(answer)),
        )

    def new_texts(self, run_id: str, texts: Sequence[str]) -> NewSamples:
        """Texts through a run's encoder. Raises RequestError for a text without any sign."""
        answer = self._ask("new_samples", run=run_id, texts=list(texts))
        cut = [f"{count} tokens at its end were cut." if count else ""
               for count in answer.values["cut"]]  # fmt: skip
        pieces = tuple(tuple(one) for one in answer.values["pieces"])
        kept = np.arange(len(pieces))
        return NewSamples(answer.arrays["h"], kept, tuple(cut), pieces=pieces)

    def export(self, run_id: str, format_: str = "safetensors") -> Path:
        """The zip of a run's encoder and what belongs to it, as ``export_run`` writes it."""
        return Path(str(self._ask("export", run=run_id, format=format_).values["path"]))

    def beside(
        self, run_ids: Sequence[str], name: str, file: Path
    ) -> tuple[dict[str, Any], npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Embeddings from elsewhere in ``file``, checked and scored beside runs of one data set:
        a run object of status ``outside``, its samples (n,) and their embeddings (n, d)."""
        answer = self._ask("beside", runs=list(run_ids), name=name, file=str(file.absolute()))
        return dict(answer.values["document"]), answer.arrays["rows"], answer.arrays["features"]

    def _ask(self, what: str, arrays: Mapping[str, Any] | None = None, **values: Any) -> Message:
        with self._connect() as (connection, token):
            try:
                send(connection, Message({"what": what, "token": token, **values}, arrays or {}))
                answer = receive(connection)
            except OSError as error:
                raise EngineError(
                    f"the engine did not answer: {error}.",
                    remedy=f"Ask again; if that does not help, see {self.home / 'engine.log'}.",
                ) from error
        failed = answer.values.get("failed")
        if failed is not None:
            kind = RequestError if failed.pop("request") else EngineError
            raise kind(**failed)
        return answer

    def _connect(self) -> _Connection:
        deadline = time.monotonic() + _START_SECONDS
        retired = None
        while True:
            found = address(self.home)
            if found is not None and found.version != __version__:
                # What was killed may take a moment to be gone.
                if retired not in (None, found.process):
                    raise EngineError(
                        f"the engine is of version {found.version}, and this is {__version__}.",
                        remedy="Start the app or the notebook again after an update.",
                    )
                retired = found.process
                kill(found.process)
            elif found is not None:
                try:
                    return _Connection(
                        socket.create_connection(("127.0.0.1", found.port), _ANSWER_SECONDS),
                        found.token,
                    )
                except OSError:
                    # It is about to end, or has announced itself a moment too early.
                    pass
            if time.monotonic() > deadline:
                raise EngineError(
                    "the engine did not start.", remedy=f"See {self.home / 'engine.log'}."
                )
            ensure(self.home)
            time.sleep(_POLL_SECONDS / 2)


class _Connection:
    def __init__(self, connection: socket.socket, token: str):
        self._connection, self._token = connection, token

    def __enter__(self) -> tuple[socket.socket, str]:
        return self._connection, self._token

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _getter(answer: Message) -> Callable[[str], Any]:
    return lambda name: answer.arrays[name] if name in answer.arrays else answer.values[name]


def _pictured(answer: Message) -> list[dict[str, Any]]:
    """The answer's ``images``, with the arrays that ``picture`` names in its place."""
    found = answer.values["images"]
    return [{**one, "picture": answer.arrays.get(str(one["picture"]))} for one in found]
