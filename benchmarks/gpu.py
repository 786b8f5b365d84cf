"""The GPU check: every task on the GPU against the processor, waits inside a step, two long runs.

    python benchmarks/gpu_data.py --data DIR --to .gpu            # where the workbench is installed
    python benchmarks/gpu.py --data .gpu --to results.jsonl       # on the machine with the GPU
    python benchmarks/gpu.py --data .gpu --device cpu --seconds 5 # a trial without a GPU

Needs torch, NumPy, pyarrow, Pillow, safetensors and this checkout; nothing is installed. Parts, in
the order in which a short visit gives the most (``--parts aedrbc``):

a  every task: the same views on both devices in fp32, losses step by step; then samples/s with the
   product's own placement, its share of the limit (the same step on ready-made views), memory.
e  every encoder and every augmentation once.
d  how often a step waits for the GPU, and where.
r  a run that was stopped and resumed against one that was not.
b  SimCLR, ResNet-18, CIFAR-10: kNN and linear probe.
c  EMP-SSL, the same, read out from whole images and from patches.

Each result is written to ``--to`` as soon as it is there. (b) and (c) get what is left of
``--minutes``.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import step_limit
import torch
from gpu_data import unpack
from torch import nn

from workbench import registry
from workbench.augment.policy import Policy
from workbench.config import AugmentStep, Budget, DataConfig, RunConfig
from workbench.data.dataset import Dataset
from workbench.evaluation import knn
from workbench.evaluation.probe import probe
from workbench.requests import validation
from workbench.tasks.base import Context, Views
from workbench.training import device, instances, optimizer
from workbench.training.batches import SplitData
from workbench.training.encode import encode_rows
from workbench.training.setup import choose_batch, make_trainer
from workbench.training.trainer import Trainer

# Steps whose losses are compared, and images or texts a step of the comparison.
STEPS, BATCH = 30, 64
# From equal weights loss and gradient differ by rounding alone; later steps multiply it.
LOSS_TOLERANCE, GRADIENT_TOLERANCE, CURVE_TOLERANCE = 1e-4, 1e-2, 0.1
MEASURED_SECONDS = 0.8
PATCHES = 8


class Quiet:
    """Events, artifacts and control of a trainer, in a folder that goes away.

    stop_after: the number of times that ``should_stop`` says no.
    """

    def __init__(self, folder: Path, stop_after: float = float("inf")):
        self.folder = folder
        self.left = stop_after
        self.notes: list[str] = []

    def metrics(self, step: int, values: Mapping[str, float]) -> None: ...
    def phase(self, phase: str, **more: object) -> None: ...
    def summary(self, values: object) -> None: ...

    def note(self, text: str) -> None:
        self.notes.append(text)

    def put(self, name: str, write: Callable[[Path], object], size: int | None = None) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
        return path

    def path(self, name: str) -> Path:
        return self.folder / name

    def should_stop(self) -> bool:
        self.left -= 1
        return self.left < 0

    def exclusive(self) -> Callable[[], None]:
        return lambda: None


class Check:
    """The parts of the check on one device. rows: what was found, as it is written."""

    def __init__(self, given: argparse.Namespace, scratch: Path):
        self.device: str = given.device
        self.packed: Path = given.data
        self.seconds: float = given.seconds
        self.to: Path | None = given.to
        self.ends = time.monotonic() + 60 * given.minutes
        self.scratch = scratch
        self.rows: list[dict[str, Any]] = []
        self._opened: dict[str, Dataset] = {}

    def data(self, name: str) -> Dataset:
        """The packed data set called ``name``."""
        if name not in self._opened:
            self._opened[name] = unpack(self.packed / name, self.scratch / name)
        return self._opened[name]

    def add(self, part: str, name: str, measure: Callable[[], dict[str, Any]]) -> None:
        """Run ``measure``, and keep and write what it gives, or the error that it ends with."""
        began = time.perf_counter()
        try:
            found = measure()
        except Exception as error:  # noqa: BLE001  A task that fails is a result here.
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            found = {"error": f"{type(error).__name__}: {str(error)[:200]} ({where})"}
        row = {"part": part, "name": name, **found, "took": time.perf_counter() - began}
        self.rows.append(row)
        print(json.dumps(row), flush=True)
        if self.to is not None:
            with self.to.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")

    # Part a -----------------------------------------------------------------------------------

    def tasks(self) -> None:
        for name, task in registry.tasks().items():
            data = self.data("small" if "image" in task.modalities else "texts")
            config = validated(RunConfig(DataConfig("packed"), name), data)
            self.add("a", name, lambda c=config, d=data: self._task(c, d))

    def parts_of_runs(self) -> None:
        """Every encoder and every augmentation once."""
        for name, encoder in registry.encoders().items():
            if "pretrained" in name:
                continue
            text = encoder.kind == "text"
            data = self.data("texts" if text else "small")
            self.add("e", name, lambda n=name, t=text, d=data: self._encoder(n, t, d))
        for name, augmentation in registry.augmentations().items():
            data = self.data("small" if "image" in augmentation.modalities else "texts")
            self.add("e", name, lambda n=name, d=data: self._augmentation(n, d))

    def _task(self, config: RunConfig, data: Dataset) -> dict[str, Any]:
        return {**self.parity(config, data), **self.speed(config, data)}

    def _encoder(self, name: str, text: bool, data: Dataset) -> dict[str, Any]:
        task = "mlm" if text else "simclr"
        return self.speed(
            validated(RunConfig(DataConfig("packed"), task, encoder=name), data), data
        )

    def parity(self, config: RunConfig, data: Dataset) -> dict[str, Any]:
        """Train two copies on the same views, one on the processor, in fp32; compare losses."""
        task, encoder = instances.task_of(config), instances.encoder_of(config)
        torch.manual_seed(config.seed)
        here = task.build(encoder.build(data.info), data.info).train()
        for part in here.modules():
            if isinstance(part, nn.Dropout):
                part.p = 0.0
        there = copy.deepcopy(here).to(self.device)
        label = data.info.label.name if task.needs.labels and data.info.label else None
        samples = SplitData(data, "train", torch.device("cpu"), labels=label)
        policy = Policy(config.augment or (), data.info, data)
        rng = torch.Generator().manual_seed(0)
        recipe = optimizer.recipe(task.optimum, instances.train_options(config), BATCH)
        both = [(m, optimizer.build(recipe, task, m)) for m in (here, there)]
        losses: list[list[float]] = []
        gradients: list[torch.Tensor] = []
        for step in range(STEPS):
            batch = samples.batch(np.arange(BATCH) + BATCH * (step % (samples.count // BATCH)))
            with torch.no_grad():
                views = task.views(here, batch, policy, rng)
            pair = []
            for module, steps in both:
                on = next(module.parameters()).device
                moved = Views(*(tuple(x.to(on) for x in part) for part in vars(views).values()))
                steps.zero_grad()
                loss = task.loss(module, moved, Context(step, step / STEPS)).loss
                loss.backward()  # type: ignore[no-untyped-call]
                if step == 0:
                    every = [p.grad.flatten() for p in module.parameters() if p.grad is not None]
                    gradients.append(torch.cat(every).cpu().double())
                steps.step()
                task.after_step(module, step / STEPS)
                pair.append(float(loss))
            losses.append(pair)
        cpu, gpu = np.array(losses).T
        apart = np.abs(cpu - gpu) / np.maximum(np.abs(cpu), 0.1)
        wrong = float((gradients[0] - gradients[1]).norm() / gradients[0].norm())
        first, last = float(apart[0]), float(apart.max())
        agree = first < LOSS_TOLERANCE and wrong < GRADIENT_TOLERANCE and last < CURVE_TOLERANCE
        return {"loss_apart": first, "gradient_apart": wrong, "curve_apart": last, "agree": agree}

    def speed(self, config: RunConfig, data: Dataset) -> dict[str, Any]:
        """Samples a second of the product's own steps, and of the same on ready-made views."""
        trainer = self.trainer(config, data)
        if self.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        product = trainer.speed(MEASURED_SECONDS)
        memory = torch.cuda.max_memory_allocated() if self.device == "cuda" else 0
        limit = step_limit.samples_per_second(trainer, MEASURED_SECONDS)
        checked = trainer.checker.check(trainer.module, 0)
        return {
            "samples_per_second": product,
            "share_of_limit": product / limit,
            "batch": trainer.batch_size,
            "precision": trainer.placement.precision,
            "memory": memory,
            "knn": checked.knn,
        }

    def _augmentation(self, name: str, data: Dataset) -> dict[str, Any]:
        """One augmentation on both devices: its views are drawn apart, their means are alike.

        waits: how often the host waits for the GPU when it is applied once more.
        """
        policy = Policy((AugmentStep(name, {}),), data.info, data)
        means = []
        for on in ("cpu", self.device):
            samples = SplitData(data, "train", torch.device(on))
            rng = torch.Generator(device=on).manual_seed(0)
            view = policy(samples.batch(np.arange(min(512, samples.count))), rng)
            assert view.device.type == torch.device(on).type
            means.append(float(view.float().mean()))
        apart = abs(means[0] - means[1]) / max(abs(means[0]), 1e-3)
        batch = samples.batch(np.arange(min(256, samples.count)))
        waits, places = self.count_waits(lambda: policy(batch, rng))
        found = {"mean": means[0], "apart": apart, "agree": apart < 0.1}
        return found | {"waits": waits, "places": places}

    # Part d -----------------------------------------------------------------------------------

    def waits(self) -> None:
        if self.device != "cuda":
            print("Waits inside a step are counted on a GPU only.")
            return
        for name, task in registry.tasks().items():
            data = self.data("small" if "image" in task.modalities else "texts")
            config = validated(RunConfig(DataConfig("packed"), name), data)
            self.add("d", name, lambda c=config, d=data: self._waits(self.trainer(c, d)))

    def _waits(self, trainer: Trainer) -> dict[str, Any]:
        trainer.module.train()
        for _ in range(3):
            trainer._step(0.5)
        waits, places = self.count_waits(lambda: trainer._step(0.5))
        return {"waits": waits, "places": places}

    def count_waits(self, do: Callable[[], object], times: int = 4) -> tuple[float, dict[str, int]]:
        """How often the host waits for the GPU in ``do()``, and the lines in which it does."""
        if self.device != "cuda":
            return 0.0, {}
        torch.cuda.set_sync_debug_mode("warn")
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                for _ in range(times):
                    do()
        finally:
            torch.cuda.set_sync_debug_mode("default")
        places = Counter(f"{Path(w.filename).name}:{w.lineno}" for w in caught)
        return len(caught) / times, dict(places.most_common(6))

    # Part r -----------------------------------------------------------------------------------

    def resuming(self) -> None:
        for name in ("simclr", "mlm"):
            self.add("r", name, lambda n=name: self._resumed(n))

    def _resumed(self, task: str) -> dict[str, Any]:
        """Weights of a run of 40 steps against those of one that was stopped after 20."""
        data = self.data("texts" if task == "mlm" else "small")
        given = RunConfig(DataConfig("packed"), task, budget=Budget(steps=40))
        config = validated(given, data)
        ends: list[torch.Tensor] = []
        for name, stops in (("whole", ()), ("again", ()), ("stopped", (20,))):
            folder = self.scratch / f"{task}-{name}"
            for stop in (*stops, float("inf")):
                trained = self.trainer(config, data, Quiet(folder, stop)).train()
            every = [p.detach().flatten() for p in trained.module.parameters()]
            ends.append(torch.cat(every).double().cpu())
            steps = trained.counters.step
        scale = ends[0].norm()
        again, stopped = (float((end - ends[0]).norm() / scale) for end in ends[1:])
        return {"steps": steps, "again_apart": again, "stopped_apart": stopped}

    # Parts b and c ----------------------------------------------------------------------------

    def simclr(self) -> None:
        self.add("b", "simclr", lambda: self._long("simclr", patches=False))

    def emp_ssl(self) -> None:
        self.add("c", "emp_ssl", lambda: self._long("emp_ssl", patches=True))

    def _long(self, task: str, *, patches: bool) -> dict[str, Any]:
        data = self.data("cifar10")
        seconds = min(self.seconds, self.ends - time.monotonic() - 60)
        if seconds <= 0:
            raise RuntimeError("no time is left of --minutes")
        config = validated(
            RunConfig(
                DataConfig("packed"), task, encoder="resnet18", budget=Budget(seconds=seconds)
            ),
            data,
        )
        trainer = self.trainer(config, data)
        trained = trainer.train()
        counters = trained.counters
        found: dict[str, Any] = {
            "seconds": counters.seconds,
            "steps": counters.step,
            "epochs": counters.samples / trainer.samples.count,
            "samples_per_second": counters.samples / counters.seconds,
            "batch": trainer.batch_size,
            "verdict": trained.verdict.label,
        }
        encoder: Any = trained.module.encoder
        place = trainer.placement
        found |= self._scores(data, lambda rows: encode_rows(encoder, data, rows, place))
        if patches:
            of_patches = self._scores(data, lambda rows: self._of_patches(trainer, rows))
            found |= {f"patches_{name}": value for name, value in of_patches.items()}
        else:
            untrained: Any = trained.untrained
            found["untrained_knn"] = self._knn(
                data, lambda rows: encode_rows(untrained, data, rows, place)
            )
        return found

    def _of_patches(self, trainer: Trainer, rows: np.ndarray) -> np.ndarray:
        """float32 (n, d): the mean of h over crops of the size that the task trains on."""
        from workbench.tasks.emp_ssl import share_for
        from workbench.training.batches import batches_of_rows

        module: Any = trainer.module
        share = share_for(min(trainer.data.info.size or (0,)))
        crop = Policy((), trainer.data.info, trainer.data)
        parts = []
        module.eval()
        with torch.no_grad(), trainer.placement.autocast():
            for batch in batches_of_rows(trainer.data, rows, trainer.placement.device, 512):
                views = [crop(batch, trainer.rng, scale=(share, share)) for _ in range(PATCHES)]
                h = sum(module.encoder(view).float() for view in views) / PATCHES
                parts.append(h.cpu().numpy())
        return np.concatenate(parts)

    def _knn(self, data: Dataset, features: Callable[[Any], Any]) -> float:
        rows, labels = self._rows(data)
        h = {split: features(at) for split, at in rows.items() if split != "validation"}
        guessed = knn.predict(h["train"], labels["train"], h["test"])
        return float((guessed == labels["test"]).mean())

    def _scores(self, data: Dataset, features: Callable[[Any], Any]) -> dict[str, float]:
        rows, labels = self._rows(data)
        h = {split: features(at) for split, at in rows.items()}
        guessed = knn.predict(h["train"], labels["train"], h["test"])
        probed = probe(
            *(h["train"], labels["train"], h["validation"], labels["validation"], h["test"])
        )
        return {
            "knn": float((guessed == labels["test"]).mean()),
            "probe": float((probed.predicted == labels["test"]).mean()),
        }

    def _rows(self, data: Dataset) -> tuple[dict[str, Any], dict[str, Any]]:
        assert data.info.label is not None
        target = data.target(data.info.label.name)
        found = {}
        for split in ("train", "validation", "test"):
            all_rows = np.arange(data.rows(split).start, data.rows(split).stop)  # type: ignore[arg-type]
            found[split] = all_rows if self.device == "cuda" else all_rows[:1000]
        return found, {split: target[at] for split, at in found.items()}

    def trainer(self, config: RunConfig, data: Dataset, ports: Any = None) -> Trainer:
        """A trainer with the product's own placement and batch."""
        encoder, options = instances.encoder_of(config), instances.train_options(config)
        side = min(data.info.size) if data.info.size else None
        placement = device.choose(
            self.device, options.precision, encoder.kind, side, encoder.token_width
        )
        size, _ = choose_batch(options.batch_size, data, self.device, encoder.kind)
        ports = ports or Quiet(Path(tempfile.mkdtemp(dir=self.scratch)))
        return make_trainer(config, data, placement, size, ports, ports, ports)


