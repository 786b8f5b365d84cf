"""What the engine answers, by the name of the request. Each answer has a file of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbench.config import DataConfig
from workbench.engine.handlers.cost import cost
from workbench.engine.handlers.encode import encode
from workbench.engine.handlers.export import export
from workbench.engine.handlers.external import beside
from workbench.engine.handlers.frames import frames
from workbench.engine.handlers.illustrate import illustrate
from workbench.engine.handlers.invariance import invariance
from workbench.engine.handlers.measure import measure
from workbench.engine.handlers.new_samples import new_samples
from workbench.engine.handlers.originals import originals
from workbench.engine.handlers.peek import peek
from workbench.engine.handlers.preview import preview
from workbench.engine.handlers.quality import quality
from workbench.engine.handlers.sample_views import sample_views
from workbench.engine.handlers.sizes import sizes
from workbench.engine.wire import Message


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
