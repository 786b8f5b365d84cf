"""A run's encoder: loaded, and written to a folder with what belongs to it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import nn

from workbench import damage, paths, registry
from workbench.config import RunConfig
from workbench.data import prepare
from workbench.data.dataset import DataInfo, Dataset
from workbench.errors import RequestError
from workbench.export.formats import get_format
from workbench.run_folder import CHECKPOINT, CONFIG, EMBEDDINGS, ENCODER, PCA_MAP, UMAP_MAP
from workbench.store.rows import ENDED
from workbench.stored_runs.stored_run import StoredRun
from workbench.training import instances

_COPIED = (CONFIG, EMBEDDINGS, PCA_MAP, UMAP_MAP)
_TOKENIZER = "tokenizer.json"


def load_encoder(run: StoredRun) -> nn.Module:
    """The trained encoder of a run, in eval mode, on the CPU.

    Raises RequestError if the run has not trained an encoder.
    """
    return load_parts(run)[0]


def check_encoder(run: StoredRun) -> None:
    """Raise RequestError if the run has not trained an encoder, DamageError if its file is gone."""
    path = run.files.encoder
    if path.exists():
        return
    again = damage.repeat_command(paths.default_home() if run.demo else run.home, run.folder)
    if run.finished and not run.demo:
        # The doctor takes it from a checkpoint, and cannot make it from anything else.
        remedy = None if (run.files / CHECKPOINT).exists() else f"Train the run once more: {again}"
        raise damage.error(path, "is missing", remedy=remedy)
    if run.demo:
        remedy = f"Stored demo runs keep none. Train one like it: {again}"
    elif run.row.state in ENDED:
        remedy = f"It ended before one was written. Resume it, or train it once more: {again}"
    else:
        remedy = "Wait until it has finished, or take another run."
    raise RequestError(
        f"run '{run.id}' ({run.row.state}) has no trained encoder.", field="RUN", remedy=remedy
    )


def load_parts(run: StoredRun) -> tuple[nn.Module, RunConfig, Dataset]:
    """Encoder (in eval mode, on the CPU), configuration and data set of a run.

    Raises RequestError if the run has not trained an encoder, DamageError if a file of it or of its
    data set is damaged.
    """
    check_encoder(run)
    config = RunConfig.from_json(run.config)
    data = run_data(run)
    for plugin in config.plugins:
        registry.load_plugin(plugin)
    encoder = instances.encoder_of(config).build(data.info)
    with damage.reading(run.files.encoder):
        weights = load_file(str(run.files.encoder))
    try:
        encoder.load_state_dict(weights)
    except RuntimeError as error:
        reason = "does not fit the encoder of the run's configuration"
        raise damage.error(run.files.encoder, reason) from error
    return encoder.eval(), config, data


def run_data(run: StoredRun) -> Dataset:
    """The data set that a run learned from, prepared anew from its source if it is gone.

    Raises RequestError if its source is gone, too.
    """
    if run.data is not None:
        return run.data
    return prepare(RunConfig.from_json(run.config).data, run.home)


def export_run(run: StoredRun, to: Path, format_: str = "safetensors") -> list[str]:
    """Write a run's encoder and what belongs to it into the folder ``to``; returns the paths.

    ``encoder.safetensors``, the files of the format, configuration, embeddings, maps, the tokenizer
    of a run on texts, and the run's record as ``run.json``. Raises RequestError for an unknown
    format or a run without an encoder.
    """
    form = get_format(format_)
    encoder, config, data = load_parts(run)
    to.mkdir(parents=True, exist_ok=True)
    written = [_write_weights(encoder, config, data.info, to / ENCODER)]
    written += form.write(encoder, data.info, to)
    _check_copied(run)
    originals = [*(run.files / name for name in _COPIED), data.folder / _TOKENIZER]
    for original in originals:
        if original.exists():
            shutil.copyfile(original, to / original.name)
            written.append(to / original.name)
    record = run.record()
    record["artifacts"] = {path.stem: path.name for path in written}
    (to / "run.json").write_text(json.dumps(record, indent=2), "utf-8")
    return [str(path) for path in (*written, to / "run.json")]


def _check_copied(run: StoredRun) -> None:
    """Raise DamageError if one of the files that are copied is damaged."""
    for name in _COPIED:
        path = run.files / name
        reason = damage.fault(path) if path.exists() else None
        if reason:
            raise damage.error(path, f"is damaged: {reason}")


def _write_weights(encoder: nn.Module, config: RunConfig, info: DataInfo, path: Path) -> Path:
    metadata = {
        "encoder": str(config.encoder),
        "encoder_options": json.dumps(dict(config.encoder_options)),
        "dim": str(encoder.dim),
        "data": json.dumps(info.to_json()),
    }
    weights = {k: v.contiguous().clone() for k, v in encoder.state_dict().items()}
    save_file(weights, str(path), metadata=metadata)
    return path
