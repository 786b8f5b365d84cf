"""Feature spaces in which neighbours are searched: pixels or words, untrained encoders, runs, and
embeddings from elsewhere.

A space has the training and validation samples of the runs' maps. Nothing here reads the test
split. It needs numpy and pyarrow alone, so that the app's server can use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from workbench import damage
from workbench.evaluation.pixels import raw_input
from workbench.maps.word_counts import word_rows
from workbench.stored_runs.embeddings import positions
from workbench.stored_runs.stored_run import StoredRun, digest, unique_titles

Rows = npt.NDArray[np.int64]
Kind = Literal["plain", "untrained", "run", "outside"]
Stamps = tuple[tuple[str, float], ...]

PIXELS, WORDS = "pixels only", "words only"


@dataclass(frozen=True)
class Space:
    """The features of samples in one space.

    key: the run's id, or a name that is the same in every comparison. title: as people see it.
    rows: int64 (n,), positions in the data set's cache, ascending. features: float32 (n, d).
    configuration: equal for seeds of one configuration, empty if the space is not of a run.
    """

    key: str
    title: str
    kind: Kind
    rows: Rows
    features: npt.NDArray[np.float32]
    configuration: str = ""


def with_embeddings(runs: Sequence[StoredRun]) -> list[StoredRun]:
    """The runs that have embeddings and saw the same data as the first of them."""
    embedded_runs = [run for run in runs if run.has_embeddings]
    return [run for run in embedded_runs if run.fingerprint == embedded_runs[0].fingerprint]


def stamps(runs: Sequence[StoredRun]) -> Stamps:
    """A cache key for these runs' embeddings: each id, and when its file was written."""
    return tuple((run.id, run.embeddings.stamp) for run in runs)


def of_runs(runs: Sequence[StoredRun], *, plain: bool = True) -> list[Space]:
    """The spaces of ``runs``: first pixels or words, then untrained encoders, then the runs.

    runs: of one data set, all with embeddings, see ``with_embeddings``. plain: include pixels or
    words, if the samples are there. Each kind of encoder gives one untrained space.
    """
    if not runs:
        return []
    first = runs[0]
    baselines: list[Space] = []
    trained: list[Space] = []
    rows = mapped_rows(first)
    samples = plain_space(first, rows) if plain else None
    if samples is not None:
        baselines.append(samples)
    titles = unique_titles(runs)
    encoders: dict[str, str] = {}
    for run, title in zip(runs, titles, strict=True):
        h, u = run.embeddings.at(rows)
        encoder = str(run.config.get("encoder") or "encoder")
        kind = digest({"encoder": encoder, "options": run.config.get("encoder_options") or {}})
        if kind not in encoders:
            encoders[kind] = encoder
            key = f"untrained {digest([kind, run.config.get('seed')])}"
            baselines.append(Space(key, "untrained encoder", "untrained", rows, u))
        trained.append(Space(run.id, title, "run", rows, h, run.configuration))
    if len(encoders) > 1:
        names = iter(encoders.values())
        baselines = [
            replace(space, title=f"untrained {next(names)}") if space.kind == "untrained" else space
            for space in baselines
        ]
    return [*baselines, *trained]


def plain_space(run: StoredRun, rows: Rows) -> Space | None:
    """Pixels less their mean, as they are scored, or word counts; None if the samples are gone."""
    data = run.samples
    if data is None:
        return None
    if data.info.modality == "text":
        texts = data.texts
        return Space(WORDS, WORDS, "plain", rows, word_rows([texts[row] for row in rows]))
    pixels = raw_input(data.images, rows)
    return Space(PIXELS, PIXELS, "plain", rows, pixels - pixels.mean(axis=0))


def mapped_rows(run: StoredRun) -> Rows:
    """int64 (n,), ascending: positions of the samples on the run's map (train and validation)."""
    path = run.files.map("pca")
    with damage.reading(path):
        table = pq.read_table(path, columns=["row"])
        rows: Rows = np.sort(positions(table["row"].to_numpy(), run.total))
    return rows


def embedded(
    run: StoredRun,
) -> tuple[Rows, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """All training and validation samples with a stored representation: positions in the cache,
    ascending (n,), and representations, trained and untrained, float32 (n, d) each. Raises
    RequestError if the run has none."""
    embeddings = run.embeddings
    rows = embeddings.seen_rows()
    return rows, *embeddings.at(rows)
