"""The class of a new sample: the vote of its neighbours, how sure it is, and the classifier's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import sample_cells
from workbench.app.use.reference import Reference
from workbench.evaluation import new_samples
from workbench.evaluation.new_samples import NeighbourVote
from workbench.stored_runs import reference_samples

_CLASSES_SHOWN = 5


def show(compared_with: Reference, h: npt.NDArray[np.float32], row: int | None) -> None:
    """Draw the vote on one sample. row: its position in the cache, if it is a validation sample;
    then its own label and the simple classifier's class are drawn, too."""
    label = compared_with.data.info.label
    vote = new_samples.vote(compared_with.samples, h)
    if label is None:
        st.caption("There are no labels, so that no class can be voted for.")
        return
    if vote is None:
        st.caption("All labelled training samples are of one class, so that there is no vote.")
        return
    best = int(vote.predicted[0])
    share = float(vote.shares[0, best])
    st.markdown(
        f"Its {vote.k} nearest training {compared_with.nouns} vote for "
        f"**{plain(label.classes[best])}**: "
        f"{int(vote.counts[0, best])} of them, with {100 * share:.0f} % of the vote."
    )
    st.caption(_certainty(compared_with, share))
    st.table(_shares(label.classes, vote))
    st.caption(
        "Nearer neighbours count more (weight exp(similarity / 0.07)); a share of the vote is no "
        "probability."
    )
    if row is not None:
        truth = sample_cells.label_names(compared_with.data, np.array([row]))[0]
        st.markdown(f"Its own label: **{plain(truth) or 'none'}**.")
        code = reference_samples.probe_prediction(compared_with.run, row)
        if code is not None:
            answer = plain(label.classes[code])
            st.markdown(f"The simple classifier on frozen features said **{answer}**.")


def _certainty(compared_with: Reference, share: float) -> str:
    """How often a vote with this share is right on validation samples."""
    correct_votes = new_samples.correct_votes(compared_with.scale, share)
    if correct_votes is None:
        return "How often so clear a vote is right cannot be said: too few of validation are."
    right, count = correct_votes
    return (
        f"Of {count:,} validation {compared_with.nouns} with a vote at least as clear, "
        f"{right:,} ({100 * right / count:.0f} %) were voted right."
    )


def _shares(classes: tuple[str, ...], vote: NeighbourVote) -> pd.DataFrame:
    """The classes with the largest shares of the vote."""
    order = np.argsort(-vote.shares[0], kind="stable")[:_CLASSES_SHOWN]
    order = order[vote.counts[0, order] > 0]
    return pd.DataFrame(
        {
            "neighbours": [int(vote.counts[0, code]) for code in order],
            "share of the vote": [f"{100 * vote.shares[0, code]:.1f} %" for code in order],
        },
        index=[plain(classes[code]) for code in order],
    )
