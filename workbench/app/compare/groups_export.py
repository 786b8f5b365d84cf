"""Named groups as a file: embeddings of a chosen run, and the group as a label to train with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from workbench.app.shared import run_words
from workbench.app.shared.session import Located
from workbench.export import groups_table
from workbench.store.named_groups import NamedGroup
from workbench.store.store import RunRow
from workbench.stored_runs import feature_spaces

FILE = "groups.parquet"


def show(places: Sequence[Located], groups: Sequence[NamedGroup]) -> None:
    """The choice of a run, the download, and the command that takes the file as data."""
    kept = feature_spaces.with_embeddings([(place.home, place.row) for place in places])
    if not kept or feature_spaces.dataset(kept[0]) is None:
        st.caption("To export groups, choose a run that kept its embeddings and its data.")
        return
    rows = {row.id: (home, row) for home, row in kept}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Export with the embeddings of",
            list(rows),
            format_func=lambda run_id: f"{run_words.title(rows[run_id][1])} · {run_id}",
            key=f"export-{kept[0][1].id}",
        )
        rest = st.checkbox(
            "Samples in no group too, as 'rest'",
            value=len(groups) == 1,
            key=f"rest-{kept[0][1].id}",
            help="A label needs two classes: with a single group, the rest is the other one.",
        )
        home, row = rows.get(str(chosen), kept[0])
        st.download_button(
            "Download groups",
            partial(_file, home, row, list(groups), rest),
            FILE,
            "application/vnd.apache.parquet",
            icon=":material/download:",
            on_click="ignore",
            key=f"download-{kept[0][1].id}",
        )
    st.caption(
        "A Parquet table of file names (or numbers), groups, pictures or texts, and embeddings. It "
        "is a data set itself, and the group can be its label:"
    )
    st.code(command(row.config["task"]), language="bash")


def command(task: str) -> str:
    """What trains on the file with the group as the label."""
    return f"workbench pretrain --data {FILE} --label group --task {task}"


def _file(home: Path, row: RunRow, groups: Sequence[NamedGroup], rest: bool) -> bytes:
    return groups_table.as_bytes(groups_table.groups_table(home, row, groups, rest=rest))
