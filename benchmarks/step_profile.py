"""What one training step spends its time on, as a run of this task, encoder and precision has it.

    python benchmarks/step_profile.py --data FOLDER [--task simclr] [--encoder resnet18]
                                      [--batch 256] [--precision auto] [--steps 5] [--top 12]
                                      [--give-back]

FOLDER is one data set. Prints the parts of a step (medians of --steps) and, from torch's profiler,
the kernels that take most of one step. --give-back lets the process give the memory that it frees
back to the system, which the worker of a run does not. For RESULTS.md.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from gpu import Quiet
from machine import describe
from torch.profiler import ProfilerActivity, profile

from workbench.config import DataConfig, RunConfig
from workbench.data import prepare
from workbench.jobs.processes import keep_memory
from workbench.requests import validation
from workbench.tasks.base import Context
from workbench.training import device, instances
from workbench.training.setup import make_trainer
from workbench.training.trainer import Trainer

COLD_STEPS = 2


class Parts:
    """Seconds of each part of a step, a list a part."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds.setdefault(name, []).append(time.perf_counter() - began)


def step(trainer: Trainer, number: int, parts: Parts) -> None:
    """``Trainer._step`` with a clock around each of its parts."""
    with parts.part("batch"):
        batch = trainer.samples.batch(trainer.order.positions(number))
    with parts.part("views"), torch.no_grad():
        views = trainer.task.views(trainer.module, batch, trainer.augment, trainer.rng)
        views.inputs = tuple(trainer.placement.arrange(x) for x in views.inputs)
    trainer.optimizer.zero_grad(set_to_none=True)
    with parts.part("forward"), trainer.placement.autocast():
        loss = trainer.task.loss(trainer.module, views, Context()).loss
    with parts.part("backward"):
        loss.backward()  # type: ignore[no-untyped-call]
    with parts.part("optimizer"):
        trainer.optimizer.step()
        trainer.task.after_step(trainer.module, 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--task", default="simclr")
    parser.add_argument("--encoder", default="resnet18")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--top", type=int, default=12)
    parser.add_argument("--give-back", action="store_true")
    given = parser.parse_args()
    if not given.give_back:
        keep_memory()
    with tempfile.TemporaryDirectory() as folder:
        report(trainer_of(given, Path(folder)), given)


def trainer_of(given: argparse.Namespace, home: Path) -> Trainer:
    source = DataConfig(given.data)
    data = prepare(source, home)
    config = validation.validate(
        RunConfig(source, given.task, encoder=given.encoder, seed=0), data.info
    )
    encoder = instances.encoder_of(config)
    side = min(data.info.size) if data.info.size else None
    placement = device.choose("cpu", given.precision, encoder.kind, side)
    quiet = Quiet(home)
    return make_trainer(config, data, placement, given.batch, quiet, quiet, quiet)


def report(trainer: Trainer, given: argparse.Namespace) -> None:
    trainer.module.train()
    for number in range(COLD_STEPS):
        step(trainer, number, Parts())
    parts = Parts()
    for number in range(given.steps):
        step(trainer, number, parts)
    placement = trainer.placement
    medians = {name: statistics.median(found) for name, found in parts.seconds.items()}
    whole = sum(medians.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    kept = " --give-back" if given.give_back else ""
    print(
        f"`python benchmarks/step_profile.py --task {given.task} --encoder {given.encoder} "
        f"--batch {given.batch} --precision {given.precision}{kept}`, {describe()}"
    )
    print(
        f"{placement.precision}, {placement.threads} threads, {1000 * whole:,.0f} ms a step, "
        f"{given.batch / whole:,.0f} samples/s, {peak:.1f} GiB at most\n"
    )
    print("| part | ms | share |\n|---|---|---|")
    for name, seconds in medians.items():
        print(f"| {name} | {1000 * seconds:,.1f} | {seconds / whole:.0%} |")
    with profile(activities=[ProfilerActivity.CPU]) as found:
        step(trainer, given.steps, Parts())
    kernels = sorted(found.key_averages(), key=lambda one: -one.self_cpu_time_total)
    total = sum(one.self_cpu_time_total for one in kernels)
    print("\n| kernel | calls | ms | share |\n|---|---|---|---|")
    for one in kernels[: given.top]:
        took = one.self_cpu_time_total
        print(f"| {one.key} | {one.count} | {took / 1000:,.1f} | {took / total:.0%} |")


if __name__ == "__main__":
    main()
