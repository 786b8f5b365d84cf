"""Small data, small real encoders, and every task on every kind of data and encoder it takes."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn

from workbench import options, registry
from workbench.augment.policy import Policy
from workbench.data.dataset import PAD, SPECIAL_TOKENS, DataInfo, Target
from workbench.tasks.base import Batch, Context, Task, Views

VOCABULARY = 60
_ENCODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "conv": ("small_conv", {"width": 8}),
    "vit": ("vit_mini", {}),
    "text": ("text_mini", {"dim": 16, "depth": 1}),
}
_DATA = {"gray 8": (8, 1), "gray 28": (28, 1), "colour 32": (32, 3), "text": (0, 0)}


@dataclass
class Case:
    """One task on one kind of data and encoder."""

    task: Task
    kind: str
    info: DataInfo
    batch: Batch
    encoder: str | None = None

    @property
    def augment(self) -> Policy:
        return Policy(self.task.augment_for(self.info), self.info)

    def build(self, seed: int = 0) -> Any:
        torch.manual_seed(seed)
        name, values = _ENCODERS[self.kind] if self.encoder is None else (self.encoder, {})
        known = {spec.name for spec in options.options_of(registry.encoder(name))}
        set_by_task = {k: v for k, v in self.task.encoder_options.items() if k in known}
        encoder = options.build(registry.encoder(name), {**set_by_task, **values})
        self.task.check_encoder(encoder)
        return self.task.build(encoder.build(self.info), self.info)

    def views(self, module: nn.Module, seed: int = 0, batch: Batch | None = None) -> Views:
        rng = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            return self.task.views(module, batch or self.batch, self.augment, rng)

    def loss(self, module: nn.Module, views: Views) -> Any:
        # In the middle of a run: some tasks hold a part still at its beginning.
        return self.task.loss(module, views, Context(step=50, progress=0.5))


def make_info(side: int, channels: int) -> DataInfo:
    known: dict[str, Any] = {
        "name": "random",
        "title": "Random",
        "source": "sample:random",
        "fingerprint": "0" * 16,
        "counts": {"train": 64},
        "targets": (Target("label", ("a", "b")),),
    }
    if not side:
        return DataInfo(modality="text", vocabulary=VOCABULARY, length=16, sentences=4.0, **known)
    return DataInfo(
        modality="image",
        size=(side, side),
        channels=channels,
        mean=(0.5,) * channels,
        std=(0.29,) * channels,
        **known,
    )


def make_images(side: int, channels: int, size: int = 12) -> Batch:
    rng = torch.Generator().manual_seed(7)
    images = torch.randint(0, 256, (size, channels, side, side), generator=rng, dtype=torch.uint8)
    return Batch(torch.arange(size), images=images)


def make_texts(size: int = 12, length: int = 16) -> Batch:
    """Texts of 8 to ``length`` words, four sentences each; every third id continues a word."""
    rng = torch.Generator().manual_seed(7)
    first = len(SPECIAL_TOKENS)
    tokens = torch.randint(first, VOCABULARY, (size, length), generator=rng)
    lengths = torch.randint(8, length + 1, (size, 1), generator=rng)
    tokens = tokens.masked_fill(torch.arange(length) >= lengths, PAD)
    continues = torch.arange(VOCABULARY) % 3 == 0
    continues[:first] = False
    sentences = torch.tensor([0, 2, 4, 6]).repeat(size, 1)
    return Batch(torch.arange(size), tokens=tokens, sentences=sentences, continues=continues)


def make_case(task: Task, kind: str, data: str) -> Case:
    side, channels = _DATA[data]
    batch = make_images(side, channels) if side else make_texts()
    if task.needs.labels:
        batch.labels = torch.arange(batch.size) % 2
    return Case(task, kind, make_info(side, channels), batch)


def _all_cases() -> list[Any]:
    cases = []
    for (name, cls), (data, (side, _)) in itertools.product(
        registry.tasks().items(), _DATA.items()
    ):
        if ("image" if side else "text") in cls.modalities:
            fitting = [k for k in cls.needs.encoders if (k == "text") == (not side)]
            if data != "gray 8":
                cases += [pytest.param((cls, k, data), id=f"{name}, {k}, {data}") for k in fitting]
    return cases


@pytest.fixture(params=_all_cases())
def case(request: pytest.FixtureRequest) -> Case:
    cls, kind, data = request.param
    return make_case(cls(), kind, data)


@pytest.fixture
def case_of() -> Any:
    """``case_of(task, kind, data)``: a task with options of its own."""
    return make_case


@pytest.fixture
def encoder_case() -> Any:
    """``encoder_case(case, name)``: the same on the encoder of this name, as it is published."""
    return lambda case, name: dataclasses.replace(case, encoder=name)


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)
