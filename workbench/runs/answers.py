"""What the engine answers: previews, illustrations, encodings. Each calls what training calls."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt

from workbench.config import DataConfig, RunConfig
from workbench.runs import answering
from workbench.runs.answer_beside import beside
from workbench.runs.answer_cost import cost
from workbench.runs.answer_export import export
from workbench.runs.answer_frames import frames
from workbench.runs.answer_invariance import invariance
from workbench.runs.answer_measure import measure
from workbench.runs.answer_new_samples import new_samples
from workbench.runs.answer_originals import originals
from workbench.runs.answer_peek import peek
from workbench.runs.answer_preview import preview
from workbench.runs.answer_quality import quality
from workbench.runs.answer_sizes import sizes
from workbench.runs.answer_views import sample_views
from workbench.runs.wire import Message


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


def illustrate(request: Message, home: Path) -> Message:
    """What a task's model sees and must answer, for given samples."""
    import torch

    from workbench.augment.policy import Policy
    from workbench.tasks.base import IllustrationData
    from workbench.training import plan

    config = RunConfig.from_json(request.values["config"])
    data = answering.dataset(home, str(config.data.fingerprint))
    config = plan.validate(config, data.info)
    task, encoder = plan.task_of(config), plan.encoder_of(config)
    seed = int(request.values["seed"])
    torch.manual_seed(seed)
    module = task.build(encoder.build(data.info), data.info)
    batch = answering.batch(data, request.values["rows"], task.needs.labels)
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        policy = Policy(config.augment or (), data.info, data)
        views = task.views(module, batch, policy, rng)
    words = answering.vocabulary(data.folder)
    drawn = task.illustrate(views, batch, IllustrationData(data.info, words))
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
    "cost": cost,
    "illustrate": illustrate,
    "encode": encode,
    "measure": measure,
    "peek": peek,
    "originals": originals,
    "sizes": sizes,
    "quality": quality,
    "new_samples": new_samples,
    "export": export,
    "frames": frames,
    "sample_views": sample_views,
    "invariance": invariance,
    "beside": beside,
}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, Path) else value
