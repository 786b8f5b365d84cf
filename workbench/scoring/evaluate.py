"""After training: embed, score beside the baselines, and write map, spectrum and embeddings."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from threadpoolctl import threadpool_limits
from torch import nn

from workbench import paths
from workbench.config import RunConfig
from workbench.data import sampling
from workbench.data.dataset import Dataset
from workbench.errors import RunError
from workbench.evaluation import baselines, records
from workbench.evaluation.feature_scores import TRAINED, Scored
from workbench.evaluation.scores import Evaluation
from workbench.maps.pca import pca
from workbench.maps.trust import trustworthiness
from workbench.scoring import references
from workbench.scoring.finetuning import fine_tuning
from workbench.scoring.scorer import Scorer
from workbench.tasks.base import Task
from workbench.training import instances
from workbench.training.batches import batches_of_rows
from workbench.training.device import Placement
from workbench.training.encode import ENCODE_BATCH, encode
from workbench.training.ports import Artifacts, Control, Events
from workbench.training.trainer import Trained

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.int64]
Splits = Mapping[str, Array]

THUMBNAIL = 48
_FEWEST_FOR_TRUST = 4
# Untrained embeddings larger than this are made again by every run: 64 MiB.
_MOST_KEPT = 2**26


def evaluate_run(
    config: RunConfig,
    data: Dataset,
    trained: Trained,
    placement: Placement,
    events: Events,
    artifacts: Artifacts,
    control: Control,
    *,
    home: Path,
) -> None:
    """Score the trained encoder and write what pages and maps need (see ``docs/architecture.md``).

    home: where scores of baselines are kept, beside the prepared data. Scores come first, for a
    run is finished when they are written. Raises RunError if an embedding is not a number.
    """
    options = instances.eval_options(config)
    rows = sampling.choose(data, full=options.full)
    h = embed(trained.module.encoder, data, rows, placement)  # type: ignore[arg-type]
    shelf = paths.cache_dir(home) / data.info.fingerprint / "baselines"
    key = untrained_key(trained.untrained, placement, config)
    u = embed_untrained(trained.untrained, data, rows, placement, shelf, key)
    beside = references.features(
        config, data, rows, trained, key, placement, events, control, shelf
    )
    scorer = Scorer(data, rows, h, u, key, shelf, config, beside)
    with _one_thread():
        results = list(scorer.all_targets().values())
        nuisances = scorer.nuisances() if options.nuisances else Scored()
    validated = [found.validation for found in results if found.validation is not None]
    of_validation = nuisances.validation or Scored()
    own = held_out(config, data, trained, placement, rows["test"])
    scores: dict[str, list[Any]] = {
        "scores": [*_rows(results, "scores"), *own, *nuisances.scores],
        "gains": _rows(results, "gains"),
        "validation_scores": [*_rows(validated, "scores"), *of_validation.scores],
        "validation_gains": _rows(validated, "gains"),
    }
    events.summary(scores)
    notes = [note for found in results for note in found.notes]
    for note in dict.fromkeys([*notes, *nuisances.notes]):
        events.note(note)

    main = results[0]
    _put_predictions(artifacts, "predictions.parquet", rows["test"], main)
    if main.validation is not None and "validation" in rows:
        name = "predictions_validation.parquet"
        _put_predictions(artifacts, name, rows["validation"], main.validation)
    artifacts.put("embeddings.safetensors", lambda p: records.write_embeddings(p, rows, h, u))
    mapped = sampling.map_rows(data)
    h_mapped, u_mapped = records.pick(h, rows, mapped), records.pick(u, rows, mapped)
    z = project(config, trained.module, h_mapped, placement)
    with _one_thread():
        _put_json(artifacts, "spectrum.json", spectra(h_mapped, u_mapped, z))
        write_map(artifacts, data, mapped, h_mapped)
    if data.info.modality == "image":
        from workbench.data.thumbnails import thumbnails

        # Smaller images are kept as they are: the screen enlarges them.
        small = thumbnails(data, mapped, side=min(THUMBNAIL, max(data.info.size or (THUMBNAIL,))))
        artifacts.put("thumbnails.npy", lambda path: np.save(path, small, allow_pickle=False))
    events.summary({"map_rows": len(mapped)})
    if options.fine_tuning:
        # Last, for it takes longest: all else is written by now.
        tuned, gained = fine_tuning(data, rows, trained, key, placement, events, control, shelf)
        events.summary({"scores": scores["scores"] + tuned, "gains": scores["gains"] + gained})


def embed(
    encoder: nn.Module, data: Dataset, rows: Mapping[str, Rows], placement: Placement
) -> dict[str, npt.NDArray[np.float32]]:
    """float32 (n, dim) of each split's ``rows``. Texts go by length, so that little is padding."""
    out = {}
    for split, index in rows.items():
        order = np.arange(len(index))
        if data.info.modality == "text":
            order = np.argsort(data.offsets[index + 1] - data.offsets[index], kind="stable")
        batches = batches_of_rows(data, index[order], placement.device, ENCODE_BATCH)
        found = encode(encoder, batches, placement)
        bad = int((~np.isfinite(found)).any(axis=1).sum())
        if bad:
            raise RunError(
                f"the encoder gives NaN or Inf for {bad} of {len(index)} {split} samples.",
                field="--set train.learning_rate",
                remedy="Give a lower learning rate, or --set train.clip=1.",
            )
        out[split] = np.empty_like(found)
        out[split][order] = found
    return out


