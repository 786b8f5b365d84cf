"""What an export format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from workbench.data.dataset import DataInfo


@dataclass(frozen=True)
class ExportFormat:
    """One way to write an encoder.

    name: what ``--format`` takes. title, help: for the Use page. place: in the list of formats.
    write: adds the format's own files to a folder and returns their paths; it gets the encoder (in
    eval mode, on the CPU), the description of its data and the folder. Whatever the format,
    ``encoder.safetensors`` and what belongs to the run are written besides.
    """

    name: str
    title: str
    help: str
    place: int
    write: Callable[[nn.Module, DataInfo, Path], list[Path]]