def validated(config: RunConfig, data: Dataset) -> RunConfig:
    """``config`` made complete for ``data``. The source is no path that anything opens."""
    return validation.validate(config, data.info)


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as Markdown tables, one a part."""
    lines = []
    for part in dict.fromkeys(row["part"] for row in rows):
        found = [row for row in rows if row["part"] == part]
        names = list(dict.fromkeys(k for row in found for k in row if k != "part"))
        lines += ["", "| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
        lines += ["| " + " | ".join(_cell(row.get(n, "")) for n in names) + " |" for row in found]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return str(value)


def describe(chosen: str) -> str:
    """Date and machine."""
    name = torch.cuda.get_device_name() if chosen == "cuda" else "no GPU"
    versions = f"Python {sys.version.split()[0]}, torch {torch.__version__}"
    return f"{time.strftime('%Y-%m-%d')}, {name}, {torch.get_num_threads()} threads, {versions}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="what gpu_data.py has packed")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--seconds", type=float, default=180.0, help="of (b) and of (c)")
    parser.add_argument("--minutes", type=float, default=8.0, help="of all parts")
    parser.add_argument("--parts", default="aedrbc")
    parser.add_argument("--to", type=Path, default=None)
    given = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    with tempfile.TemporaryDirectory() as scratch:
        check = Check(given, Path(scratch))
        parts = {
            "a": check.tasks,
            "e": check.parts_of_runs,
            "d": check.waits,
            "r": check.resuming,
            "b": check.simclr,
            "c": check.emp_ssl,
        }
        for part in given.parts:
            parts[part]()
            if part == "a":
                torch.backends.cudnn.allow_tf32 = True
    print(f"\n`python benchmarks/gpu.py --parts {given.parts}`, {describe(given.device)}")
    print(table(check.rows))


if __name__ == "__main__":
    main()