def embed_untrained(
    encoder: nn.Module,
    data: Dataset,
    rows: Mapping[str, Rows],
    placement: Placement,
    shelf: Path,
    key: Mapping[str, str],
) -> dict[str, Array]:
    """As ``embed``, of the untrained encoder: taken from the shelf where a run before this one with
    the same encoder and seed has left it, unless it is too large to be kept."""
    counts = {split: len(index) for split, index in rows.items()}
    path = shelf / baselines.key(features="untrained", counts=counts, **key)
    found = baselines.read_arrays(path)
    if found is not None:
        return found[0]
    out = embed(encoder, data, rows, placement)
    if sum(values.nbytes for values in out.values()) <= _MOST_KEPT:
        baselines.write_arrays(path, out)
    return dict(out)


@torch.no_grad()
def held_out(
    config: RunConfig, data: Dataset, trained: Trained, placement: Placement, rows: Rows
) -> list[dict[str, Any]]:
    """What the task says of its own answers on test samples, as score objects; [] for most tasks.

    The untrained module is made again from the run's seed.
    """
    task, module = instances.task_of(config), trained.module
    if type(task).held_out is Task.held_out:
        return []
    torch.manual_seed(config.seed)
    fresh = task.build(instances.encoder_of(config).build(data.info), data.info)
    fresh = fresh.to(placement.device).eval()
    was_training = module.training
    module.eval()
    # Tasks may take the first few only: in an order of the data's own they would be of one kind.
    shuffled = np.random.default_rng(0).permutation(rows)
    batches = batches_of_rows(data, shuffled, placement.device, ENCODE_BATCH)
    with placement.autocast():
        found = task.held_out(module, fresh, batches)
    module.train(was_training)
    where = {"representation": "output", "target": data.info.modality, "split": "test"}
    return [{**dataclasses.asdict(score), **where} for score in found]


@torch.no_grad()
def project(
    config: RunConfig, module: nn.Module, h: npt.NDArray[np.float32], placement: Placement
) -> Array | None:
    """Projections z float32 (n, d) of representations h; None for tasks without a projector."""
    task = instances.task_of(config)
    was_training = module.training
    module.eval()
    parts = []
    for start in range(0, len(h), ENCODE_BATCH):
        part = torch.from_numpy(h[start : start + ENCODE_BATCH]).to(placement.device)
        with placement.autocast():
            z = task.project(module, part)
        if z is None:
            break
        parts.append(z.float().cpu().numpy())
    module.train(was_training)
    return np.concatenate(parts) if parts else None


def spectra(h: Array, u: Array, z: Array | None) -> dict[str, Any]:
    """``spectrum.json``: shares of the eigenvalues of the covariance, of h and of z."""
    out: dict[str, Any] = {"h": {TRAINED: records.spectrum(h), "untrained": records.spectrum(u)}}
    if z is not None:
        out["z"] = {TRAINED: records.spectrum(z)}
    return out | {"n": len(h)}


def write_map(artifacts: Artifacts, data: Dataset, mapped: Rows, h: Array) -> None:
    """``map_pca.parquet`` and ``map.json`` of the mapped samples."""
    xy, explained = pca(h)
    trust = trustworthiness(h, xy) if len(h) >= _FEWEST_FOR_TRUST else None
    border = data.rows("train").stop
    splits = ["train" if row < border else "validation" for row in mapped]
    artifacts.put("map_pca.parquet", lambda path: records.write_map(path, mapped, xy, splits))
    known = {"explained": explained.tolist(), "trustworthiness": trust, "n": len(mapped)}
    _put_json(artifacts, "map.json", {"pca": known})


def untrained_key(encoder: nn.Module, placement: Placement, config: RunConfig) -> dict[str, str]:
    """What decides an untrained encoder's scores: its weights (so encoder and seed), the options
    that no weight shows (whether a token sees later ones), and how they are computed."""
    digest = hashlib.sha256()
    for name, values in sorted(encoder.state_dict().items()):
        digest.update(name.encode())
        digest.update(values.detach().cpu().contiguous().numpy().tobytes())
    return {
        "weights": digest.hexdigest(),
        "encoder": json.dumps([config.encoder, dict(config.encoder_options)], sort_keys=True),
        "precision": placement.precision,
        "device": placement.device.type,
    }


def _rows(found: Sequence[Evaluation], name: str) -> list[dict[str, Any]]:
    return [row for one in found for row in getattr(one, name)]


def _put_predictions(artifacts: Artifacts, name: str, rows: Rows, found: Evaluation) -> None:
    """What was said of the scored ones among the samples at ``rows``; no file if nothing was."""
    if found.predictions and len(found.kept):
        kept = rows[found.kept]
        artifacts.put(
            name,
            lambda path: records.write_predictions(path, kept, found.truth, found.predictions),
        )


def _one_thread() -> AbstractContextManager[Any]:
    """Hundreds of small products: threads that wait for one another on a busy machine made these
    five to ten times slower, and on an idle one they win little."""
    limited: AbstractContextManager[Any] = threadpool_limits(1, user_api="blas")
    return limited


def _put_json(artifacts: Artifacts, name: str, document: Mapping[str, Any] | Sequence[Any]) -> None:
    text = json.dumps(document)
    artifacts.put(name, lambda path: path.write_text(text, "utf-8") and None)
