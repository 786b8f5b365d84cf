"""By what the points of linked maps can be coloured: what is known of the samples, and of each
run's view of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import streamlit as st

from workbench import paths
from workbench.app.shared import session
from workbench.app.shared.linked_map import Colouring
from workbench.app.shared.session import Located
from workbench.data.dataset import Dataset
from workbench.maps.movers import NEIGHBOURS, lost
from workbench.maps.neighbours import nearest
from workbench.store import named_groups
from workbench.stored_runs import feature_spaces, validation_predictions
from workbench.stored_runs.feature_spaces import Stamps

LABELLED = "label"
GROUPS, CHANGE = "named groups", "neighbours changed"
PREDICTED, RIGHT = "predicted class", "right or wrong"
_MOST_GROUPS = 60

Rows = npt.NDArray[np.int64]


def of(located: Sequence[Located], rows: Rows, splits: Sequence[str]) -> list[Colouring]:
    """All colourings there are for these runs of one data set, the label first.

    rows: the samples of the maps, in their order; splits: of each.
    """
    place = located[0]
    data = data_of(place)
    found: list[Colouring] = []
    if data is not None:
        found += _targets(data, rows)
    found += _split(splits)
    if data is not None and not place.demo:
        found += _groups_of_data(data, rows)
    found += _answers(located, data, rows)
    found += _change(located, rows)
    found += _named(place, rows)
    names = [one.name for one in found]
    return [one for i, one in enumerate(found) if names.index(one.name) == i]


def data_of(place: Located) -> Dataset | None:
    """What is known of a run's data, with its samples or without; None if its cache is gone."""
    folder = paths.cache_dir(place.home) / str(place.row.config["data"].get("fingerprint"))
    return Dataset.open(folder) if (folder / "info.json").exists() else None


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
    told = "Pretraining saw the training samples; the test split is on no map."
    yield Colouring("split", values, names, told)


def _groups_of_data(data: Dataset, rows: Rows) -> Iterator[Colouring]:
    groups = data.groups
    if groups is None:
        return
    present, values = np.unique(groups[rows], return_inverse=True)
    if len(present) <= _MOST_GROUPS:
        names = tuple("none" if number < 0 else f"{data.info.group} {number}" for number in present)
        told = f"Groups of '{data.info.group}', which never straddle splits, by number."
        yield Colouring(f"group: {data.info.group}", values.astype(np.int64), names, told)


def _answers(located: Sequence[Located], data: Dataset | None, rows: Rows) -> Iterator[Colouring]:
    """What each run's readout says of validation samples, and whether it is right."""
    label = None if data is None else data.info.label
    found = [validation_predictions.predictions(place.home, place.row.id) for place in located]
    protocol = validation_predictions.protocol(found)
    if label is None or protocol is None:
        return
    told = (
        f"By {validation_predictions.READ_BY[protocol]}; validation samples only, others are pale."
    )
    answers = np.full((len(located), len(rows)), -1, np.int64)
    right = answers.copy()
    for panel, one in enumerate(found):
        if one is None or protocol not in one.answers:
            continue
        at, known = _places(one.rows, rows)
        answers[panel, known] = np.asarray(one.answers[protocol])[at]
        right[panel, known] = np.asarray(one.answers[protocol])[at] == one.truth[at]
    yield Colouring(PREDICTED, answers, label.classes, told)
    yield Colouring(RIGHT, right, ("wrong", "right"), told)


def _change(located: Sequence[Located], rows: Rows) -> Iterator[Colouring]:
    """The share of a sample's neighbours that differ from those in the first run."""
    places = feature_spaces.with_embeddings([(place.home, place.row) for place in located])
    if len(places) < 2 or len(places) < len(located):
        return
    at, near = neighbours(feature_spaces.stamps(places[:1]), _places=places[:1])
    here, known = _places(at, rows)
    values = np.full((len(places), len(rows)), np.nan)
    for panel in range(1, len(places)):
        one = places[panel : panel + 1]
        other_rows, other = neighbours(feature_spaces.stamps(one), _places=one)
        if not np.array_equal(other_rows, at):
            return
        values[panel, known] = lost(near, other)[here]
    values[0] = values[1:].mean(axis=0)
    told = (
        f"Of a sample's {near.shape[1]} nearest neighbours in the first run's representations, how "
        "many are others here. On the first map: the mean over the other runs."
    )
    yield Colouring(CHANGE, values, (), told)


def _named(place: Located, rows: Rows) -> Iterator[Colouring]:
    if place.demo:
        return
    groups = named_groups.kept(session.store(), feature_spaces.fingerprint(place.row))
    if groups:
        told = "Groups that were named here. A sample in several has the colour of the latest."
        names = tuple(group.name for group in groups)
        yield Colouring(GROUPS, named_groups.as_labels(groups, rows), names, told)


@st.cache_data(max_entries=24, show_spinner="Looking for neighbours")
def neighbours(stamps: Stamps, *, _places: Sequence[feature_spaces.Place]) -> tuple[Rows, Rows]:
    """The mapped samples of one run, ascending, and their nearest neighbours int64 (n, k), as
    positions among them."""
    space = feature_spaces.of_runs(_places, plain=False)[-1]
    k = max(1, min(NEIGHBOURS, (len(space.rows) - 1) // 3))
    # Another draw for ties in each run: two collapsed ones agree by chance alone.
    return space.rows, nearest(space.features, k, "cosine", zlib.crc32(space.key.encode()))


def _places(known: Rows, rows: Rows) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """(positions in ``known`` of those of ``rows`` that are there, which of ``rows`` these are)."""
    order = np.argsort(known, kind="stable")
    at = order[np.minimum(np.searchsorted(known, rows, sorter=order), len(known) - 1)]
    there: Any = known[at] == rows
    return at[there], there


def splits_of(folder: Path) -> list[str]:
    """The split of each sample of a run's map, in its order."""
    table = pq.read_table(folder / "map_pca.parquet", columns=["split"])
    return [str(split) for split in table["split"].to_pylist()]
