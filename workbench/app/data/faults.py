"""What makes scores flatter or teaches nothing: copies across splits, near copies, blank samples.
Each is shown, so that one can see what is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from workbench.app.shared import messages, run_words, sample_cells, session
from workbench.config import DataConfig
from workbench.data.dataset import SPLITS, Dataset
from workbench.errors import WorkbenchError
from workbench.plots import cards

_SHOWN = 12


def show(data: Dataset, config: DataConfig) -> None:
    """Draw the three parts."""
    try:
        found = _quality(session.home(), data.info.fingerprint)
    except WorkbenchError as error:
        messages.tell(error)
        return
    _copies(data, found["duplicates"])
    _near(data, found["twins"])
    if data.info.modality == "image":
        _blank(data, found["pictures"])
    else:
        _short(data, found["short"])


@st.cache_data(max_entries=32, show_spinner="Comparing samples")
def _quality(home: Path, fingerprint: str) -> Mapping[str, Any]:
    return session.engine().quality(fingerprint)


def _copies(data: Dataset, found: Mapping[str, Any]) -> None:
    st.subheader("Copies")
    st.write(found["sentence"])
    within = {name: count for name, count in found["within"].items() if count}
    if within:
        told = ", ".join(f"{n:,} in {run_words.SPLIT_NAMES[name]}" for name, n in within.items())
        st.caption(f"Copies within one split: {told}. They only count twice.")
    pairs = [(int(row), int(other)) for row, other in found["examples"]]
    if pairs:
        _pairs(data, pairs, [()] * len(pairs))
        total = sum(found["across"].values())
        st.caption(
            f"{min(len(pairs), _SHOWN)} of {total:,} pairs are shown: at the left the sample that "
            "leaks, at the right its copy in training. A model that has seen the copy need not "
            "understand the sample; leave one of them out of the source."
        )


def _near(data: Dataset, found: Mapping[str, Any]) -> None:
    st.subheader("Near copies")
    what = "images" if data.info.modality == "image" else "texts"
    by = "correlation of pixels" if what == "images" else "cosine of word counts"
    if not found["others"]:
        st.write("There is no other split to compare training with.")
        return
    looked = (
        f"{found['others']:,} validation and test {what} compared with {found['training']:,} "
        f"training {what}, by {by}."
    )
    if not found["count"]:
        st.write(f"No pair is more alike than {found['near']:g}.")
        st.caption(looked)
        return
    st.write(
        f"{found['count']:,} {what} of validation or test are nearly a training one ({by} "
        f"{found['near']:g} or more). Whether each is the same thing twice is for you to see: "
        "plain shapes are alike without being copies."
    )
    pairs = [(int(row), int(other)) for row, other, _ in found["pairs"]]
    _pairs(data, pairs, [(f"alike {similar:.3f}",) for _, _, similar in found["pairs"]])
    st.caption(looked)


def _pairs(data: Dataset, pairs: Sequence[tuple[int, int]], told: Sequence[Sequence[str]]) -> None:
    shown = list(zip(pairs, told, strict=True))[:_SHOWN]
    rows = [row for pair, _ in shown for row in pair]
    more = {
        2 * at + side: (
            [run_words.SPLIT_NAMES[_split_of(data, pair[side])], *(lines if not side else ())]
        )
        for at, (pair, lines) in enumerate(shown)
        for side in (0, 1)
    }
    made = sample_cells.cells(data, rows, side=72, more=more)
    st.html(cards.grid([cards.pair(a, b) for a, b in zip(made[::2], made[1::2], strict=True)]))


def _blank(data: Dataset, found: Mapping[str, Any]) -> None:
    st.subheader("Blank images")
    st.write(found["sentence"])
    rows = [int(row) for row in found["constant"]][:_SHOWN]
    if rows:
        st.html(cards.grid(sample_cells.cells(data, rows, more=_where(data, rows))))
        st.caption("Two augmented views of such an image are equal, so that it teaches nothing.")
    st.caption(
        f"Mean brightness {found['brightness']:.0f} and contrast {found['contrast']:.0f}, of 255."
    )


def _short(data: Dataset, found: Mapping[str, Any]) -> None:
    st.subheader("Near-empty texts")
    if not found["count"]:
        st.write("No text has fewer than three tokens.")
        return
    st.write(
        f"{found['count']:,} texts have one or two tokens: there is little to hide and guess in "
        "them."
    )
    rows = [int(row) for row in found["rows"]]
    st.html(cards.grid(sample_cells.cells(data, rows, more=_where(data, rows))))


def _where(data: Dataset, rows: Sequence[int]) -> dict[int, list[str]]:
    return {at: [run_words.SPLIT_NAMES[_split_of(data, row)]] for at, row in enumerate(rows)}


def _split_of(data: Dataset, row: int) -> str:
    return next(name for name in SPLITS if row < data.rows(name).stop)
