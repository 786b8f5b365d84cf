"""From a validated configuration to a trainer: the batch size, the weights, the augmentations."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping

import torch

from workbench.augment.policy import Policy
from workbench.config import RunConfig
from workbench.data.dataset import Dataset
from workbench.encoders.base import EncoderKind
from workbench.training import instances
from workbench.training.device import MemoryFullError, Placement
from workbench.training.fresh import fresh_module
from workbench.training.ports import Artifacts, Control, Events
from workbench.training.schedule import Plan
from workbench.training.trainer import Trained, Trainer

# Short runs on a processor learn more from more steps, with texts more so than with images
# (benchmarks/RESULTS.md, "What was tried"); a GPU takes 256 in the same time.
BATCH_ON_PROCESSOR: Mapping[EncoderKind, int] = {"conv": 128, "vit": 128, "text": 32, "bag": 256}
BATCH_ELSEWHERE = 256
_WORTH_SAYING = 0.05
# Texts a step are limited by tokens: long posts would make few, slow steps. A bag of words only
# looks them up.
TOKENS_A_STEP, TOKENS_OF_BAGS = 8_192, 65_536


def make_trainer(
    config: RunConfig,
    data: Dataset,
    placement: Placement,
    batch_size: int,
    events: Events,
    artifacts: Artifacts,
    control: Control,
) -> Trainer:
    """The trainer of a validated configuration, its weights drawn by the run's seed."""
    task, encoder = instances.task_of(config), instances.encoder_of(config)
    fresh = fresh_module(task, encoder, data, config.seed)
    policy = Policy(config.augment or (), data.info, data)
    train = instances.train_options(config)
    passes = task.optimum.passes if train.passes is None else train.passes
    notes = (*task.notes(data.info), *encoder.notes(data), *policy.notes(), *policy.warnings())
    for note in notes:
        events.note(note)
    if fresh.seconds >= _WORTH_SAYING:
        events.note(f"The encoder's start took {fresh.seconds:.1f} s of the training time.")
    return Trainer(
        task=task,
        module=fresh.module,
        spent=fresh.seconds,
        data=data,
        augment=policy,
        plan_of=lambda steps_per_epoch: Plan.of(config.budget, steps_per_epoch, passes),
        train=train,
        batch_size=batch_size,
        placement=placement,
        seed=config.seed,
        events=events,
        artifacts=artifacts,
        control=control,
        neighbours=instances.eval_options(config).neighbours,
    )


def train_within_memory(
    build: Callable[[int], Trainer], batch_size: int, events: Events, *, may_halve: bool
) -> tuple[Trainer, Trained]:
    """Train what ``build`` makes for a batch size. If memory is full before the first step, halve
    the batch once, aloud.

    After the first step the batch stays, so that equal requests give equal runs. Raises
    MemoryFullError if the batch may not be halved, if half of it is too large as well, or if it was
    not the batch of a step.
    """
    trainer = build(batch_size)
    try:
        return trainer, trainer.train()
    except MemoryFullError as error:
        if not may_halve or error.step != 0 or batch_size < 4:
            raise
        reason = error.message
    # Outside of the handler, where the error still holds the memory of the failed step.
    del trainer
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    events.note(f"Batch: {batch_size // 2} instead of {batch_size}, because {reason}")
    trainer = build(batch_size // 2)
    return trainer, trainer.train()


def choose_batch(
    requested: int | None, data: Dataset, device_type: str, kind: EncoderKind | None = None
) -> tuple[int, str]:
    """The batch size, and the sentence that says why.

    Auto: 128 images or 32 texts on a processor (256 for a bag of words), else 256, the size most
    short recipes hold for; fewer for long texts; and never so many that an epoch has fewer than two
    steps. kind: of the encoder; None is any of the data's modality but a bag.
    """
    count = data.info.counts["train"]
    if requested is not None:
        size = min(requested, count)
        why = f" instead of {requested}: the training split has no more" if size < requested else ""
        return size, f"Batch: {size}{why}."
    size, why = BATCH_ELSEWHERE, f"the default on {device_type}"
    if device_type == "cpu":
        usual: EncoderKind = "conv" if data.info.modality == "image" else "text"
        size = BATCH_ON_PROCESSOR[kind or usual]
    if data.info.modality == "text":
        rows = data.rows("train")
        mean = (data.offsets[rows.stop] - data.offsets[rows.start]) / max(1, count)
        most = TOKENS_OF_BAGS if kind == "bag" else TOKENS_A_STEP
        by_tokens = 1 << max(3, int(most / max(1.0, mean)).bit_length() - 1)
        if by_tokens < size:
            size, why = by_tokens, f"texts have {mean:.0f} tokens on average"
    if count < 2 * size:
        size, why = max(2, count // 2), f"the training split has {count} samples"
    return size, f"Batch: {size} ({why})."
