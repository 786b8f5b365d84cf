"""What the engine answers, by the name of the request. Each answer has a file of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbench.config import DataConfig
from workbench.runs.answer_beside import beside
from workbench.runs.answer_cost import cost
from workbench.runs.answer_encode import encode
from workbench.runs.answer_export import export
from workbench.runs.answer_frames import frames
from workbench.runs.answer_illustrate import illustrate
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
