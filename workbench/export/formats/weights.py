"""``safetensors``: weights alone, to be loaded into the same encoder by the workbench or by hand.

``encoder.safetensors`` has a tensor for each parameter and buffer, by the names of the encoder's
``state_dict``, and in its metadata the encoder's name and options, its dimension and the
description of the data. Every export holds it, so this format adds no file of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.export.formats.base import ExportFormat

if TYPE_CHECKING:
    from torch import nn

    from workbench.data.dataset import DataInfo


def write(encoder: nn.Module, info: DataInfo, folder: Path) -> list[Path]:
    """Nothing besides the weights."""
    return []


FORMAT = ExportFormat(
    name="safetensors",
    title="Encoder, weights alone",
    help="A zip with encoder.safetensors (its name, options and data in the metadata), "
    "configuration, scores, embeddings, maps, and the tokenizer of a run on texts.",
    place=0,
    write=write,
)
