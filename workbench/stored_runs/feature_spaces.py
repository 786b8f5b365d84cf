"""Feature spaces in which neighbours are searched: pixels or words, untrained encoders, runs, and
embeddings from elsewhere.

A run's folder is read with numpy alone, so that the app's server can do it. A space holds the
training and validation samples of the runs' maps; nothing here reads the test split.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from workbench import comparison
from workbench.evaluation.pixels import raw_input
from workbench.maps.word_counts import word_rows
from workbench.store.rows import RunRow
from workbench.stored_runs.stored_run import StoredRun, digest

Rows = npt.NDArray[np.int64]
Kind = Literal["plain", "untrained", "run", "outside"]
Stamps = tuple[tuple[str, float], ...]

PIXELS, WORDS = "pixels only", "words only"


@dataclass(frozen=True)
class Space:
    """Features of samples.

    key: the run's id, or another name that is the same in every comparison. title: for people.
    rows: int64 (n,), positions in the data set's cache, ascending. features: float32 (n, d).
    configuration: equal for seeds of one configuration, empty for a space that is no run's.
    """

    key: str
    title: str
    kind: Kind
    rows: Rows
    features: npt.NDArray[np.float32]
    configuration: str = ""


def with_embeddings(runs: Sequence[StoredRun]) -> list[StoredRun]:
    """The runs that kept their embeddings and saw the same data as the first of these."""
    kept = [run for run in runs if run.has_embeddings]
    return [run for run in kept if run.fingerprint == kept[0].fingerprint]


def stamps(runs: Sequence[StoredRun]) -> Stamps:
    """A cache key for these runs' embeddings: ids, and when the files were written."""
    return tuple((run.id, run.embeddings.stamp) for run in runs)


def of_runs(runs: Sequence[StoredRun], *, plain: bool = True) -> list[Space]:
    """Pixels or words (``plain``, where the cache is there), untrained encoders, then the runs.

    runs: of one data set, all with embeddings, see ``with_embeddings``. There is one untrained
    encoder for each kind of encoder, that of the first run's seed.
    """
    if not runs:
        return []
    first = runs[0]
    before: list[Space] = []
    after: list[Space] = []
    rows = mapped_rows(first)
    samples = plain_space(first, rows) if plain else None
    if samples is not None:
        before.append(samples)
    titles = unique_titles([run.row for run in runs])
    encoders: dict[str, str] = {}
    for run, title in zip(runs, titles, strict=True):
        h, u = run.embeddings.at(rows)
        encoder = str(run.config.get("encoder") or "encoder")
        kind = digest({"encoder": encoder, "options": run.config.get("encoder_options") or {}})
        if kind not in encoders:
            encoders[kind] = encoder
            key = f"untrained {digest([kind, run.config.get('seed')])}"
            before.append(Space(key, "untrained encoder", "untrained", rows, u))
        after.append(Space(run.id, title, "run", rows, h, run.configuration))
    if len(encoders) > 1:
        names = iter(encoders.values())
        before = [
            replace(space, title=f"untrained {next(names)}") if space.kind == "untrained" else space
            for space in before
        ]
    return [*before, *after]


def plain_space(run: StoredRun, rows: Rows) -> Space | None:
    """Pixels around their mean, as they are scored, or word counts; None if the cache is gone."""
    data = run.samples
    if data is None:
        return None
    if data.info.modality == "text":
        texts = data.texts
        return Space(WORDS, WORDS, "plain", rows, word_rows([texts[row] for row in rows]))
    pixels = raw_input(data.images, rows)
    return Space(PIXELS, PIXELS, "plain", rows, pixels - pixels.mean(axis=0))


def mapped_rows(run: StoredRun) -> Rows:
    """Positions in the cache, ascending, of the samples on the run's map: train and validation."""
    table = pq.read_table(run.files.map("pca"), columns=["row"])
    rows: Rows = np.sort(table["row"].to_numpy().astype(np.int64))
    return rows


def embedded(
    run: StoredRun,
) -> tuple[Rows, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Every training and validation sample that the run kept a representation of: positions in the
    cache, ascending (n,); float32 (n, d), trained and untrained. Raises RequestError if it kept
    none."""
    embeddings = run.embeddings
    rows = embeddings.seen_rows()
    return rows, *embeddings.at(rows)


def unique_titles(rows: Sequence[RunRow]) -> list[str]:
    """What runs are called, with their ids where two are called the same."""
    return comparison.unique_titles(
        [{"id": row.id, "name": row.name, "config": row.config} for row in rows]
    )
