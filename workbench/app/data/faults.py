"""Faults of data: copies across splits, which flatter scores, near copies, and blank samples.

The samples themselves are shown, so that one can judge what is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import messages, run_words, sample_cells, session
from workbench.config import DataConfig
from workbench.data.dataset import SPLITS, Dataset
from workbench.engine.data_replies import (
    DuplicatesRecord,
    NearDuplicatesRecord,
    PicturesRecord,
    QualityRecord,
    ShortTextsRecord,
)
from workbench.errors import WorkbenchError
from workbench.plots import cards

_SHOWN = 12


def show(data: Dataset, config: DataConfig) -> None:
    """Draw the three parts."""
    try:
        quality = _quality(session.home(), data.info.fingerprint)
    except WorkbenchError as error:
        messages.show_error(error)
        return
    _copies(data, quality["duplicates"])
    _near_duplicates(data, quality["twins"])
    if "pictures" in quality:
        _blank_images(data, quality["pictures"])
    if "short" in quality:
        _short_texts(data, quality["short"])


@st.cache_data(max_entries=32, show_spinner="Comparing samples")
def _quality(home: Path, fingerprint: str) -> QualityRecord:
    return session.engine().quality(fingerprint)


def _copies(data: Dataset, duplicates: DuplicatesRecord) -> None:
    st.subheader("Copies")
    st.write(plain(duplicates["sentence"]))
    within = {name: count for name, count in duplicates["within"].items() if count}
    if within:
        parts = ", ".join(f"{n:,} in {run_words.SPLIT_NAMES[name]}" for name, n in within.items())
        st.caption(f"Copies within one split: {parts}. They only count twice.")
    pairs = [(row, other) for row, other in duplicates["examples"]]
    if pairs:
        _pairs(data, pairs, [()] * len(pairs))
        total = sum(duplicates["across"].values())
        st.caption(
            f"{min(len(pairs), _SHOWN)} of {total:,} pairs are shown: at the left the sample that "
            "leaks, at the right its copy in training. A model that has seen the copy need not "
            "understand the sample; leave one of them out of the source."
        )


def _near_duplicates(data: Dataset, near: NearDuplicatesRecord) -> None:
    st.subheader("Near copies")
    what = "images" if data.info.modality == "image" else "texts"
    by = "correlation of pixels" if what == "images" else "cosine of word counts"
    if not near["others"]:
        st.write("There is no other split to compare training with.")
        return
    compared = (
        f"{near['others']:,} validation and test {what} compared with {near['training']:,} "
        f"training {what}, by {by}."
    )
    if not near["count"]:
        st.write(f"No pair is more alike than {near['near']:g}.")
        st.caption(compared)
        return
    st.write(
        f"{near['count']:,} {what} of validation or test are nearly a training one ({by} "
        f"{near['near']:g} or more). Whether each is the same thing twice is for you to see: "
        "plain shapes are alike without being copies."
    )
    pairs = [(row, other) for row, other, _ in near["pairs"]]
    _pairs(data, pairs, [(f"alike {similar:.3f}",) for _, _, similar in near["pairs"]])
    st.caption(compared)


def _pairs(data: Dataset, pairs: Sequence[tuple[int, int]], lines: Sequence[Sequence[str]]) -> None:
    """Draw pairs of samples side by side. lines: for the first sample of each pair."""
    shown = list(zip(pairs, lines, strict=True))[:_SHOWN]
    rows = [row for pair, _ in shown for row in pair]
    more = {
        2 * at + side: (
            [run_words.SPLIT_NAMES[_split_of(data, pair[side])], *(of_first if not side else ())]
        )
        for at, (pair, of_first) in enumerate(shown)
        for side in (0, 1)
    }
    cells = sample_cells.cells(data, rows, side=72, more=more)
    st.html(cards.grid([cards.pair(a, b) for a, b in zip(cells[::2], cells[1::2], strict=True)]))


def _blank_images(data: Dataset, pictures: PicturesRecord) -> None:
    st.subheader("Blank images")
    st.write(plain(pictures["sentence"]))
    rows = pictures["constant"][:_SHOWN]
    if rows:
        st.html(cards.grid(sample_cells.cells(data, rows, more=_split_lines(data, rows))))
        st.caption("Two augmented views of such an image are equal, so that it teaches nothing.")
    st.caption(
        f"Mean brightness {pictures['brightness']:.0f} and contrast "
        f"{pictures['contrast']:.0f}, of 255."
    )


def _short_texts(data: Dataset, short: ShortTextsRecord) -> None:
    st.subheader("Near-empty texts")
    if not short["count"]:
        st.write("No text has fewer than three tokens.")
        return
    st.write(
        f"{short['count']:,} texts have one or two tokens: there is little to hide and guess in "
        "them."
    )
    rows = short["rows"]
    st.html(cards.grid(sample_cells.cells(data, rows, more=_split_lines(data, rows))))


def _split_lines(data: Dataset, rows: Sequence[int]) -> dict[int, list[str]]:
    """The split of each sample as a line of its cell, by position."""
    return {at: [run_words.SPLIT_NAMES[_split_of(data, row)]] for at, row in enumerate(rows)}


def _split_of(data: Dataset, row: int) -> str:
    return next(name for name in SPLITS if row < data.rows(name).stop)
