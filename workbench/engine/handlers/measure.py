"""The engine's ``measure``: how fast a run would train here. A few of its very steps are timed, and
nothing is kept of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout

from workbench.engine.handlers.parts import samples
from workbench.engine.replies import SpeedRecord
from workbench.engine.requests import MeasureRequest
from workbench.engine.wire import Message
from workbench.errors import RequestError
from workbench.jobs import processor
from workbench.records import Summary
from workbench.store.artifacts import FolderArtifacts
from workbench.store.locks import device_lock
from workbench.store.rows import LIVE
from workbench.store.store import Store
from workbench.training.ports import Phase

REQUEST = MeasureRequest
SECONDS = 2.0


class _NoPorts:
    """Events that nobody reads, and control that never asks for a stop."""

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """See ``workbench.training.ports.Events``."""

    def phase(
        self, phase: Phase, *, progress: float = 0.0, eta_seconds: float | None = None
    ) -> None:
        """See ``workbench.training.ports.Events``."""

    def note(self, text: str) -> None:
        """See ``workbench.training.ports.Events``."""

    def summary(self, values: Summary) -> None:
        """See ``workbench.training.ports.Events``."""

    def should_stop(self) -> bool:
        """See ``workbench.training.ports.Control``."""
        return False

    def exclusive(self) -> Callable[[], None]:
        """See ``workbench.training.ports.Control``."""
        return lambda: None


def handle(request: MeasureRequest, home: Path) -> Message:
    """A ``SpeedRecord`` of a validated configuration on this machine.

    Raises RequestError while a run is live: it would be disturbed, and so would the measurement.
    """
    from workbench.requests import validation
    from workbench.training import device, instances
    from workbench.training.setup import choose_batch, make_trainer

    data = samples.dataset(home, str(request.config.data.fingerprint))
    config = validation.validate(request.config, data.info)
    options, encoder = instances.train_options(config), instances.encoder_of(config)
    side = min(data.info.size) if data.info.size else None
    threads = options.threads or processor.threads()
    with _alone(home), _threads(threads), tempfile.TemporaryDirectory() as folder:
        placement = device.choose(
            config.device, options.precision, encoder.kind, side, encoder.token_width
        )
        device_type = placement.device.type
        batch_size, _ = choose_batch(options.batch_size, data, device_type, encoder.kind)
        ports = _NoPorts()
        trainer = make_trainer(
            config, data, placement, batch_size, ports, FolderArtifacts(Path(folder)), ports
        )
        speed: SpeedRecord = {
            "samples_per_second": trainer.speed(SECONDS),
            "batch_size": trainer.batch_size,
        }
    return Message(speed)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Nothing else trains or fits a map meanwhile."""
    busy = RequestError(
        "a run is training, and would disturb the measurement.",
        remedy="Measure when it has ended, or start: the run itself will show it.",
    )
    if Store.open(home).count(LIVE):
        raise busy
    try:
        with device_lock(home).acquire(timeout=0):
            yield
    except Timeout as error:
        raise busy from error


@contextmanager
def _threads(number: int) -> Iterator[None]:
    """As many threads as the run would take: the engine's own number is another."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
