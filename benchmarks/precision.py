"""Where bf16 pays: seconds a step in fp32 and in bf16 (channels_last for conv nets).

    python benchmarks/precision.py [--threads 1] [--repeats 5]

The two are taken in turn in one process, so that a noisy machine disturbs them alike; medians.
Writes the section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from machine import describe
from rows import put

from workbench.augment.policy import Policy
from workbench.config import DataConfig, RunConfig
from workbench.data import prepare
from workbench.requests import validation
from workbench.tasks.base import Context
from workbench.training import device, instances
from workbench.training.batches import SplitData

CASES = (
    ("sample:digits", "simclr", "small_conv"),
    ("sample:shapes", "simclr", "small_conv"),
    ("sample:scans", "simclr", "small_conv"),
    ("sample:shapes", "simclr", "vit_mini"),
    ("sample:shapes", "dino", "vit_mini"),
    ("sample:shapes", "mae", "vit_mini"),
    ("sample:shapes", "i_jepa", "vit_mini"),
    ("sample:shapes", "simclr", "vit_tiny"),
    ("sample:shapes", "simclr", "resnet18"),
    ("sample:intents", "mlm", "text_mini"),
    ("sample:intents", "mlm", "text_small"),
)
BATCH = 64


class Step:
    """One training step of a task on an encoder, in one precision."""

    def __init__(self, source: str, task: str, encoder: str, precision: str, home: Path):
        data = prepare(DataConfig(source), home)
        config = validation.validate(
            RunConfig(DataConfig(source), task, encoder=encoder), data.info
        )
        self.task, self.declared = instances.task_of(config), instances.encoder_of(config)
        torch.manual_seed(0)
        self.module = self.task.build(self.declared.build(data.info), data.info)
        self.placement = device.choose("cpu", precision, self.declared.kind, 32)
        self.placement.place(self.module)
        self.batch = SplitData(data, "train", torch.device("cpu")).batch(np.arange(BATCH))
        self.policy, self.rng = Policy(config.augment or (), data.info), torch.Generator()
        self.optimizer = torch.optim.AdamW(self.module.parameters(), 1e-4)

    def seconds(self) -> float:
        """Seconds of one step, views included."""
        began = time.perf_counter()
        with torch.no_grad():
            views = self.task.views(self.module, self.batch, self.policy, self.rng)
        views.inputs = tuple(self.placement.arrange(x) for x in views.inputs)
        with self.placement.autocast():
            loss = self.task.loss(self.module, views, Context()).loss
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    lines = [
        "## Where bf16 pays",
        "",
        f"`python benchmarks/precision.py --threads {given.threads}`, {describe()}. Medians of "
        f"{given.repeats} steps, the two taken in turn.",
        "",
        f"| one step of {BATCH}, s | fp32 | bf16 | fp32 / bf16 | auto takes |",
        "|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as home:
        for source, task, encoder in CASES:
            steps = {p: Step(source, task, encoder, p, Path(home)) for p in ("fp32", "bf16")}
            found: dict[str, list[float]] = {p: [] for p in steps}
            for turn in range(given.repeats + 1):
                for precision, step in steps.items():
                    taken = step.seconds()
                    if turn:
                        found[precision].append(taken)
            fp32, bf16 = (statistics.median(found[p]) for p in ("fp32", "bf16"))
            size = steps["fp32"].batch.images
            side = None if size is None else int(min(size.shape[2:]))
            declared = steps["fp32"].declared
            auto = device.choose("cpu", "auto", declared.kind, side, declared.token_width).precision
            lines.append(
                f"| {source}, {task}, {encoder} | {fp32:.3f} | {bf16:.3f} | {fp32 / bf16:.2f} | "
                f"{auto} |"
            )
            print(lines[-1], flush=True)
    put("precision", "\n".join(lines))


if __name__ == "__main__":
    main()
