"""The result for new samples: how unusual they are, their class, neighbours and map position."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from workbench.app import tables
from workbench.app.plain import plain
from workbench.app.shared import sample_cells
from workbench.app.shared.section import section
from workbench.app.use import class_vote, reference, sample_map
from workbench.app.use.reference import Reference
from workbench.app.use.samples import TriedSamples
from workbench.data.dataset import Dataset
from workbench.data.thumbnails import rgb
from workbench.evaluation import new_samples
from workbench.plots import cards
from workbench.stored_runs.stored_run import StoredRun

_NEIGHBOURS = {"image": 12, "text": 6}
_SIDE = 128


def show(run: StoredRun, data: Dataset, tried: TriedSamples) -> None:
    """Draw one sample in full; of several, a table first."""
    compared_with = reference.read(run, data)
    position = _choose(compared_with, tried) if len(tried.names) > 1 else 0
    h = np.asarray(tried.h[position : position + 1])
    own = int(new_samples.training_positions(compared_with.samples, h)[0])
    own_id = data.ids[int(compared_with.samples.rows[own])] if own >= 0 else ""
    compared_with = compared_with.without(own)
    left, right = st.columns([2, 3])
    with left:
        _sample(data, tried, position)
    with right:
        _distance(compared_with, h, own_id)
        class_vote.show(compared_with, h, tried.row)
    _neighbours(compared_with, h)
    section(
        "Where it lies on the map",
        "onmap",
        lambda: sample_map.show(run, data, tried.names[position], h),
    )


def _choose(compared_with: Reference, tried: TriedSamples) -> int:
    """Draw the table of all samples and its download; returns the position of the chosen one."""
    frame = table(compared_with, tried)
    help_of = tables.column_help(frame.columns)
    st.dataframe(frame, hide_index=True, width="stretch", column_config=help_of)
    st.download_button(
        "Download as CSV",
        frame.to_csv(index=False),
        "tried.csv",
        "text/csv",
        icon=":material/download:",
    )
    names = [f"{number}: {name}" for number, name in enumerate(tried.names, start=1)]
    return int(st.selectbox("Look at", range(len(names)), format_func=names.__getitem__))


def table(compared_with: Reference, tried: TriedSamples) -> pd.DataFrame:
    """One row a sample: class, share of the vote, nearest neighbour, distance from the data."""
    data, samples = compared_with.data, compared_with.samples
    rows, similarity = new_samples.nearest(samples, tried.h, 1)
    nearest = rows[:, 0]
    columns: dict[str, object] = {"sample": list(tried.names)}
    own = new_samples.training_positions(samples, tried.h)
    shares, distances = _of_each(compared_with, tried.h, own)
    label = data.info.label
    if shares is not None and label is not None:
        columns["voted class"] = [label.classes[code] for code in shares.argmax(axis=1)]
        columns["share of the vote"] = shares.max(axis=1).round(3)
    columns["in training"] = own >= 0
    ids = data.ids
    columns["nearest training sample"] = [ids[row] for row in nearest]
    if label is not None:
        columns["its label"] = sample_cells.label_names(data, nearest)
    columns["similarity"] = similarity[:, 0].round(4)
    farther = new_samples.share_nearer(compared_with.scale, distances)
    if farther is not None:
        among = new_samples.share_nearer(compared_with.scale, distances, training=True)
        farther = farther if among is None else np.where(own >= 0, among, farther)
        columns[f"farther than share of {compared_with.nouns}"] = farther.round(3)
        columns["unusual"] = (farther >= new_samples.UNUSUAL) & (own < 0)
    columns["note"] = list(tried.notes)
    return pd.DataFrame(columns)


def _of_each(
    compared_with: Reference, h: npt.NDArray[np.float32], own: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64] | None, npt.NDArray[np.float64]]:
    """Shares of the vote (m, classes), None without one, and distances (m,). A sample that is a
    training sample (its position in ``own``) is left out of its own neighbours."""
    vote = new_samples.vote(compared_with.samples, h)
    shares = None if vote is None else vote.shares
    distances = new_samples.distances(compared_with.samples, h)
    for i in np.flatnonzero(own >= 0).tolist():
        others = new_samples.without(compared_with.samples, int(own[i]))
        distances[i] = new_samples.distances(others, h[i : i + 1])[0]
        alone = new_samples.vote(others, h[i : i + 1])
        if shares is not None and alone is not None:
            shares[i] = alone.shares[0]
    return shares, distances


def _sample(data: Dataset, tried: TriedSamples, position: int) -> None:
    """Draw the sample as it was given, and as the encoder gets it."""
    if tried.notes[position]:
        st.caption(plain(tried.notes[position]))
    if tried.pixels is not None:
        st.html(_pictures(data, tried, tried.pixels[position : position + 1], position))
        return
    st.html(cards.card(tried.texts[position]))
    if tried.pieces:
        st.caption("As the encoder gets it")
        st.html(cards.tokens(tried.pieces[position]))


def _pictures(
    data: Dataset, tried: TriedSamples, pixels: npt.NDArray[np.uint8], position: int
) -> str:
    size = data.info.size or (1, 1)
    lines = ["as the encoder gets it", f"{size[1]} x {size[0]}"]
    encoded = cards.figure(rgb(np.asarray(pixels))[0], "what the encoder gets", lines, side=_SIDE)
    original = tried.originals[position] if tried.originals else None
    if original is None or original["picture"] is None or original["size"] is None:
        return encoded
    name, (height, width) = tried.names[position], original["size"]
    lines = [sample_cells.short(name), f"{width} x {height}"]
    return cards.pair(cards.figure(original["picture"], name, lines, side=_SIDE), encoded)


def _distance(compared_with: Reference, h: npt.NDArray[np.float32], own_id: str) -> None:
    """Draw how far the sample lies from the training samples, on the scale of validation; of a
    training sample (own_id: its id) on the scale of the others."""
    scale, nouns = compared_with.scale, compared_with.nouns
    far = new_samples.distances(compared_with.samples, h)
    shares = new_samples.share_nearer(scale, far, training=bool(own_id))
    if own_id:
        st.info(
            f"This is the training sample '{plain(own_id)}': the model has seen it. It is left out "
            "of its own neighbours.",
            icon=":material/school:",
        )
    if shares is None:
        which = "training" if own_id else "validation"
        st.caption(f"There are too few {which} {nouns} to say how unusual this is.")
        return
    share = float(shares[0])
    part = "all" if share == 1 else f"{100 * share:.0f} %"
    sentence = (
        f"It lies farther from the other training {nouns} than {part} of them do."
        if own_id
        else f"It lies farther from the training {nouns} than {part} of the "
        f"{len(scale.distances):,} validation {nouns}."
    )
    definition = (
        "The anomaly score: mean distance to the 5 nearest training samples in the representation, "
        "every column in units of its own spread."
    )
    if share >= new_samples.UNUSUAL and not own_id:
        st.warning(
            f"**This is unlike the data.** {sentence} Class and neighbours may mean nothing.",
            icon=":material/warning:",
        )
        st.caption(definition)
    else:
        st.markdown(sentence, help=definition)


def _neighbours(compared_with: Reference, h: npt.NDArray[np.float32]) -> None:
    data, samples = compared_with.data, compared_with.samples
    rows, similarity = new_samples.nearest(samples, h, _NEIGHBOURS[data.info.modality])
    st.subheader("Nearest neighbours")
    more = {rank: [f"alike {value:.3f}"] for rank, value in enumerate(similarity[0].tolist())}
    st.html(cards.grid(sample_cells.cells(data, rows[0].tolist(), more=more)))
    st.caption(
        f"Of the {len(samples.rows):,} training {compared_with.nouns} that the run embedded, "
        "nearest first. Alike: the cosine in the representation, 1 for the same direction. Test "
        "samples are never among them."
    )
