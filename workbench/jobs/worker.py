"""One run: prepare, train, evaluate, write. Started as ``python -m workbench.jobs.worker HOME ID``.

``run`` touches the world through its three ports only. Decisions that it makes for the user are
written with ``events.note``.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
import time
import traceback
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import psutil
import torch
from safetensors.torch import save_file
from torch import nn

from workbench import __version__, paths
from workbench.config import RunConfig
from workbench.data import prepare
from workbench.errors import StoreError, WorkbenchError
from workbench.jobs import checkpoints, end_note, log_output, processor, room
from workbench.jobs.endings import NO_ROOM, describe_error, resume_command
from workbench.jobs.hardware import gpu_without_cuda
from workbench.jobs.processes import identify, keep_memory
from workbench.jobs.recorder import CheckpointedArtifacts, StoreControl, StoreEvents
from workbench.records import TrainingRecord
from workbench.requests import validation
from workbench.run_folder import CHECKPOINT, ENCODER, RunFolder
from workbench.store.artifacts import FolderArtifacts, NoRoomError
from workbench.store.store import State, Store
from workbench.training import checkpoint, device, instances
from workbench.training.ports import Artifacts, Control, Events
from workbench.training.setup import choose_batch, make_trainer, train_within_memory
from workbench.training.trainer import Trained, Trainer


def run(
    config: RunConfig, events: Events, artifacts: Artifacts, control: Control, *, home: Path
) -> bool:
    """Carry out ``config``; returns whether it ran to its end (False: stopped on request).

    home: where prepared data and shared baselines are cached. Raises WorkbenchError when the run
    cannot be finished.
    """
    began = time.perf_counter()
    events.phase("preparing")
    data = prepare(config.data, home)
    config = validation.validate(config, data.info)
    _fetch_pretrained(config)
    encoder = instances.encoder_of(config)
    options = instances.train_options(config)
    side = min(data.info.size) if data.info.size else None
    before = checkpoint.choices(artifacts.path(CHECKPOINT))
    threads = options.threads or before.threads or processor.threads()
    torch.set_num_threads(threads)
    precision = options.precision if options.precision != "auto" else before.precision or "auto"
    placement = device.choose(config.device, precision, encoder.kind, side, encoder.token_width)
    warning = gpu_without_cuda()
    thread_note = processor.thread_note(threads, options.threads, before.threads)
    for note in (*data.info.notes, *placement.notes, thread_note, *((warning,) if warning else ())):
        events.note(note)
    batch_size, note = choose_batch(options.batch_size, data, placement.device.type, encoder.kind)
    resumed = before.batch_size
    if resumed is not None and resumed != batch_size:
        batch_size, note = resumed, f"Batch: {resumed}, as before the run was interrupted."
    events.note(note)
    events.summary({"versions": versions()})

    started_after = 0.0

    def build(size: int) -> Trainer:
        nonlocal started_after
        trainer = make_trainer(config, data, placement, size, events, artifacts, control)
        _describe(trainer, events)
        started_after = time.perf_counter() - began
        return trainer

    may_halve = options.batch_size is None and resumed is None
    trainer, trained = train_within_memory(build, batch_size, events, may_halve=may_halve)
    summary = training_summary(trained, trainer, started_after)
    events.summary({"training": summary})
    encoder_module: nn.Module = trained.module.encoder  # type: ignore[assignment]
    artifacts.put(ENCODER, lambda path: _save_encoder(encoder_module, path))
    if trained.stopped:
        return False

    # Imported late, for it takes a second that a run needs only when it is scored.
    from workbench.scoring.evaluate import evaluate_run

    events.phase("evaluating", progress=1.0)
    began = time.perf_counter()
    evaluate_run(config, data, trained, placement, events, artifacts, control, home=home)
    seconds = time.perf_counter() - began
    events.summary({"training": {**summary, "evaluation_seconds": seconds}})
    events.phase("done", progress=1.0)
    return True


def _describe(trainer: Trainer, events: Events) -> None:
    recipe, checker = trainer.recipe, trainer.checker
    events.note(
        f"Optimizer: {recipe.optimizer}, learning rate {recipe.learning_rate:.3g}, weight decay "
        f"{recipe.weight_decay:g}. Checks on {len(checker.positions)} {checker.split} samples."
    )
    # Before training, so that live charts have their chance line.
    events.summary({"chance": trainer.chance})


def _fetch_pretrained(config: RunConfig) -> None:
    """Have the pretrained model of a reference here before any time is spent on training."""
    if instances.eval_options(config).pretrained is not None:
        from workbench.scoring import references

        references.fetch(config)


def training_summary(trained: Trained, trainer: Trainer, started_after: float) -> TrainingRecord:
    """The ``training`` object of a run's JSON."""
    counters, placement = trained.counters, trainer.placement
    parameters = sum(p.numel() for p in trained.module.parameters() if p.requires_grad)
    seconds = counters.seconds
    return {
        "steps": counters.step,
        "samples": counters.samples,
        "views": counters.views,
        "epochs": counters.samples / max(1, trainer.samples.count),
        "seconds": seconds,
        "samples_per_second": counters.samples / seconds if seconds else 0.0,
        "device": str(placement.device),
        "precision": placement.precision,
        "threads": placement.threads,
        "parameters": parameters,
        "peak_memory": _peak_memory(placement.device),
        "batch_size": trainer.batch_size,
        "started_after": started_after,
        "warmup_seconds": counters.warmup_seconds,
        "check_seconds": counters.check_seconds,
        "evaluation_seconds": 0.0,
    }


