"""What a source holds before it is prepared: its columns, first rows and images, and the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from workbench.app.shared import messages
from workbench.data import estimate
from workbench.engine.data_replies import (
    ColumnRecord,
    InspectionRecord,
    OriginalRecord,
    PeekRecord,
)
from workbench.plots import cards

NO_LABELS = (
    "Without labels there are maps, nearest neighbours, collapse checks and what the features tell "
    "of brightness, colour or length; there are no scores, no gains and no predicted classes. "
    "Pretraining itself never uses labels."
)
_ROLES = {"label": "label", "factor": "further label", "group": "group", "image": "images",
          "text": "texts", "": "not used"}  # fmt: skip
_LONGEST_NAME = 15
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


def show(content: SourceContent) -> None:
    """Draw the columns with their roles, the first rows, and some of the images."""
    columns = content.inspected_columns
    types = content.column_types or {name: column["type"] for name, column in columns.items()}
    if types:
        frame = pd.DataFrame(
            {
                "column": list(types),
                "is taken as": [_role(columns.get(name)) for name in types],
                "holds": list(types.values()),
                "different values": [_distinct(columns.get(name)) for name in types],
            }
        )
        st.dataframe(frame, hide_index=True, width="stretch")
    if content.peek["rows"]:
        st.caption("The first rows")
        st.dataframe(pd.DataFrame(content.peek["rows"]), hide_index=True, width="stretch")
    if content.peek["images"]:
        st.caption("Some of the images, as they lie there")
        st.html(cards.grid([_picture(image) for image in content.peek["images"]]))


def show_plan(inspection: InspectionRecord) -> None:
    """Draw what was found, and what preparing it takes."""
    what = "images" if inspection["modality"] == "image" else "texts"
    splits, label = inspection["splits"], inspection["label"]
    by_split = ", ".join(f"{count:,} {name or 'without a split'}" for name, count in splits.items())
    labels = f"{inspection['classes']:,} classes by '{label}'" if label else "no labels"
    st.markdown(
        f"**{inspection['samples']:,} {what}** ({inspection['kind']}), {messages.words(labels)}. "
        + (f"Splits: {by_split}." if set(splits) != {""} else _SPLIT_BY_DRAW)
    )
    if inspection["notes"]:
        st.caption(messages.words(" ".join(inspection["notes"])))
    if not label:
        st.caption(NO_LABELS)
    seconds = max(1.0, inspection["seconds"])
    st.markdown(
        f"Preparing takes about {seconds:,.0f} s, and at most "
        f"{estimate.in_words(inspection['bytes'])} of disk while it lasts."
    )


def _picture(image: OriginalRecord) -> str:
    name = image["name"]
    short = name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"
    if image["picture"] is None or image["size"] is None:
        return cards.missing(image["error"], [short])
    height, width = image["size"]
    alt = f"{name}, {width} x {height} pixels"
    return cards.figure(image["picture"], alt, [short, f"{width} x {height}"])


def _role(column: ColumnRecord | None) -> str:
    return "" if column is None else _ROLES[column["role"]]


def _distinct(column: ColumnRecord | None) -> int | None:
    return None if column is None else column["distinct"]
