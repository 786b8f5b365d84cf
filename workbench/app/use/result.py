"""What a run says of new samples: how usual they are, their class, their nearest neighbours, where
they would lie on the sample_map."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from workbench.app.shared import sample_cells
from workbench.app.shared.section import section
from workbench.app.shared.session import Located
from workbench.app.use import sample_map
from workbench.app.use.samples import Tried
from workbench.data.dataset import Dataset
from workbench.data.thumbnails import rgb
from workbench.evaluation import new_samples
from workbench.evaluation.new_samples import NeighbourVote, ReferenceSamples, Yardstick
from workbench.plots import cards
from workbench.stored_runs import reference_samples

_NEIGHBOURS = {"image": 12, "text": 6}
_SIDE = 128
_CLASSES_SHOWN = 5


def show(place: Located, data: Dataset, tried: Tried) -> None:
    """One sample in full; of several first a table, and one of them in full."""
    stamp = (place.folder / "embeddings.safetensors").stat().st_mtime
    mine, measure = _read(place.home, place.row.id, stamp, _place=place, _data=data)
    at = 0
    if len(tried.names) > 1:
        at = _table(data, mine, measure, tried)
    h = np.asarray(tried.h[at : at + 1])
    left, right = st.columns([2, 3])
    with left:
        _given(data, tried, at)
    with right:
        _usual(data, mine, measure, h)
        _class(place, data, mine, measure, h, tried)
    _near(data, mine, h)
    section(
        "Where it lies on the map",
        "onmap",
        lambda: sample_map.show(place, data, tried.names[at], h),
    )


@st.cache_resource(max_entries=8, show_spinner="Reading what the run knows")
def _read(
    home: Path, run_id: str, stamp: float, *, _place: Located, _data: Dataset
) -> tuple[ReferenceSamples, Yardstick]:
    found = reference_samples.read(home, _place.row, _data)
    return found, new_samples.yardstick(found)


def _table(data: Dataset, mine: ReferenceSamples, measure: Yardstick, tried: Tried) -> int:
    """All of them in a table with a file to keep; returns which one is looked at."""
    frame = table(data, mine, measure, tried)
    st.dataframe(frame, hide_index=True, width="stretch")
    st.download_button(
        "Download as CSV", frame.to_csv(index=False), "tried.csv", "text/csv",
        icon=":material/download:",
    )  # fmt: skip
    count = len(tried.names)
    chosen = st.selectbox(
        "Look at", range(count), format_func=lambda one: f"{one + 1}: {tried.names[one]}"
    )
    return int(chosen)


def table(data: Dataset, mine: ReferenceSamples, measure: Yardstick, tried: Tried) -> pd.DataFrame:
    """One row a sample: class, share of the vote, nearest neighbour, how far from the data."""
    rows, similarity = new_samples.nearest(mine, tried.h, 1)
    near = rows[:, 0]
    columns: dict[str, object] = {"sample": list(tried.names)}
    said = new_samples.vote(mine, tried.h)
    label = data.info.label
    if said is not None and label is not None:
        columns["voted class"] = [label.classes[code] for code in said.predicted]
        columns["share of the vote"] = said.shares.max(axis=1).round(3)
    ids = data.ids
    columns["nearest training sample"] = [ids[row] for row in near]
    if label is not None:
        columns["its label"] = sample_cells.label_names(data, near)
    columns["similarity"] = similarity[:, 0].round(4)
    far = new_samples.share_nearer(measure, new_samples.distances(mine, tried.h))
    if far is not None:
        columns["farther than share of validation"] = far.round(3)
        columns["unusual"] = far >= new_samples.UNUSUAL
    columns["note"] = list(tried.notes)
    return pd.DataFrame(columns)


def _given(data: Dataset, tried: Tried, at: int) -> None:
    """The sample as it was given, and as the encoder gets it."""
    if tried.notes[at]:
        st.caption(tried.notes[at])
    if tried.pixels is not None:
        size = data.info.size or (1, 1)
        right = cards.figure(
            rgb(np.asarray(tried.pixels[at : at + 1]))[0], "what the encoder gets",
            ["as the encoder gets it", f"{size[1]} x {size[0]}"], side=_SIDE,
        )  # fmt: skip
        one = tried.originals[at] if tried.originals else None
        if one is None or one["picture"] is None:
            st.html(right)
            return
        height, width = one["size"]
        lines = [sample_cells.short(tried.names[at]), f"{width} x {height}"]
        left = cards.figure(one["picture"], tried.names[at], lines, side=_SIDE)
        st.html(cards.pair(left, right))
        return
    st.html(cards.card(tried.texts[at]))
    if tried.pieces:
        st.caption("As the encoder gets it")
        st.html(cards.tokens(tried.pieces[at]))


def _usual(data: Dataset, mine: ReferenceSamples, measure: Yardstick, h: np.ndarray) -> None:
    far = new_samples.share_nearer(measure, new_samples.distances(mine, h))
    what = f"validation {_things(data)}"
    if far is None:
        st.caption(f"There are too few {what} to say how unusual this is.")
        return
    share = float(far[0])
    part = "all" if share == 1 else f"{100 * share:.0f} %"
    told = (
        f"It lies farther from the training {_things(data)} than {part} of the "
        f"{len(measure.distances):,} {what}."
    )
    about = (
        "The anomaly score: mean distance to the 5 nearest training samples in the representation, "
        "every column in units of its own spread."
    )
    if share >= new_samples.UNUSUAL:
        st.warning(
            f"**This is unlike the data.** {told} What is said below may mean nothing.",
            icon=":material/warning:",
        )
        st.caption(about)
    else:
        st.markdown(told, help=about)


def _class(
    place: Located,
    data: Dataset,
    mine: ReferenceSamples,
    measure: Yardstick,
    h: np.ndarray,
    tried: Tried,
) -> None:
    """The vote of the neighbours, how sure it is, and the simple classifier where it was asked."""
    label, said = data.info.label, new_samples.vote(mine, h)
    if label is None:
        st.caption("There are no labels, so that no class can be voted for.")
        return
    if said is None:
        st.caption("All labelled training samples are of one class, so that there is no vote.")
        return
    best = int(said.predicted[0])
    share = float(said.shares[0, best])
    st.markdown(
        f"Its {said.k} nearest training {_things(data)} vote for **{label.classes[best]}**: "
        f"{int(said.counts[0, best])} of them, with {100 * share:.0f} % of the vote."
    )
    found = new_samples.correct_votes(measure, share)
    if found is not None:
        right, count = found
        st.caption(
            f"Of {count:,} validation {_things(data)} with a vote at least as clear, "
            f"{right:,} ({100 * right / count:.0f} %) were voted right."
        )
    else:
        st.caption("How often so clear a vote is right cannot be said: too few of validation are.")
    st.table(_votes(label.classes, said))
    st.caption(
        "Nearer neighbours count more (weight exp(similarity / 0.07)); a share of the vote is no "
        "probability."
    )
    if tried.row is None:
        return
    truth = sample_cells.label_names(data, np.array([tried.row]))[0]
    st.markdown(f"Its own label: **{truth or 'none'}**.")
    answer = reference_samples.classifier_says(place.home, place.row, tried.row)
    if answer is not None:
        st.markdown(f"The simple classifier on frozen features said **{label.classes[answer]}**.")


def _votes(classes: tuple[str, ...], said: NeighbourVote) -> pd.DataFrame:
    order = np.argsort(-said.shares[0], kind="stable")[:_CLASSES_SHOWN]
    order = order[said.counts[0, order] > 0]
    return pd.DataFrame(
        {
            "neighbours": [int(said.counts[0, code]) for code in order],
            "share of the vote": [f"{100 * said.shares[0, code]:.1f} %" for code in order],
        },
        index=[classes[code] for code in order],
    )


def _near(data: Dataset, mine: ReferenceSamples, h: np.ndarray) -> None:
    rows, similarity = new_samples.nearest(mine, h, _NEIGHBOURS[data.info.modality])
    st.subheader("Nearest neighbours")
    more = {at: [f"alike {value:.3f}"] for at, value in enumerate(similarity[0].tolist())}
    st.html(cards.grid(sample_cells.cells(data, rows[0].tolist(), more=more)))
    st.caption(
        f"Of the {len(mine.rows):,} training {_things(data)} that the run embedded, nearest first. "
        "Alike: the cosine in the representation itself, 1 for the same direction. Test samples "
        "are never among them."
    )


def _things(data: Dataset) -> str:
    return "images" if data.info.modality == "image" else "texts"
