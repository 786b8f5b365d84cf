"""One run of a search: trained in this process, and judged on validation samples.

``workbench pretrain`` also starts an engine and scores the test samples. A search needs neither,
and must not read the test split.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from gpu import Quiet

from workbench.cli.train import pretrain
from workbench.config import DEFAULT_SECONDS, Budget, RunConfig
from workbench.data import prepare, sampling
from workbench.data.dataset import Dataset
from workbench.evaluation import knn
from workbench.evaluation.probe import probe
from workbench.jobs import processor
from workbench.jobs.processes import keep_memory
from workbench.requests.from_flags import RunFlags, base_config, prepared_configs
from workbench.training import device, instances
from workbench.training.encode import encode_rows
from workbench.training.setup import choose_batch, make_trainer

LIMITS = {"train": 5_000, "validation": 2_000, "test": 0}
Floats, Ints = npt.NDArray[np.float32], npt.NDArray[np.int64]


@dataclass(frozen=True)
class Features:
    """Of one encoder, float32 (n, dim): of training and of validation samples."""

    train: Floats
    validation: Floats


@dataclass(frozen=True)
class Searched:
    """What one run gave. seconds: of training. train, validation: int64 (n,), the classes."""

    encoder: str
    steps: int
    seconds: float
    learning_rate: float
    trained: Features
    untrained: Features
    train: Ints
    validation: Ints


def search_run(home: Path, *arguments: str) -> Searched:
    """The run that ``workbench pretrain`` makes of ``arguments``, up to its embeddings."""
    keep_memory()
    config, data = _configured(home, arguments)
    options, encoder = instances.train_options(config), instances.encoder_of(config)
    torch.set_num_threads(options.threads or processor.threads())
    side = min(data.info.size) if data.info.size else None
    placement = device.choose(
        config.device, options.precision, encoder.kind, side, encoder.token_width
    )
    size, _ = choose_batch(options.batch_size, data, placement.device.type, encoder.kind)
    with tempfile.TemporaryDirectory() as folder:
        quiet = Quiet(Path(folder))
        trainer = make_trainer(config, data, placement, size, quiet, quiet, quiet)
        trained = trainer.train()
    rows = sampling.choose(data, limits=LIMITS)
    assert data.info.label is not None
    classes = data.target(data.info.label.name)

    def features(net: Any) -> Features:
        return Features(
            *(encode_rows(net, data, rows[split], placement) for split in ("train", "validation"))
        )

    return Searched(
        encoder=str(config.encoder),
        steps=trained.counters.step,
        seconds=trained.counters.seconds,
        learning_rate=trainer.recipe.learning_rate,
        trained=features(trained.module.encoder),
        untrained=features(trained.untrained),
        train=classes[rows["train"]],
        validation=classes[rows["validation"]],
    )


def _configured(home: Path, arguments: Sequence[str]) -> tuple[RunConfig, Dataset]:
    given = pretrain.make_context("pretrain", ["--home", str(home), *arguments]).params
    flags = RunFlags.of(given)
    base = base_config(flags, Budget(seconds=DEFAULT_SECONDS))
    configs, _ = prepared_configs(base, [base.task], home, edits=flags.augment)
    return configs[0], prepare(configs[0].data, home)


def halves(count: int) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    """Places of validation samples: one half chooses settings, the other is scored; both ways."""
    order = np.random.default_rng(0).permutation(count)
    first, second = order[: count // 2], order[count // 2 :]
    return (first, second), (second, first)


def accuracies(run: Searched) -> Mapping[str, float]:
    """Validation accuracy by kNN and by the linear probe, trained and untrained."""
    out = {}
    for name, found in (("trained", run.trained), ("untrained", run.untrained)):
        said = knn.predict(found.train, run.train, found.validation)
        out[f"{name} knn"] = float((said == run.validation).mean())
        right = []
        for choose, judge in halves(len(run.validation)):
            probed = probe(
                *(found.train, run.train, found.validation[choose], run.validation[choose]),
                found.validation[judge],
            )
            right.append((probed.predicted == run.validation[judge]).mean())
        out[f"{name} probe"] = float(np.mean(right))
    return out
