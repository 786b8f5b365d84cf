"""How often each class occurs, split by split, for every label column there is."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from workbench.app import tables
from workbench.app.data.source_content import no_labels
from workbench.app.plain import plain
from workbench.app.shared import messages, run_words
from workbench.app.shared.figure import plot, theme
from workbench.config import DataConfig
from workbench.data import quality
from workbench.data.dataset import Dataset
from workbench.plots import class_counts_figure

# Classes are called uneven if the largest is more than this many times the smallest.
_UNEVEN = 5


def show(data: Dataset, config: DataConfig) -> None:
    """Draw the chart of class counts, and the numbers behind it."""
    targets = data.info.targets
    if not targets:
        st.info(no_labels(data.info.modality))
        return
    names = [target.name for target in targets]
    name = names[0]
    if len(names) > 1:
        name = str(
            st.segmented_control(
                "Label column", names, default=names[0], required=True, key="of",
                bind="query-params", format_func=plain,
            )
        )  # fmt: skip
    by_class = quality.class_counts(data, name)
    if by_class is None:
        return
    st.write(messages.words(by_class.sentence))
    train = by_class.counts.get("train", ())
    if len(train) > 1 and max(train) > _UNEVEN * max(1, min(train)):
        st.caption(
            "Classes are uneven: accuracy is then mostly about the large ones. Balanced accuracy "
            "and macro F1 count every class alike; both stand among a run's scores."
        )
    counts = {run_words.SPLIT_NAMES[split]: values for split, values in by_class.counts.items()}
    plot(
        class_counts_figure(by_class.classes, counts, theme=theme()),
        key="classes",
        alt=f"Samples of each class of {name}, by split",
    )
    missing = {
        run_words.SPLIT_NAMES[split]: count for split, count in by_class.missing.items() if count
    }
    if missing:
        parts = ", ".join(f"{count:,} in {split}" for split, count in missing.items())
        st.caption(f"Without a label: {parts}.")
    if data.info.group is not None:
        st.caption(
            f"Samples of one '{messages.words(data.info.group)}' stay in one split where splits "
            "are made."
        )
    with st.expander("The numbers"):
        frame = pd.DataFrame({"class": by_class.classes, **counts})
        help_of = tables.column_help(frame.columns)
        st.dataframe(frame, hide_index=True, column_config=help_of)
