"""A stored run under one type: its row, its folder, its configuration, its data, its embeddings.

Whoever reads anything of a run in a home does it through ``StoredRun``. It needs numpy and pyarrow
alone, so that the app's server can use it. Start reading here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench import comparison, paths
from workbench.data import library
from workbench.data.dataset import Dataset
from workbench.diagnostics import verdict_words
from workbench.errors import DamageError, RequestError
from workbench.records import ConfigRecord, RunRecord, VerdictRecord
from workbench.run_folder import RunFolder
from workbench.store.rows import ENDED, RunRow
from workbench.store.store import Store
from workbench.stored_runs import hidden_test
from workbench.stored_runs.embeddings import Embeddings
from workbench.stored_runs.run_record import run_record

# Fields that differ between seeds of one configuration, or say where a run is made and not how.
_NOT_CONFIGURATION = ("seed", "device", "plugins")


@dataclass(frozen=True)
class StoredRun:
    """A run and the home that it lies in.

    demo: the run is one that comes with the workbench. Nothing may be written in its home.
    """

    home: Path
    row: RunRow
    demo: bool = False

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def config(self) -> ConfigRecord:
        """The configuration as it was stored."""
        return self.row.config

    @property
    def folder(self) -> Path:
        return paths.run_dir(self.home, self.row.id)

    @property
    def files(self) -> RunFolder:
        return RunFolder(self.folder)

    @property
    def store(self) -> Store:
        return Store.open(self.home, read_only=self.demo)

    @property
    def finished(self) -> bool:
        return self.row.state == "finished"

    @property
    def may_keep_results(self) -> bool:
        """Whether results computed from the run's files may be stored in its folder: not in the
        demo home, and not while a worker still writes there."""
        return not self.demo and self.row.state in ENDED

    @property
    def fingerprint(self) -> str:
        """The content address of the data set that the run saw; "" for a run without one."""
        return self.row.fingerprint or ""

    @property
    def data_folder(self) -> Path:
        """Where the prepared data set lies, unless it was removed."""
        return paths.cache_dir(self.home) / (self.fingerprint or "none")

    @cached_property
    def data(self) -> Dataset | None:
        """The run's data set, perhaps without its images or texts; None if its cache is gone.

        Labels and counts are there. Of some demo runs images and texts are not: see ``samples``.
        """
        if not Dataset.exists(self.data_folder):
            return None
        source = self.config["data"].get("source", "")
        return library.known_as(Dataset.open(self.data_folder), source)

    @cached_property
    def samples(self) -> Dataset | None:
        """The run's data set with its images or texts; None if they are gone."""
        data = self.data
        return data if data is not None and data.has_samples else None

    @property
    def has_embeddings(self) -> bool:
        """Whether the run has stored representations. It stores them when it is scored."""
        return self.files.embeddings.exists()

    @property
    def embeddings(self) -> Embeddings:
        """The run's stored representations. Raises RequestError if it has none."""
        if not self.has_embeddings:
            raise RequestError(
                f"run '{self.id}' ({self.row.state}) kept no representations.",
                field="RUN",
                remedy="They are written when a run is scored; stopped runs and stored demo runs "
                "have none.",
            )
        return Embeddings(self.files.embeddings, self.id, self.total)

    @property
    def total(self) -> int | None:
        """Samples of the run's data; None if the prepared data are gone or damaged."""
        try:
            return None if self.data is None else self.data.info.total
        except DamageError:
            return None

    @property
    def configuration(self) -> str:
        """A key that is equal for runs that differ at most in seed, device and paths of plugins."""
        fields = {k: v for k, v in self.config.items() if k not in _NOT_CONFIGURATION}
        return digest(fields)

    @property
    def verdict(self) -> VerdictRecord | None:
        """The collapse check in today's words; None before the first check."""
        return verdict_words.rendered(self.row.summary.get("verdict"))

    @property
    def hides_test(self) -> bool:
        """Whether the run's test scores are hidden (``hidden_test.py``). Nothing is hidden of a
        demo run."""
        return not self.demo and bool(hidden_test.hidden_runs(self.store, [self.row]))

    def record(self, *, curves: bool = False) -> RunRecord:
        """The run as ``workbench show --json`` gives it. curves: with all points of all metrics."""
        return run_record(
            self.row, self.folder, self.store, hides_test=self.hides_test, curves=curves
        )


def find(home: Path, run_id: str) -> StoredRun | None:
    """The run ``run_id`` of this home, else of the demo runs; None if neither has it."""
    row = Store.open(home).find(run_id)
    if row is not None:
        return StoredRun(home, row)
    demo = paths.demo_home()
    if not (demo / "store.db").exists():
        return None
    row = Store.open(demo, read_only=True).find(run_id)
    return None if row is None else StoredRun(demo, row, demo=True)


def get(home: Path, run_id: str) -> StoredRun:
    """As ``find``. Raises RequestError if there is no such run."""
    run = find(home, run_id)
    if run is None:
        raise RequestError(
            f"there is no run '{run_id}'.",
            field="RUN",
            remedy="It may have been deleted; see the list of runs.",
        )
    return run


def unique_titles(runs: Sequence[StoredRun]) -> list[str]:
    """The runs' titles; where two are the same, with their ids."""
    return comparison.unique_titles(
        [{"id": run.id, "name": run.row.name, "config": run.config} for run in runs]
    )


def digest(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """A short key of a JSON value: equal values have equal keys."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
