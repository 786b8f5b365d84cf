"""The training loop: one task, one module, one budget. It names no task.

The clock stops for warm-up, compile, checks and checkpoints. It runs for batch, views, loss,
backward pass, optimizer step, and the task's own after-step.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from threadpoolctl import threadpool_limits
from torch import nn

from workbench.config import TrainOptions
from workbench.data.dataset import Dataset
from workbench.diagnostics.verdict import Verdict
from workbench.errors import RunError
from workbench.evaluation.knn import NEIGHBOURS
from workbench.run_folder import CHECKPOINT, check_name
from workbench.tasks.base import Augmenter, Batch, Context, Task, Views
from workbench.training import checkpoint, checks, optimizer
from workbench.training.batches import Order, SplitData
from workbench.training.check_schedule import CheckSchedule
from workbench.training.checkpoint import Choices, Counters
from workbench.training.device import Placement, memory_errors
from workbench.training.encode import flops_a_sample, untrained
from workbench.training.history import History
from workbench.training.loss_log import LossLog
from workbench.training.ports import Artifacts, Control, Events
from workbench.training.schedule import Clock, Plan, learning_rate_factor, too_few_steps

_WARMUP_STEPS = 2
# A first step that takes longer is warm-up enough; a shorter one may only be cold.
_WARMUP_SECONDS = 3.0
# Seconds between two checkpoints: at least these, and so many times as long as one took to write.
_CHECKPOINT_SECONDS, _CHECKPOINT_PAUSE = 15.0, 20.0


@dataclass(frozen=True)
class Trained:
    """The result of training. untrained: the encoder as it was before the first step. counters: how
    many steps and samples were made. stopped: whether it was stopped before the budget was spent.
    last: the last check."""

    module: nn.Module
    untrained: nn.Module
    counters: Counters
    verdict: Verdict
    stopped: bool
    last: checks.CheckResult


class Trainer:
    """Trains ``module`` within a budget: ``train()``, once.

    plan_of: the budget, given the number of steps an epoch. train: the trainer's options.
    neighbours: k of the check's kNN accuracy. spent: seconds of training time that the encoder's
    start took.
    """

    def __init__(
        self,
        *,
        task: Task,
        module: nn.Module,
        data: Dataset,
        augment: Augmenter,
        plan_of: Callable[[int], Plan],
        train: TrainOptions,
        batch_size: int,
        placement: Placement,
        seed: int,
        events: Events,
        artifacts: Artifacts,
        control: Control,
        neighbours: int = NEIGHBOURS,
        spent: float = 0.0,
    ):
        self.task, self.data, self.augment = task, data, augment
        self.options, self.placement, self.seed = train, placement, seed
        self.events, self.artifacts, self.control = events, artifacts, control
        device = placement.device
        self.module = placement.place(module)
        label = data.info.label.name if task.needs.labels and data.info.label else None
        self.samples = SplitData(data, "train", device, labels=label)
        self.order = Order(self.samples.count, batch_size, seed, self.samples.lengths)
        self.batch_size = self.order.batch_size
        self.choices = Choices(self.batch_size, placement.threads, placement.precision)
        self.plan = plan_of(self.order.steps_per_epoch)
        self.recipe = optimizer.recipe(task.optimum, train, self.batch_size)
        self.optimizer = optimizer.build(self.recipe, task, self.module)
        self.rng = torch.Generator(device=device).manual_seed(seed)
        self.untrained = untrained(self.module.encoder, self.samples, placement)  # type: ignore[arg-type]
        flops = flops_a_sample(self.untrained, self.samples, placement)
        self.checker = checks.Checker(task, data, augment, placement, flops, neighbours)
        self.counters = Counters()
        self.clock = Clock(elapsed=spent)
        self.chance = task.chance(data.info, self.batch_size)
        self.history = History(self.chance)
        self.losses = LossLog(self.plan, events, self.history)
        self.checks = self._check_schedule()
        self._forward = self.task.loss

    def train(self) -> Trained:
        """Run until the budget is spent, ``control`` says stop, or the run breaks (RunError)."""
        self._resume()
        self.module.train()
        self.events.phase("warming up")
        began = time.perf_counter()
        self._warm_up()
        self.counters.warmup_seconds += time.perf_counter() - began
        release = self.control.exclusive()
        # NumPy's second thread, which checks would start, spins on into the steps after them.
        with threadpool_limits(1, user_api="blas"):
            try:
                stopped = self._loop()
            finally:
                release()
            last = self._check(final=True)
        self._save()
        return Trained(
            self.module, self.untrained, self.counters, self.history.verdict, stopped, last
        )

    def speed(self, seconds: float) -> float:
        """Samples a second of training steps, timed for ``seconds`` after the warm-up.

        For a trainer that is used for nothing else: its module is trained, and nothing is written.
        """
        self.module.train()
        self._warm_up()
        self.clock.start()
        while self.clock.seconds < seconds and not self.control.should_stop():
            self._step(0.0)
        self._pause()
        return self.counters.samples / self.clock.seconds

    def _loop(self) -> bool:
        counters, plan = self.counters, self.plan
        if counters.step:
            self.checks.made(plan.progress(counters.step, self.clock.seconds))
        saved, between = time.perf_counter(), _CHECKPOINT_SECONDS
        self.clock.start()
        while True:
            progress = plan.progress(counters.step, self.clock.seconds)
            if progress >= 1.0 or self.control.should_stop():
                break
            checking = self.checks.due(progress)
            saving = time.perf_counter() - saved > between
            if checking or saving:
                self._pause()
                if checking:
                    self._check()
                    self.checks.made(progress)
                    if self.options.stop_on_collapse and self._collapsed():
                        self.events.note("Ended early: the collapse check says complete collapse.")
                        return False
                if saving:
                    began = time.perf_counter()
                    self._save()
                    saved = time.perf_counter()
                    between = max(_CHECKPOINT_SECONDS, _CHECKPOINT_PAUSE * (saved - began))
                self.clock.start()
            self._step(progress)
        self._pause()
        if plan.most_steps is not None and counters.step >= plan.most_steps:
            self.events.note(
                f"Ended after {counters.samples / self.samples.count:.0f} passes over the training "
                f"samples, {self.clock.seconds:.0f} s: more teach this task single samples by "
                "heart. --set train.passes=0 goes on to the end of the time."
            )
        return progress < 1.0

    def _step(self, progress: float) -> None:
        counters = self.counters
        optimizer.set_learning_rate(
            self.optimizer, learning_rate_factor(progress, self.options.warmup)
        )
        batch = self.samples.batch(self.order.positions(counters.step))
        with memory_errors(self.batch_size, counters.step):
            views, logs = self._compute(batch, counters.step, progress)
            if self.options.clip > 0:
                nn.utils.clip_grad_norm_(self.module.parameters(), self.options.clip)
            self.optimizer.step()
        self.task.after_step(self.module, progress)
        left_out = self.clock.end_step()
        if left_out:
            self.events.note(
                f"Step {counters.step + 1} took {left_out:.0f} s longer than a step may, as when a "
                "machine sleeps. They do not count as training time."
            )
        counters.step += 1
        counters.samples += batch.size
        counters.views += batch.size * max(1, len(views.inputs))
        try:
            self.losses.add(counters, self.clock.seconds, logs)
        except checks.NotFiniteError as error:
            raise self._diverged(error) from error

    def _compute(
        self, batch: Batch, step: int, progress: float
    ) -> tuple[Views, dict[str, torch.Tensor]]:
        with torch.no_grad():
            views = self.task.views(self.module, batch, self.augment, self.rng)
        views.inputs = tuple(self.placement.arrange(x) for x in views.inputs)
        self.optimizer.zero_grad(set_to_none=True)
        with self.placement.autocast():
            out = self._forward(self.module, views, Context(step, progress))
        out.loss.backward()  # type: ignore[no-untyped-call]
        return views, {"loss": out.loss.detach(), **{k: v.detach() for k, v in out.logs.items()}}

    def _pause(self) -> None:
        """Stop the clock once the device has computed all steps, and write the losses."""
        self.placement.synchronize()
        self.clock.stop()
        try:
            self.losses.write(self.counters, self.clock.seconds)
        except checks.NotFiniteError as error:
            raise self._diverged(error) from error

    def _check(self, final: bool = False) -> checks.CheckResult:
        began = time.perf_counter()
        counters = self.counters
        try:
            result = self.checker.check(self.module, counters.step)
        except checks.NotFiniteError as error:
            raise self._diverged(error) from error
        self.history.check(result, self._total_steps())
        verdict = self.history.judge(final=final)
        self.events.metrics(counters.step, result.scalars())
        for note in result.notes if not counters.step else ():
            self.events.note(note)
        self.events.summary({"verdict": verdict.to_json()})
        if final or self.checks.stores(len(self.history.checks) - 1):
            name = check_name(counters.step)
            self.artifacts.put(name, lambda path: checks.store(result, path))
        took = time.perf_counter() - began
        counters.check_seconds += took
        if not final and self.checks.took(took):
            when = f"every {self.checks.every:.0%} of the run"
            if self.checks.every >= 1:
                when = "at the beginning and at the end only"
            self.events.note(f"Checks {when}: more would take too long for this training time.")
        return result

    def _diverged(self, error: checks.NotFiniteError) -> RunError:
        return RunError(
            f"{error} at step {error.step}.",
            field="--set train.learning_rate",
            remedy=f"Give a learning rate below {self.recipe.learning_rate:g}, or "
            "--set train.clip=1.",
        )

    def _total_steps(self) -> int:
        if self.plan.steps is not None:
            return self.plan.steps
        progress = self.plan.progress(self.counters.step, self.clock.seconds)
        return max(self.counters.step, round(self.counters.step / max(progress, 1e-3)))

    def _check_schedule(self) -> CheckSchedule:
        return CheckSchedule(self.options.check_every, self.plan.seconds)

    def _collapsed(self) -> bool:
        return self.history.verdict.label == "complete collapse"

    def _warm_up(self) -> None:
        """Make kernels, caches and compiled graphs ready by a few steps that change nothing."""
        if self.options.compile:
            self._forward = torch.compile(self.task.loss)
        weights = copy.deepcopy(self.module.state_dict())
        generator = self.rng.get_state()
        devices = [self.placement.device] if self.placement.device.type == "cuda" else []
        with (
            memory_errors(self.batch_size, self.counters.step),
            torch.random.fork_rng(devices=devices),
        ):
            for step in range(_WARMUP_STEPS):
                began = time.perf_counter()
                self._compute(self.samples.batch(self.order.positions(step)), step, 0.0)
                self.placement.synchronize()
                took = time.perf_counter() - began
                if took > _WARMUP_SECONDS and not self.options.compile:
                    break
        self.optimizer.zero_grad(set_to_none=True)
        self.module.load_state_dict(weights)
        self.rng.set_state(generator)
        self.placement.synchronize()
        self._warn_of_few_steps(took)

    def _warn_of_few_steps(self, step_seconds: float) -> None:
        """Say before the training that it will be too short. step_seconds: of one step."""
        seconds = self.plan.seconds
        if seconds is not None and not self.counters.step:
            words = too_few_steps(seconds / max(step_seconds, 1e-9), seconds)
            if words is not None:
                self.events.note(words)

    def _save(self) -> None:
        self.counters.seconds = self.clock.seconds
        self.counters.history = self.history.to_json()
        generators = {"views": self.rng.get_state(), "torch": torch.get_rng_state()}
        if self.placement.device.type == "cuda":
            generators["cuda"] = torch.cuda.get_rng_state(self.placement.device)
        checkpoint.save(
            self.artifacts,
            self.module,
            self.optimizer,
            generators,
            self.counters,
            self.choices,
        )

    def _resume(self) -> None:
        path = self.artifacts.path(CHECKPOINT)
        if not path.exists():
            return
        self.counters, generators = checkpoint.load(path, self.module, self.optimizer)
        self.clock = Clock(elapsed=self.counters.seconds)
        self.history.restore(self.counters.history)
        self.rng.set_state(generators["views"])
        torch.set_rng_state(generators["torch"])
        if "cuda" in generators:
            torch.cuda.set_rng_state(generators["cuda"], self.placement.device)
        self.events.note(f"Resumed at step {self.counters.step} from the last checkpoint.")
