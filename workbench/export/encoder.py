"""A run's encoder outside the workbench: weights, configuration, embeddings and scores as files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from workbench import paths
from workbench.config import RunConfig
from workbench.data import prepare
from workbench.data.dataset import DataInfo, Dataset
from workbench.errors import RequestError
from workbench.store.store import Store
from workbench.stored_runs import run_json
from workbench.training import instances

FORMATS = ("safetensors", "torchscript")
_COPIED = ("config.json", "embeddings.safetensors", "map_pca.parquet", "map_umap.parquet")


def load_encoder(home: Path, run_id: str) -> nn.Module:
    """The trained encoder of a run, in eval mode, on the CPU.

    Raises RequestError if the run has not trained an encoder.
    """
    return _load(home, run_id)[0]


def load_parts(home: Path, run_id: str) -> tuple[nn.Module, RunConfig, Dataset]:
    """Encoder, configuration and the data set of a run."""
    return _load(home, run_id)


def run_data(home: Path, run_id: str) -> Dataset:
    """The data set that a run learned from, prepared anew if it is gone.

    Raises RequestError if its source is gone, too.
    """
    return _data(RunConfig.from_json(Store.open(home).run(run_id).config), home)


def export_run(home: Path, run_id: str, to: Path, format_: str = "safetensors") -> list[str]:
    """Write a run's encoder and what belongs to it into the folder ``to``; returns the paths.

    ``encoder.safetensors`` holds weights, with the encoder's name, options and the data's
    description in its metadata; ``torchscript`` adds ``encoder.pt``, which runs without the
    workbench: float images (B, C, H, W) in [0, 1], or token ids (B, L), to h (B, dim).
    Raises RequestError for an unknown format or a run without an encoder.
    """
    if format_ not in FORMATS:
        raise RequestError(
            f"'{format_}' is not a format.",
            field="--format",
            remedy=f"Give one of {', '.join(FORMATS)}.",
        )
    encoder, config, data = _load(home, run_id)
    to.mkdir(parents=True, exist_ok=True)
    written = [_write_weights(encoder, config, data.info, to / "encoder.safetensors")]
    if format_ == "torchscript":
        written.append(_write_script(encoder, data.info, to / "encoder.pt"))
    folder = paths.run_dir(home, run_id)
    for name in _COPIED:
        if (folder / name).exists():
            shutil.copyfile(folder / name, to / name)
            written.append(to / name)
    if (data.folder / "tokenizer.json").exists():
        shutil.copyfile(data.folder / "tokenizer.json", to / "tokenizer.json")
        written.append(to / "tokenizer.json")
    document = run_json.run_json(home, Store.open(home).run(run_id))
    document["artifacts"] = {path.stem: path.name for path in written}
    (to / "run.json").write_text(json.dumps(document, indent=2), "utf-8")
    return [str(path) for path in (*written, to / "run.json")]


def _load(home: Path, run_id: str) -> tuple[nn.Module, RunConfig, Dataset]:
    row = Store.open(home).run(run_id)
    path = paths.run_dir(home, run_id) / "encoder.safetensors"
    if not path.exists():
        raise RequestError(
            f"run '{run_id}' ({row.state}) has no trained encoder.",
            field="RUN",
            remedy="Wait until it has finished, or take another run.",
        )
    config = RunConfig.from_json(row.config)
    data = _data(config, home)
    for plugin in config.plugins:
        from workbench import registry

        registry.load_plugin(plugin)
    encoder = instances.encoder_of(config).build(data.info)
    encoder.load_state_dict(load_file(str(path)))
    return encoder.eval(), config, data


def _data(config: RunConfig, home: Path) -> Dataset:
    """The run's own prepared data if it is still there, else prepared anew from its source."""
    if config.data.fingerprint is not None:
        folder = paths.cache_dir(home) / config.data.fingerprint
        if (folder / "info.json").exists():
            return Dataset.open(folder)
    return prepare(config.data, home)


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


def _write_script(encoder: nn.Module, info: DataInfo, path: Path) -> Path:
    example: Any
    if info.size is not None:
        example = torch.rand(2, info.channels or 3, *info.size)
    else:
        example = torch.randint(5, info.vocabulary or 100, (2, info.length or 16))
    with torch.no_grad():
        script = torch.jit.trace(encoder, (example,), check_trace=False)  # type: ignore[no-untyped-call]
    script.save(str(path))
    return path
