"""What a source holds before it is prepared: its samples, columns and counts, and the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from workbench.app import tables
from workbench.app.data import account, frames
from workbench.app.plain import plain
from workbench.app.shared import messages, run_words
from workbench.data import estimate
from workbench.data.dataset import SPLITS
from workbench.engine.data_replies import (
    ColumnRecord,
    InspectionRecord,
    OriginalRecord,
    PeekRecord,
)
from workbench.plots import cards

_ROLES = {"label": "label", "factor": "further label", "group": "group", "image": "images",
          "text": "texts", "split": "split", "": "not used"}  # fmt: skip
_LONGEST_NAME = 14
_SIDE = 96
_SPLIT_BY_DRAW = (
    "It is split by a fixed draw: 70 % for training, 10 % for validation, 20 % for test."
)


@dataclass(frozen=True)
class SourceContent:
    """The engine's replies about a source. inspection: None if the choice of columns is wrong."""

    peek: PeekRecord
    inspection: InspectionRecord | None

    @property
    def is_prepared(self) -> bool:
        return self.inspection is not None and self.inspection["prepared"]

    @property
    def holds_images(self) -> bool:
        if self.inspection is None:
            return bool(self.peek["images"])
        return self.inspection["modality"] == "image"

    @property
    def column_types(self) -> Mapping[str, str]:
        """The columns of a table and their types; empty for folders."""
        return self.peek["columns"]

    @property
    def inspected_columns(self) -> dict[str, ColumnRecord]:
        columns = [] if self.inspection is None else self.inspection["columns"]
        return {column["name"]: column for column in columns}

    @property
    def column_names(self) -> list[str]:
        """Of a table its columns, of folders what they stand for."""
        return list(self.column_types or self.inspected_columns)

    @property
    def sample_columns(self) -> list[str]:
        """The columns whose values are the samples: images or texts."""
        columns = self.inspected_columns.items()
        return [name for name, column in columns if column["role"] in ("image", "text")]


def no_labels(modality: str) -> str:
    """What there is for data without labels, and what there is not."""
    simple = "brightness or colour" if modality == "image" else "length"
    return (
        "Without labels there are no scores, no gains and no predicted classes. There are maps, "
        "nearest neighbours and collapse checks. Compare also shows whether the features predict "
        f"{simple}. Pretraining itself never uses labels."
    )


def show_samples(content: SourceContent) -> None:
    """Draw ten of the images, with a frame around what the encoder gets, and the first rows."""
    peek, inspection = content.peek, content.inspection
    if peek["images"]:
        size, fit, shown = _shape(inspection)
        cells = [
            _picture(image, name, size, fit)
            for image, name in zip(peek["images"], peek["classes"], strict=True)
        ]
        st.html(cards.grid(cells))
        st.caption(f"{len(cells)} of the images, as they lie there.")
        if size is not None and any(frames.changes_shape(one, size) for one in peek["images"]):
            st.caption(frames.sentence(fit, shown))
    if peek["rows"]:
        # The columns are the file's own.
        frame = pd.DataFrame(peek["rows"])
        help_of = tables.column_help(())
        st.dataframe(frame, hide_index=True, width="stretch", column_config=help_of)
        st.caption("The first rows.")


def show_columns(content: SourceContent) -> None:
    """Draw the columns with their roles."""
    columns = content.inspected_columns
    types = content.column_types or {name: column["type"] for name, column in columns.items()}
    if types:
        frame = pd.DataFrame(
            {
                "column": list(types),
                "used as": [_role(columns.get(name)) for name in types],
                "type": list(types.values()),
                "different values": [_distinct(columns.get(name)) for name in types],
            }
        )
        help_of = tables.column_help(frame.columns)
        st.dataframe(frame, hide_index=True, width="stretch", column_config=help_of)


def show_counts(inspection: InspectionRecord) -> None:
    """Draw what was read: one sentence, what was left out and why, and samples by class."""
    what = "images" if inspection["modality"] == "image" else "texts"
    splits, label = inspection["splits"], inspection["label"]
    titles = {"": "without a split", **run_words.SPLIT_NAMES}
    by_split = ", ".join(f"{count:,} {titles[name]}" for name, count in splits.items())
    labels = f"{inspection['classes']:,} classes by '{label}'" if label else "no labels"
    st.markdown(
        f"**{inspection['samples']:,} {what}** ({plain(inspection['kind'])}), "
        f"{messages.words(labels)}. "
        + (f"Splits: {by_split}." if set(splits) != {""} else _SPLIT_BY_DRAW)
    )
    account.show(inspection["found"], inspection["left_out"], inspection["unit"])
    if inspection["by_class"]:
        _class_table(inspection["by_class"])
        more = (inspection["classes"] or 0) - len(inspection["by_class"])
        if more > 0:
            st.caption(f"{more:,} more classes are not shown.")
    if not label:
        st.caption(no_labels(inspection["modality"]))
    if inspection["notes"]:
        st.markdown("\n".join(f"- {messages.words(note)}" for note in inspection["notes"]))


def show_plan(inspection: InspectionRecord) -> None:
    """Draw what preparing takes."""
    seconds = max(1.0, inspection["seconds"])
    st.markdown(
        f"Preparing takes about {seconds:,.0f} s, and at most "
        f"{estimate.in_words(inspection['bytes'])} of disk while it lasts."
    )


def _class_table(by_class: Mapping[str, Mapping[str, int]]) -> None:
    """Draw samples by class and split."""
    present = {split for counts in by_class.values() for split in counts}
    named = [split for split in (*SPLITS, "") if split in present]
    titles = {"": "without a split" if len(named) > 1 else "samples", **run_words.SPLIT_NAMES}
    columns = {
        titles[split]: [counts.get(split, 0) for counts in by_class.values()] for split in named
    }
    frame = pd.DataFrame({"class": list(by_class), **columns})
    help_of = tables.column_help(frame.columns)
    st.dataframe(frame, hide_index=True, width="content", column_config=help_of)


def _shape(
    inspection: InspectionRecord | None,
) -> tuple[tuple[int, int] | None, str | None, float | None]:
    """Height and width of the encoder's picture, how pictures come to have it, and what is kept."""
    if inspection is None or inspection["size"] is None:
        return None, None, None
    height, width = inspection["size"]
    return (height, width), inspection["fit"], inspection["shown"]


def _picture(
    image: OriginalRecord, name: str | None, size: tuple[int, int] | None, fit: str | None
) -> str:
    file = image["name"]
    lines = [file if len(file) <= _LONGEST_NAME else f"…{file[1 - _LONGEST_NAME :]}"]
    if image["size"] is not None:
        lines.append(f"{image['size'][1]} x {image['size'][0]}")
    return frames.framed(image, [name or "", *lines], size, fit, side=_SIDE)


def _role(column: ColumnRecord | None) -> str:
    return "" if column is None else _ROLES[column["role"]]


def _distinct(column: ColumnRecord | None) -> int | None:
    return None if column is None else column["distinct"]
