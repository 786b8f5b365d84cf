"""The colourings of linked maps: columns of the data, groups, predictions, changed neighbours."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import streamlit as st

from workbench import damage
from workbench.app.shared import session
from workbench.app.shared.linked_map import Colouring
from workbench.data.dataset import Dataset
from workbench.maps.movers import NEIGHBOURS, share_lost
from workbench.maps.neighbours import nearest
from workbench.store import named_groups
from workbench.stored_runs import feature_spaces, validation_predictions
from workbench.stored_runs.feature_spaces import Stamps
from workbench.stored_runs.stored_run import StoredRun

LABELLED = "label"
GROUPS, CHANGE = "named groups", "neighbours changed"
PREDICTED, RIGHT = "predicted class", "right or wrong"
_MOST_GROUPS = 60

Rows = npt.NDArray[np.int64]


def colourings_of(runs: Sequence[StoredRun], rows: Rows, splits: Sequence[str]) -> list[Colouring]:
    """All colourings for these runs of one data set, the label first. No two have one name.

    rows: the samples of the maps, in their order; splits: of each sample.
    """
    first, data = runs[0], runs[0].data
    colourings: dict[str, Colouring] = {}
    for colouring in (
        *(() if data is None else _targets(data, rows)),
        *_split(splits),
        *(() if data is None or first.demo else _group_column(data, rows)),
        *_predictions(runs, data, rows),
        *_changed_neighbours(runs, rows),
        *_named_groups(first, rows),
    ):
        colourings.setdefault(colouring.name, colouring)
    return list(colourings.values())


def splits_of(run: StoredRun) -> list[str]:
    """The split of each sample of a run's map, in its order."""
    path = run.files.map("pca")
    with damage.reading(path):
        table = pq.read_table(path, columns=["split"])
        return [str(split) for split in table["split"].to_pylist()]


def _targets(data: Dataset, rows: Rows) -> Iterator[Colouring]:
    ordered = sorted(data.info.targets, key=lambda target: target.role != LABELLED)
    for target in ordered:
        yield Colouring(
            target.name,
            data.target(target.name)[rows],
            target.classes,
            "The label, which pretraining never saw."
            if target.role == LABELLED
            else "Another column of the data.",
        )


def _split(splits: Sequence[str]) -> Iterator[Colouring]:
    names = tuple(dict.fromkeys(splits))
    values = np.array([names.index(split) for split in splits], np.int64)
    text = "Pretraining saw the training samples; the test split is on no map."
    yield Colouring("split", values, names, text)


def _group_column(data: Dataset, rows: Rows) -> Iterator[Colouring]:
    groups = data.groups
    if groups is None:
        return
    present, values = np.unique(groups[rows], return_inverse=True)
    if len(present) <= _MOST_GROUPS:
        names = tuple("none" if number < 0 else f"{data.info.group} {number}" for number in present)
        text = f"Groups of '{data.info.group}', which never straddle splits, by number."
        yield Colouring(f"group: {data.info.group}", values.astype(np.int64), names, text)


def _predictions(
    runs: Sequence[StoredRun], data: Dataset | None, rows: Rows
) -> Iterator[Colouring]:
    """The class that each run predicts for validation samples, and whether it is right."""
    label = None if data is None else data.info.label
    predictions = [validation_predictions.predictions(run) for run in runs]
    protocol = validation_predictions.protocol(predictions)
    if label is None or protocol is None:
        return
    text = (
        f"By {validation_predictions.READOUTS[protocol]}; validation samples only, others are pale."
    )
    predicted = np.full((len(runs), len(rows)), -1, np.int64)
    right = predicted.copy()
    for panel, of_run in enumerate(predictions):
        if of_run is None or protocol not in of_run.answers:
            continue
        positions, on_map = _positions(of_run.rows, rows)
        answers = np.asarray(of_run.answers[protocol])[positions]
        predicted[panel, on_map] = answers
        right[panel, on_map] = answers == of_run.truth[positions]
    yield Colouring(PREDICTED, predicted, label.classes, text)
    yield Colouring(RIGHT, right, ("wrong", "right"), text)


def _changed_neighbours(runs: Sequence[StoredRun], rows: Rows) -> Iterator[Colouring]:
    """The share of a sample's neighbours that differ from those in the first run."""
    embedded = feature_spaces.with_embeddings(runs)
    if len(embedded) < 2 or len(embedded) < len(runs):
        return
    first_rows, of_first = neighbours(feature_spaces.stamps(embedded[:1]), _runs=embedded[:1])
    positions, on_map = _positions(first_rows, rows)
    values = np.full((len(embedded), len(rows)), np.nan)
    for panel in range(1, len(embedded)):
        other = embedded[panel : panel + 1]
        other_rows, of_other = neighbours(feature_spaces.stamps(other), _runs=other)
        if not np.array_equal(other_rows, first_rows):
            return
        values[panel, on_map] = share_lost(of_first, of_other)[positions]
    values[0] = values[1:].mean(axis=0)
    text = (
        f"Of a sample's {of_first.shape[1]} nearest neighbours in the first run's representations, "
        "how many are others here. On the first map: the mean over the other runs."
    )
    yield Colouring(CHANGE, values, (), text)


def _named_groups(run: StoredRun, rows: Rows) -> Iterator[Colouring]:
    groups = groups_of(run)
    if groups:
        text = "Groups that were named here. A sample in several has the colour of the latest."
        names = tuple(group.name for group in groups)
        yield Colouring(GROUPS, named_groups.as_labels(groups, rows), names, text)


def groups_of(run: StoredRun) -> list[named_groups.NamedGroup]:
    """The groups of samples that were named in the run's data set; none for a demo run."""
    return [] if run.demo else named_groups.groups_of(session.store(), run.fingerprint)


@st.cache_data(max_entries=24, show_spinner="Looking for neighbours")
def neighbours(stamps: Stamps, *, _runs: Sequence[StoredRun]) -> tuple[Rows, Rows]:
    """The mapped samples of one run, ascending, and their nearest neighbours int64 (n, k), as
    positions among them."""
    space = feature_spaces.of_runs(_runs, plain=False)[-1]
    k = max(1, min(NEIGHBOURS, (len(space.rows) - 1) // 3))
    # Ties are drawn with another seed in each run: two collapsed runs agree by chance alone.
    return space.rows, nearest(space.features, k, "cosine", zlib.crc32(space.key.encode()))


def _positions(rows: Rows, wanted: Rows) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """Positions in ``rows`` of those of ``wanted`` that are in it, and which of ``wanted`` are."""
    order = np.argsort(rows, kind="stable")
    positions = order[np.minimum(np.searchsorted(rows, wanted, sorter=order), len(rows) - 1)]
    is_known: npt.NDArray[np.bool_] = rows[positions] == wanted
    return positions[is_known], is_known
