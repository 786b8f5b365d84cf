"""What the engine answers: previews, illustrations, encodings. Each calls what training calls."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench import paths
from workbench.config import AugmentStep, DataConfig, RunConfig
from workbench.data.dataset import CLS, PAD, Dataset
from workbench.errors import RequestError
from workbench.runs.wire import Message

_MOST_ROWS = 64
_MOST_VIEWS = 8


def warm_up() -> None:
    """Import what the first request would wait for."""
    from workbench.augment import policy  # noqa: F401
    from workbench.export import encoder  # noqa: F401
    from workbench.maps.umap import warm_up as warm_umap

    warm_umap()


def inspect(config: DataConfig, within: Path | None, home: Path) -> Message:
    """What can be said of a source before it is prepared."""
    from workbench import data

    return Message(_plain(dataclasses.asdict(data.inspect(config, home, within=within))))


def preview(request: Message, home: Path) -> Message:
    """Augmented views of given samples: the views that training makes, the step by step ones."""
    import torch

    from workbench.augment.policy import Policy

    asked = request.values
    data = _dataset(home, asked["fingerprint"])
    steps = [AugmentStep(step["name"], step["options"]) for step in asked["steps"]]
    batch = _batch(data, asked["rows"])
    policy = Policy(steps, data.info, data)
    show = _shower(data)
    out: dict[str, Any] = {"originals": show(batch.clean())}
    for i in range(min(int(asked["views"]), _MOST_VIEWS)):
        rng = torch.Generator().manual_seed(int(asked["seed"]) * _MOST_VIEWS + i)
        out[f"view{i}"] = show(policy(batch, rng))
    rng = torch.Generator().manual_seed(int(asked["seed"]) * _MOST_VIEWS)
    parts = policy.parts(batch, rng)
    out |= {f"part{i}": show(x) for i, (_, x) in enumerate(parts)}
    values = {
        "parts": [name for name, _ in parts],
        "warnings": policy.warnings(),
        **{name: value for name, value in out.items() if isinstance(value, list)},
    }
    arrays = {name: value for name, value in out.items() if isinstance(value, np.ndarray)}
    return Message(values, arrays)


def illustrate(request: Message, home: Path) -> Message:
    """What a task's model sees and must answer, for given samples."""
    import torch

    from workbench.augment.policy import Policy
    from workbench.tasks.base import IllustrationData
    from workbench.training import plan

    config = RunConfig.from_json(request.values["config"])
    data = _dataset(home, str(config.data.fingerprint))
    config = plan.validate(config, data.info)
    task, encoder = plan.task_of(config), plan.encoder_of(config)
    seed = int(request.values["seed"])
    torch.manual_seed(seed)
    module = task.build(encoder.build(data.info), data.info)
    batch = _batch(data, request.values["rows"], task.needs.labels)
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        policy = Policy(config.augment or (), data.info, data)
        views = task.views(module, batch, policy, rng)
    drawn = task.illustrate(views, batch, IllustrationData(data.info, _vocabulary(data.folder)))
    arrays: dict[str, npt.NDArray[Any]] = {}
    rows = []
    for row in drawn.rows:
        panels = []
        for panel in row:
            name = str(len(arrays)) if panel.image is not None else None
            if panel.image is not None:
                arrays[str(name)] = panel.image
            tokens = [list(token) for token in panel.tokens] if panel.tokens is not None else None
            panels.append(
                {"caption": panel.caption, "role": panel.role, "image": name, "tokens": tokens}
            )
        rows.append(panels)
    return Message({"question": drawn.question, "rows": rows}, arrays)


def encode(request: Message, home: Path) -> Message:
    """Representations of new images or texts by a run's encoder."""
    from workbench.export.embed import embed_arrays

    samples: Any = request.arrays.get("images")
    if samples is None:
        samples = [str(text) for text in request.values["texts"]]
    return Message({}, {"h": embed_arrays(home, str(request.values["run"]), samples)})


HANDLERS: Mapping[str, Callable[[Message, Path], Message]] = {
    "preview": preview,
    "illustrate": illustrate,
    "encode": encode,
}


def _dataset(home: Path, fingerprint: str) -> Dataset:
    folder = paths.cache_dir(home) / fingerprint
    if not fingerprint.isalnum() or not (folder / "info.json").exists():
        raise RequestError("these data are not prepared here.", remedy="Choose the data again.")
    return Dataset.open(folder)


def _batch(data: Dataset, rows: list[int], labels: bool = False) -> Any:
    """The training samples at ``rows`` (positions within the training split) as training gets
    them."""
    import torch

    from workbench.training.batches import SplitData

    label = data.info.label.name if labels and data.info.label else None
    samples = SplitData(data, "train", torch.device("cpu"), labels=label)
    chosen = [int(row) % samples.count for row in rows[:_MOST_ROWS]]
    return samples.batch(np.array(chosen, np.int64))


def _shower(data: Dataset) -> Callable[[Any], Any]:
    """What turns a batch as an encoder takes it into something to show."""
    if data.info.modality == "image":
        return lambda x: np.ascontiguousarray(
            (x.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
        )
    words = _vocabulary(data.folder)
    return lambda x: [[words[t] for t in row if t not in (PAD, CLS)] for row in x.tolist()]


@lru_cache(maxsize=8)
def _vocabulary(folder: Path) -> tuple[str, ...]:
    path = folder / "tokenizer.json"
    if not path.exists():
        return ()
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    return tuple(str(tokenizer.id_to_token(i)) for i in range(tokenizer.get_vocab_size()))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, Path) else value
