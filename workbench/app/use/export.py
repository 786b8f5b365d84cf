"""What can be taken out of a run: encoder, embeddings, report, configuration, code that opens it.

Each file is made when its button is pressed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from workbench.app.shared import messages, session
from workbench.app.use import run_choice
from workbench.data import estimate
from workbench.data.dataset import SPLITS
from workbench.errors import WorkbenchError
from workbench.export import embeddings_table, snippets
from workbench.export.formats import formats
from workbench.export.report.writer import write_report
from workbench.stored_runs.stored_run import StoredRun


def show(run: StoredRun) -> None:
    """Draw one row for each file."""
    if run.files.encoder.exists():
        _encoder(run)
    else:
        why = "stored demo runs keep none" if run.demo else f"this run ({run.row.state}) has none"
        st.info(f"There is no encoder to export: {why}.")
    if run.has_embeddings:
        _embeddings(run)
    if run.finished:
        _file(
            run,
            "Report (.html)",
            "Verdict, gains with intervals, maps, curves and notes in one file that opens anywhere "
            "and asks no other host.",
            f"{run.id}-report.html",
            partial(write_report, [run]),
        )
    _code(run)


def _encoder(run: StoredRun) -> None:
    size = estimate.in_words(run.files.encoder.stat().st_size)
    for export_format in formats().values():
        _file(
            run,
            f"{export_format.title} (.zip)",
            f"{export_format.help} The weights alone have {size}.",
            f"{run.id}-{export_format.name}.zip",
            partial(_zip, run.id, export_format.name),
        )


def _zip(run_id: str, export_format: str, target: Path) -> None:
    made = session.engine().export(run_id, export_format)
    if made != target:
        made.replace(target)


def _embeddings(run: StoredRun) -> None:
    closed = run.hides_test
    splits = SPLITS[:2] if closed else SPLITS
    size = estimate.in_words(run.files.embeddings.stat().st_size)
    about = (
        "One row for each embedded sample: id (the file's name, or split and row of a table), "
        f"split, label and h. About {size}."
    )
    if closed:
        about += " Without the test split, whose scores are hidden."
    if run.samples is None:
        about += " Without ids and labels: the prepared data are gone."

    def make(target: Path) -> None:
        target.write_bytes(embeddings_table.embeddings_parquet(run, splits))

    _file(run, "Embeddings (.parquet)", about, f"{run.id}-embeddings.parquet", make)


def _file(run: StoredRun, title: str, about: str, name: str, make: Callable[[Path], None]) -> None:
    """Draw one file: a button that makes it, then one that downloads it, with its size."""
    target = _folder(run) / name
    ready = f"made-{name}"
    with st.container(border=True):
        left, right = st.columns([3, 1], vertical_alignment="center")
        left.markdown(f"**{title}**")
        left.caption(about)
        if right.button("Make it", key=f"make-{name}", width="stretch"):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with st.spinner("Making the file"):
                    make(target)
            except WorkbenchError as error:
                messages.show_error(error)
            else:
                st.session_state[ready] = True
        if st.session_state.get(ready) and target.exists():
            right.download_button(
                f"Download {estimate.in_words(target.stat().st_size)}",
                target.read_bytes,
                name,
                key=f"get-{name}",
                icon=":material/download:",
                type="primary",
                width="stretch",
                on_click="ignore",
            )


def _code(run: StoredRun) -> None:
    """Draw the code that opens the run again, the configuration and the notebook."""
    images = run_choice.modality(run) == "image"
    st.subheader("Open it again")
    if run.demo:
        st.caption(
            "A stored demo run has no encoder; its verdict, gains and map open all the same."
        )
    st.code(snippets.python_lines(run, images=images), language="python")
    st.code(snippets.shell_lines(run), language="shell", wrap_lines=True)
    config = json.dumps(dict(run.config), indent=2)
    notebook = snippets.notebook(run, images=images)
    with st.container(horizontal=True):
        st.download_button(
            f"Configuration (.json), {estimate.in_words(len(config))}",
            config, f"{run.id}-config.json", "application/json", icon=":material/download:",
            on_click="ignore",
            help="What 'workbench pretrain --config FILE' runs again.",
        )  # fmt: skip
        st.download_button(
            f"Notebook (.ipynb), {estimate.in_words(len(notebook))}",
            notebook, f"{run.id}.ipynb", "application/x-ipynb+json", icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip


def _folder(run: StoredRun) -> Path:
    """The folder of the made files: in the run's folder, so that they are deleted with the run. The
    folder of a demo run may not be written to."""
    if run.demo:
        return session.home() / "exports" / run.id
    return run.folder / "export"
