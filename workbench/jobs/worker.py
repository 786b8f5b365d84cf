"""One run: prepare, train, evaluate, write. Started as ``python -m workbench.jobs.worker HOME ID``.

``run`` touches the world through its three ports only. Decisions that it makes for the user are
written with ``events.note``.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import time
import traceback
from importlib.metadata import version
from pathlib import Path

import psutil
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from workbench import __version__, paths
from workbench.config import RunConfig
from workbench.data import prepare
from workbench.errors import WorkbenchError
from workbench.jobs.endings import describe_error, resume_command
from workbench.jobs.hardware import gpu_without_cuda
from workbench.jobs.processes import identify
from workbench.jobs.recorder import StoreControl, StoreEvents
from workbench.records import TrainingRecord
from workbench.requests import validation
from workbench.run_folder import CHECKPOINT, ENCODER, RunFolder
from workbench.store.artifacts import FolderArtifacts
from workbench.store.store import State, Store
from workbench.training import device, instances
from workbench.training.ports import Artifacts, Control, Events
from workbench.training.setup import choose_batch, make_trainer
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
    placement = device.choose(config.device, options.precision, encoder.kind, side)
    warning = gpu_without_cuda()
    for note in (*data.info.notes, *placement.notes, *((warning,) if warning else ())):
        events.note(note)
    batch_size, note = choose_batch(options.batch_size, data, placement.device.type)
    events.note(note)
    events.summary({"versions": versions()})

    trainer = make_trainer(config, data, placement, batch_size, events, artifacts, control)
    events.note(
        f"Optimizer: {trainer.recipe.optimizer}, learning rate {trainer.recipe.learning_rate:.3g}, "
        f"weight decay {trainer.recipe.weight_decay:g}. Checks on {len(trainer.checker.positions)} "
        f"{trainer.checker.split} samples."
    )
    # Before training, so that live charts have their chance line.
    events.summary({"chance": trainer.chance})
    started_after = time.perf_counter() - began
    trained = trainer.train()
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
    store = Store.open(home)
    me = identify(os.getpid())
    if not store.adopt(run_id, me.pid, me.created, parent=os.getppid()):
        sys.stdout.write("This run is not claimed for this process; nothing was done.\n")
        return 0
    config = RunConfig.from_json(store.run(run_id).config)
    artifacts = FolderArtifacts(paths.run_dir(home, run_id))
    forget_lost_steps(store, run_id, artifacts)
    reason: str | None = None
    state: State
    with StoreEvents(store, run_id) as events:
        on_gpu = os.environ.get("WORKBENCH_SLOT", "cpu").startswith("cuda")
        control = StoreControl(store, run_id, home, shares_processor=not on_gpu)
        signal.signal(signal.SIGTERM, lambda *_: control.ask_to_stop())
        try:
            done = run(config, events, artifacts, control, home=home)
            state = "finished" if done else "stopped"
            if control.signalled and not done:
                reason = f"The system asked it to end.\nGo on with: {resume_command(home, run_id)}"
            if done:
                store.move_map(run_id, ("none", "ready", "failed"), "queued")
        except WorkbenchError as error:
            state, reason = "failed", str(error)
            sys.stdout.write(f"failed: {reason}\n")
        except Exception as error:  # noqa: BLE001  the run's end must be written whatever broke
            state, reason = "failed", describe_error(error)
            traceback.print_exc()
    store.end(run_id, state, reason=reason, pid=me.pid)
    return 0 if state != "failed" else 1


def forget_lost_steps(store: Store, run_id: str, artifacts: FolderArtifacts) -> None:
    """Remove what an earlier worker left of steps after its last checkpoint: they are made again,
    and in a run budgeted in seconds at other steps than before."""
    artifacts.sweep()
    path = artifacts.path(CHECKPOINT)
    last = -1
    if path.exists():
        with safe_open(str(path), framework="pt") as file:
            last = int(json.loads(file.metadata()["counters"])["step"])
    store.drop_metrics(run_id, after=last)
    for step, check in RunFolder(artifacts.folder).checks():
        if step > last:
            check.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
