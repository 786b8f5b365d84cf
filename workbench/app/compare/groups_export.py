"""Named groups as a file: a run's embeddings, and the group as a label to train with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from workbench.app.shared import run_words
from workbench.export import groups_table
from workbench.store.named_groups import NamedGroup
from workbench.stored_runs import feature_spaces
from workbench.stored_runs.stored_run import StoredRun

FILE = "groups.parquet"


def show(runs: Sequence[StoredRun], groups: Sequence[NamedGroup]) -> None:
    """Draw the choice of a run, the download, and a command that trains on the file."""
    embedded = feature_spaces.with_embeddings(runs)
    if not embedded or embedded[0].samples is None:
        st.caption("To export groups, choose a run that kept its embeddings and its data.")
        return
    by_id = {run.id: run for run in embedded}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Export with the embeddings of",
            list(by_id),
            format_func=lambda run_id: f"{run_words.title(by_id[run_id].row)} · {run_id}",
            key=f"export-{embedded[0].id}",
        )
        rest = st.checkbox(
            "Samples in no group too, as 'rest'",
            value=len(groups) == 1,
            key=f"rest-{embedded[0].id}",
            help="A label needs two classes: with a single group, the rest is the other one.",
        )
        run = by_id.get(str(chosen), embedded[0])
        st.download_button(
            "Download groups",
            partial(_file, run, list(groups), rest),
            FILE,
            "application/vnd.apache.parquet",
            icon=":material/download:",
            on_click="ignore",
            key=f"download-{embedded[0].id}",
        )
    st.caption(
        "A Parquet table of file names (or numbers), groups, pictures or texts, and embeddings. It "
        "is a data set itself, and the group can be its label:"
    )
    st.code(command(run.config["task"]), language="bash")


def command(task: str) -> str:
    """The command that trains on the file with the group as the label."""
    return f"workbench pretrain --data {FILE} --label group --task {task}"


def _file(run: StoredRun, groups: Sequence[NamedGroup], rest: bool) -> bytes:
    return groups_table.as_bytes(groups_table.groups_table(run, groups, rest=rest))
