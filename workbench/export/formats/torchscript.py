"""``torchscript``: an encoder that ``torch.jit.load`` opens without the workbench.

``encoder.pt`` maps float images (B, C, H, W) in [0, 1], or token ids (B, L), to h (B, dim). It is a
trace: a program recorded on one example, for any batch size.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.export.formats.base import ExportFormat
from workbench.lazy import torch

if TYPE_CHECKING:
    from torch import nn

    from workbench.data.dataset import DataInfo


def write(encoder: nn.Module, info: DataInfo, folder: Path) -> list[Path]:
    """Writes ``encoder.pt``."""
    path = folder / "encoder.pt"
    if info.size is not None:
        example = torch.rand(2, info.channels or 3, *info.size)
    else:
        example = torch.randint(5, info.vocabulary or 100, (2, info.length or 16))
    with torch.no_grad():
        script = torch.jit.trace(encoder, (example,), check_trace=False)  # type: ignore[no-untyped-call]
    script.save(str(path))
    return [path]


FORMAT = ExportFormat(
    name="torchscript",
    title="Encoder that runs without the workbench",
    help="The same, and encoder.pt, which torch.jit.load opens: pixels in [0, 1] or token ids in, "
    "representations out.",
    place=1,
    write=write,
)
