"""Small data, small real encoders, and every task on every kind of data and encoder it takes.

The fixtures ``drawn``, ``computed`` and ``trained`` build a module once for all properties that are
asserted of it. The tests that share them only read them.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn

from workbench import options, registry
from workbench.augment.policy import Policy
from workbench.data.dataset import PAD, SPECIAL_TOKENS, DataInfo, Target
from workbench.tasks.base import Batch, Context, Output, Task, Views

VOCABULARY = 60
_ENCODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "conv": ("small_conv", {"width": 8}),
    "vit": ("vit_mini", {}),
    "text": ("text_mini", {"dim": 16, "depth": 1}),
    "bag": ("text_bag", {"dim": 16}),
}
_TEXT_KINDS = ("text", "bag")
_SPREAD = (("conv", "gray 28"), ("vit", "colour 32"), ("text", "text"), ("bag", "text"))
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
    def data(self) -> torch.Tensor:
        data = self.batch.tokens if self.batch.images is None else self.batch.images
        assert data is not None
        return data

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

    def step(self, module: nn.Module) -> None:
        """One step of plain SGD, and what the task does after it."""
        optimizer = torch.optim.SGD(self.task.parameter_groups(module), lr=0.05)
        self.loss(module, self.views(module)).loss.backward()
        optimizer.step()
        self.task.after_step(module, 0.5)
        optimizer.zero_grad(set_to_none=True)


def make_info(side: int, channels: int) -> DataInfo:
    fields: dict[str, Any] = {
        "name": "random",
        "title": "Random",
        "source": "sample:random",
        "fingerprint": "0" * 16,
        "counts": {"train": 64},
        "targets": (Target("label", ("a", "b")),),
    }
    if not side:
        return DataInfo(modality="text", vocabulary=VOCABULARY, length=16, sentences=4.0, **fields)
    return DataInfo(
        modality="image",
        size=(side, side),
        channels=channels,
        mean=(0.5,) * channels,
        std=(0.29,) * channels,
        **fields,
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


def _combinations(task: type[Task]) -> list[tuple[str, str]]:
    """Every kind of encoder with every kind of data that the task takes, 8 pixels left out."""
    combinations = []
    if "image" in task.modalities:
        kinds = [kind for kind in task.needs.encoders if kind not in _TEXT_KINDS]
        combinations += list(itertools.product(kinds, ("gray 28", "colour 32")))
    if "text" in task.modalities:
        combinations += [(kind, "text") for kind in task.needs.encoders if kind in _TEXT_KINDS]
    return combinations


def _spread(task: type[Task]) -> list[tuple[str, str]]:
    """Each kind of encoder and each kind of data at least once, for what is costly to try."""
    every = _combinations(task)
    image_kinds = {kind for kind, data in every if data != "text"}
    return [one for one in every if one in _SPREAD or len(image_kinds) < 2]


def _parameters(combinations: Any) -> list[Any]:
    return [
        pytest.param((task, kind, data), id=f"{name}, {kind}, {data}")
        for name, task in registry.tasks().items()
        for kind, data in combinations(task)
    ]


@dataclass
class Drawn:
    """The first views of a case. before: a copy of the batch's data from before they were drawn."""

    case: Case
    module: Any
    views: Views
    before: torch.Tensor


@dataclass
class Computed:
    """The loss of a case's first views, after its gradients were computed."""

    case: Case
    module: Any
    views: Views
    out: Output


@dataclass
class Trained:
    """A case after three steps of AdamW. moved: whether the first step changed the encoder."""

    case: Case
    module: Any
    losses: list[torch.Tensor]
    moved: bool


@pytest.fixture(scope="module", params=_parameters(_combinations))
def drawn(request: pytest.FixtureRequest) -> Drawn:
    cls, kind, data = request.param
    case = make_case(cls(), kind, data)
    module, before = case.build(), case.data.clone()
    return Drawn(case, module, case.views(module), before)


@pytest.fixture(scope="module", params=_parameters(_combinations))
def computed(request: pytest.FixtureRequest) -> Computed:
    cls, kind, data = request.param
    case = make_case(cls(), kind, data)
    module = case.build()
    views = case.views(module)
    out = case.loss(module, views)
    out.loss.backward()
    return Computed(case, module, views, out)


@pytest.fixture(scope="module", params=_parameters(_spread))
def trained(request: pytest.FixtureRequest) -> Trained:
    cls, kind, data = request.param
    case = make_case(cls(), kind, data)
    module = case.build()
    before = [p.clone() for p in module.encoder.parameters()]
    # Without decay, which would move weights that get no gradient.
    groups = [{**group, "weight_decay": 0.0} for group in case.task.parameter_groups(module)]
    optimizer = torch.optim.AdamW(groups, lr=1e-3)
    module.train()
    losses, moved = [], False
    for step in range(3):
        out = case.loss(module, case.views(module, seed=step))
        optimizer.zero_grad(set_to_none=True)
        out.loss.backward()
        optimizer.step()
        case.task.after_step(module, (step + 1) / 3)
        losses.append(out.loss.detach())
        if step == 0:
            pairs = zip(before, module.encoder.parameters(), strict=True)
            moved = any(not torch.equal(old, new) for old, new in pairs)
    return Trained(case, module, losses, moved)


@pytest.fixture(params=_parameters(_spread))
def fresh(request: pytest.FixtureRequest) -> Case:
    """A case of which nothing is built yet."""
    cls, kind, data = request.param
    return make_case(cls(), kind, data)


@pytest.fixture
def case_of() -> Any:
    """``case_of(task, kind, data)``: a task with options of its own."""
    return make_case


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)
