"""Data sets in a notebook: ``load`` prepares one, ``Data`` gives its images, texts and labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench import paths
from workbench.config import DataConfig
from workbench.data.dataset import DataInfo, Dataset, SplitName
from workbench.errors import RequestError
from workbench.store.store import Store


@dataclass(frozen=True)
class Data:
    """A prepared data set. ``info`` describes it; ``images``, ``texts`` and ``labels`` read it."""

    config: DataConfig
    dataset: Dataset
    home: Path

    @property
    def info(self) -> DataInfo:
        return self.dataset.info

    def images(self, split: SplitName = "train") -> npt.NDArray[np.uint8]:
        """uint8 (n, H, W, C) of ``split``."""
        rows = self.dataset.rows(split)
        return np.asarray(self.dataset.images[rows]).transpose(0, 2, 3, 1)

    def texts(self, split: SplitName = "train") -> list[str]:
        """The raw texts of ``split``."""
        return self.dataset.texts[self.dataset.rows(split)]

    def labels(
        self, split: SplitName = "train", target: str | None = None
    ) -> npt.NDArray[np.int64]:
        """int64 (n,) class indices; -1 where missing. Raises RequestError without labels."""
        name = target or (self.info.label.name if self.info.label else None)
        if name is None:
            raise RequestError(
                f"'{self.info.name}' has no labels.", field="data", remedy="Give label=COLUMN."
            )
        return self.dataset.target(name)[self.dataset.rows(split)]

    def hold_test(self, on: bool = True) -> None:
        """Hide the test scores of these data: their runs show validation scores until each is
        confirmed (``Run.confirm_test``). With ``on=False`` show them again."""
        from workbench.stored_runs import hidden_test

        hidden_test.switch(Store.open(self.home), self.info.fingerprint, on)

    def _repr_html_(self) -> str:
        counts = ", ".join(f"{n:,} {split}" for split, n in self.info.counts.items())
        return f"<b>{self.info.title}</b> ({self.info.modality}): {counts}"


def load(
    source: str | npt.NDArray[Any] | Sequence[str],
    *,
    labels: Sequence[Any] | None = None,
    name: str = "notebook",
    home: Path | str | None = None,
    **reading: Any,
) -> Data:
    """Prepare data: ``sample:NAME``, a path, ``hub:OWNER/NAME``, an array of images, or texts.

    An array is uint8 (n, H, W) or (n, H, W, C), or float in [0, 1] of those shapes. labels: of an
    array or texts, one for each. reading: fields of ``DataConfig`` (label, group, text, size,
    samples, ...). Raises RequestError that names field and remedy.
    """
    from workbench.data import prepare, prepare_arrays

    home = home_of(home)
    if isinstance(source, str):
        config = DataConfig(source=source, **reading)
        dataset = prepare(config, home)
    else:
        config, dataset = prepare_arrays(source, home, labels=labels, name=name, **reading)
    return Data(dataclasses.replace(config, fingerprint=dataset.info.fingerprint), dataset, home)


def home_of(home: Path | str | None) -> Path:
    """``home`` as a path; None for the default home."""
    return Path(home) if home is not None else paths.default_home()
