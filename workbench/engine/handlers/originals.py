"""The engine's ``originals``: samples as they lay in their source, beside the prepared ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from workbench.engine.handlers import samples, source
from workbench.engine.wire import Message

if TYPE_CHECKING:
    from workbench.data.originals import Original

_MOST = 32


def originals(request: Message, home: Path) -> Message:
    """Pictures of the originals at ``rows``; of texts, their tokens and where they are cut."""
    from workbench.data.originals import cut_texts
    from workbench.data.originals import originals as found_at

    data = samples.dataset(home, str(request.values["fingerprint"]))
    rows = [int(row) for row in request.values["rows"][:_MOST]]
    if data.info.modality == "text":
        texts = cut_texts(data, rows)
        return Message(
            {
                "texts": [
                    {"pieces": list(one.pieces), "tokens": one.tokens, "kept": one.kept}
                    for one in texts
                ]
            }
        )
    config, within = source.source(request)
    told, arrays = images_of(found_at(config, data, rows, within=within))
    return Message({"images": told}, arrays)


def images_of(
    found: Sequence[Original],
) -> tuple[list[dict[str, Any]], dict[str, npt.NDArray[np.uint8]]]:
    """Originals as a message holds them: ``picture`` names an array, or is None."""
    arrays: dict[str, npt.NDArray[np.uint8]] = {}
    told = []
    for one in found:
        name = None if one.picture is None else f"picture{len(arrays)}"
        if name is not None and one.picture is not None:
            arrays[name] = one.picture
        told.append(
            {
                "name": one.name,
                "size": None if one.size is None else list(one.size),
                "channels": one.channels,
                "deep": one.deep,
                "picture": name,
                "error": one.error,
            }
        )
    return told, arrays