def versions() -> dict[str, str]:
    """Versions of the workbench, of Python and of what a run is made with."""
    names = ("streamlit", "torch", "scikit-learn", "umap-learn", "numpy")
    return {
        "workbench": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{name: version(name) for name in names},
    }


def _peak_memory(chosen: torch.device) -> int:
    """Bytes: of the GPU if it trained there, else the largest resident size of this process."""
    if chosen.type == "cuda":
        return int(torch.cuda.max_memory_allocated(chosen))
    memory = psutil.Process().memory_info()
    if sys.platform == "win32":
        return int(memory.peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def _save_encoder(encoder: nn.Module, path: Path) -> None:
    whole = {k: v.detach().cpu().contiguous().clone() for k, v in encoder.state_dict().items()}
    save_file(whole, str(path))


def main(arguments: list[str]) -> int:
    """Run ``RUN_ID`` of the home ``HOME`` and leave its end in the store."""
    home, run_id = Path(arguments[0]), arguments[1]
    me = identify(os.getpid())
    try:
        store = Store.open(home)
        adopted = store.adopt(run_id, me.pid, me.created, parent=os.getppid())
    except StoreError as error:
        if not room.is_full(error):
            raise
        _print_failure(str(error))
        return NO_ROOM
    if not adopted:
        sys.stdout.write("This run is not claimed for this process; nothing was done.\n")
        return 0
    artifacts = FolderArtifacts(paths.run_dir(home, run_id))
    state, reason = _carry_out(store, run_id, artifacts, home)
    try:
        store.end(run_id, state, reason=reason, pid=me.pid)
        end_note.remove(artifacts.folder)
    except StoreError as error:
        if state == "finished":
            # Its scores are not in the store either: evaluation is made again.
            again = resume_command(home, run_id)
            state, reason = "failed", str(room.of_store(home, error.message, again))
        kept = end_note.write(artifacts.folder, state, reason)
        with suppress(StoreError):
            kept = end_note.settle(store, home, run_id) is not None or kept
        if not kept:
            return NO_ROOM
    return 0 if state != "failed" else 1


def _carry_out(
    store: Store, run_id: str, artifacts: FolderArtifacts, home: Path
) -> tuple[State, str | None]:
    """Run a run that this process has adopted: how it ended, and why if it did not finish."""
    again = resume_command(home, run_id)
    state: State
    reason: str | None = None
    try:
        end_note.reserve(artifacts.folder)
        row = store.run(run_id)
        checkpoints.check_row(home, row)
        config = RunConfig.from_json(row.config)
        forget_lost_steps(store, run_id, artifacts)
        with StoreEvents(store, run_id) as events:
            state, reason = _run_watched(config, store, run_id, events, artifacts, home)
            if state == "finished":
                store.move_map(run_id, ("none", "ready", "failed"), "queued")
    except StoreError as error:
        # An end that is known already says more than what the store could not take after it.
        state, reason = "failed", reason or str(room.of_store(home, error.message, again))
    except WorkbenchError as error:
        state, reason = "failed", str(error)
    except OSError as error:
        state, reason = "failed", describe_error(error)
    if state == "failed":
        _print_failure(reason)
    return state, reason


def _run_watched(
    config: RunConfig,
    store: Store,
    run_id: str,
    events: StoreEvents,
    artifacts: FolderArtifacts,
    home: Path,
) -> tuple[State, str | None]:
    again = resume_command(home, run_id)

    def check() -> None:
        trouble = events.trouble()
        if trouble is not None:
            raise room.of_store(home, trouble, again)
        room.check(artifacts, again)

    on_gpu = os.environ.get("WORKBENCH_SLOT", "cpu").startswith("cuda")
    control = StoreControl(store, run_id, home, shares_processor=not on_gpu, check=check)
    signal.signal(signal.SIGTERM, lambda *_: control.ask_to_stop())
    try:
        files = CheckpointedArtifacts(artifacts, events)
        if run(config, events, files, control, home=home):
            return "finished", None
        asked = f"The system asked it to end.\nGo on with: {again}"
        return "stopped", asked if control.signalled else None
    except NoRoomError as error:
        return "failed", str(room.of_file(error, again))
    except WorkbenchError as error:
        return "failed", str(error)
    except Exception as error:  # noqa: BLE001  the run's end must be written whatever broke
        with suppress(OSError):
            traceback.print_exc()
        return "failed", describe_error(error)


def _print_failure(reason: str | None) -> None:
    with suppress(OSError):
        sys.stdout.write(f"failed: {reason}\n")


def forget_lost_steps(store: Store, run_id: str, artifacts: FolderArtifacts) -> None:
    """Remove what an earlier worker left of steps after its last checkpoint: they are made again,
    and in a run budgeted in seconds at other steps than before."""
    artifacts.sweep()
    last = checkpoint.step_of(artifacts.path(CHECKPOINT))
    store.drop_metrics(run_id, after=last)
    for step, check in RunFolder(artifacts.folder).checks():
        if step > last:
            check.unlink()


if __name__ == "__main__":
    log_output.protect()
    keep_memory()
    sys.exit(main(sys.argv[1:]))
