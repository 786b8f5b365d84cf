"""Requests: each has one handler, and comes out of its message as it went in."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest

from workbench.config import AugmentStep, Budget, DataConfig, RunConfig
from workbench.engine import dispatch, requests, wire
from workbench.engine.requests import EngineRequest
from workbench.errors import EngineError

DATA = DataConfig("/data/posts.csv", text=("title", "body"), samples=10)
CONFIG = RunConfig(DATA, "simclr", budget=Budget(steps=5), augment=(AugmentStep("invert"),))
STEPS = (AugmentStep("affine", {"degrees": 3.0}), AugmentStep("invert"))
# What the server answers itself.
OF_THE_SERVER = {"ping", "prepare", "job"}

EXAMPLES: tuple[EngineRequest, ...] = (
    requests.PingRequest(),
    requests.PrepareRequest(DATA, None),
    requests.JobRequest("4f"),
    requests.InspectRequest(DATA, Path("/data")),
    requests.PeekRequest(DATA, None),
    requests.OriginalsRequest(DATA, None, "f0", (3, 1)),
    requests.SizesRequest(DATA, None, "f0"),
    requests.QualityRequest("f0"),
    requests.PreviewRequest("f0", STEPS, (0, 5), 2, 7),
    requests.CostRequest("f0", ()),
    requests.IllustrateRequest(CONFIG, (1,), 0),
    requests.MeasureRequest(CONFIG),
    requests.EncodeRequest("simclr-2", texts=("a", "b")),
    requests.NewSamplesRequest("simclr-2", texts=("a",)),
    requests.NewSamplesRequest("simclr-2", files=(b"\x89PNG", b"")),
    requests.FramesRequest("simclr-2", "z"),
    requests.SampleViewsRequest("simclr-2", 4, 8, 0),
    requests.InvarianceRequest("simclr-2", "[]"),
    requests.ExportRequest("simclr-2", "safetensors"),
    requests.ExternalRequest(("simclr-2",), "mine", Path("/data/mine.npy")),
)


def concrete(cls: type[EngineRequest]) -> list[type[EngineRequest]]:
    """The requests below ``cls`` that this package declares."""
    below = [one for sub in cls.__subclasses__() for one in concrete(sub)]
    own = [cls] if hasattr(cls, "NAME") and cls.__module__ == requests.__name__ else []
    return [*own, *below]


def test_every_request_has_one_handler() -> None:
    named = {cls.NAME: cls for cls in concrete(EngineRequest)}
    found = {name: handler.request for name, handler in dispatch.all_handlers().items()}
    assert named == found | {name: named[name] for name in OF_THE_SERVER}
    assert {type(example) for example in EXAMPLES} == set(named.values())


@pytest.mark.parametrize("request_", EXAMPLES, ids=lambda one: f"{type(one).__name__}")
def test_a_request_comes_out_of_its_message_as_it_went_in(request_: EngineRequest) -> None:
    left, right = socket.socketpair()
    with left, right:
        wire.send(left, request_.message())
        assert type(request_).read(wire.receive(right)) == request_


def test_arrays_travel_behind_the_header() -> None:
    images = np.zeros((2, 4, 4), np.uint8)
    message = requests.EncodeRequest("simclr-2", images=images).message()
    assert set(message.values) == {"run"}
    assert requests.EncodeRequest.read(message).images is images


def test_an_unknown_request_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="knows no 'dance'"):
        dispatch.answer(wire.Message({"what": "dance"}), tmp_path)
