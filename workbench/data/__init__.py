"""Data: every source becomes a memory-mapped cache of uint8 images or token ids.

Start with ``preparing`` (from a ``DataConfig`` to an opened ``Dataset``) and ``dataset`` (what a
``Dataset`` holds). ``sources`` finds samples and makes a ``Listing`` of them; ``building`` makes
the cache from it, with ``decoding``, ``tokenizer``, ``roles`` (label, factors, group) and
``splits``. ``inspection`` and ``peek`` look at a source before it is prepared; ``quality``,
``split_overlap`` and ``originals`` at prepared data. ``sampling`` draws the samples that are
scored and mapped; ``new_files`` and ``arrays`` read new samples as the prepared ones were read.

Everything above may import this room. It imports ``config``, ``paths``, ``errors`` and ``hub`` and
no other room. Importing it is cheap: functions import what they need when they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from workbench.config import DataConfig
    from workbench.data.dataset import DataInfo, Dataset
    from workbench.data.inspection import Inspection

__all__ = ["arrays_like", "inspect", "prepare", "prepare_arrays", "prepare_like"]

Progress = Callable[[str, float], None]


def prepare(
    config: DataConfig,
    home: Path,
    progress: Progress | None = None,
    *,
    within: Path | None = None,
    check: Callable[[DataInfo], object] | None = None,
) -> Dataset:
    """The prepared data set that ``config`` describes; see ``workbench.data.preparing``."""
    from workbench.data.preparing import prepare as made

    return made(config, home, progress, within=within, check=check)


def prepare_like(
    config: DataConfig, home: Path, reference: Dataset, progress: Progress | None = None
) -> Dataset:
    """Another source, prepared exactly as ``reference`` was; see ``workbench.data.preparing``."""
    from workbench.data.preparing import prepare_like as made

    return made(config, home, reference, progress)


def prepare_arrays(
    source: npt.NDArray[Any] | Sequence[str],
    home: Path,
    *,
    labels: Sequence[Any] | None = None,
    name: str = "notebook",
    **options: Any,
) -> tuple[DataConfig, Dataset]:
    """Images or texts from a notebook, stored and prepared; see ``workbench.data.arrays``."""
    from workbench.data.arrays import prepare_arrays as made

    return made(source, home, labels=labels, name=name, **options)


def arrays_like(
    source: npt.NDArray[Any] | Sequence[str], reference: Dataset
) -> npt.NDArray[np.uint8] | list[npt.NDArray[np.int64]]:
    """Arrays prepared as the samples of ``reference`` were; see ``workbench.data.arrays``."""
    from workbench.data.arrays import arrays_like as made

    return made(source, reference)


def inspect(config: DataConfig, home: Path, *, within: Path | None = None) -> Inspection:
    """What a source holds, without preparing it; see ``workbench.data.inspection``."""
    from workbench.data.inspection import inspect as made

    return made(config, home, within=within)
