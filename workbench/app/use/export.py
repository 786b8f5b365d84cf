"""What can be taken out of a run: encoder, embeddings, report, configuration, lines that reopen it.
Each file is made when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from workbench.app.shared import messages, session
from workbench.app.shared.session import Located
from workbench.app.use import run_choice
from workbench.data import estimate
from workbench.data.dataset import SPLITS
from workbench.errors import WorkbenchError
from workbench.export import embeddings_table, reload
from workbench.export.report import write_report
from workbench.store import hidden_test
from workbench.stored_runs import reference_samples

_FORMATS = {
    "safetensors": "Encoder, weights alone",
    "torchscript": "Encoder that runs without the workbench",
}
_FORMAT_HELP = {
    "safetensors": "A zip with encoder.safetensors (its name, options and data in the metadata), "
    "configuration, scores, embeddings, maps, and the tokenizer of a run on texts.",
    "torchscript": "The same, and encoder.pt, which torch.jit.load opens: pixels in [0, 1] or "
    "token ids in, representations out.",
}


def show(place: Located) -> None:
    """Draw one row for each file."""
    weights = place.folder / "encoder.safetensors"
    if weights.exists():
        size = estimate.in_words(weights.stat().st_size)
        for form, title in _FORMATS.items():
            _file(
                f"{title} (.zip)",
                f"{_FORMAT_HELP[form]} The weights alone have {size}.",
                f"{place.row.id}-{form}.zip",
                lambda target, form=form: _zip(place, form, target),  # type: ignore[misc]
                place,
            )
    else:
        why = (
            "stored demo runs keep none" if place.demo else f"this run ({place.row.state}) has none"
        )
        st.info(f"There is no encoder to export: {why}.")
    if (place.folder / "embeddings.safetensors").exists():
        _embeddings(place)
    if place.row.state == "finished":
        _file(
            "Report (.html)",
            "Verdict, gains with intervals, maps, curves and notes in one file that opens anywhere "
            "and asks no other host.",
            f"{place.row.id}-report.html",
            lambda target: write_report(place.home, [place.row], target, read_only=place.demo),
            place,
        )
    _lines(place)


def _embeddings(place: Located) -> None:
    closed = not place.demo and bool(hidden_test.closed(session.store(), [place.row]))
    splits = SPLITS[:2] if closed else SPLITS
    data = reference_samples.dataset(place.home, place.row)
    size = estimate.in_words((place.folder / "embeddings.safetensors").stat().st_size)
    told = (
        "One row for each sample that was embedded to be scored: id (the file's name, or split and "
        f"row of a table), split, label and h. About {size}."
    )
    if closed:
        told += " Without the test split, which is kept closed."
    if data is None:
        told += " Without ids and labels: the prepared data are gone."

    def make(target: Path) -> None:
        target.write_bytes(embeddings_table.embeddings_parquet(place.home, place.row, data, splits))

    _file("Embeddings (.parquet)", told, f"{place.row.id}-embeddings.parquet", make, place)


def _zip(place: Located, form: str, target: Path) -> None:
    made = session.engine().export(place.row.id, form)
    if made != target:
        made.replace(target)


def _file(title: str, about: str, name: str, make: Callable[[Path], None], place: Located) -> None:
    """One file: a button that makes it, then one that gives it, with its size."""
    target = _folder(place) / name
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
                messages.tell(error)
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


def _lines(place: Located) -> None:
    images = run_choice.modality(place) == "image"
    name = place.row.id
    st.subheader("Open it again")
    if place.demo:
        st.caption(
            "A stored demo run has no encoder; its verdict, gains and map open all the same."
        )
    st.code(reload.python_lines(place.row, place.home, images=images), language="python")
    st.code(reload.shell_lines(place.row, place.home), language="shell", wrap_lines=True)
    config = json.dumps(dict(place.row.config), indent=2)
    notebook = reload.notebook(place.row, place.home, images=images)
    with st.container(horizontal=True):
        st.download_button(
            f"Configuration (.json), {estimate.in_words(len(config))}",
            config, f"{name}-config.json", "application/json", icon=":material/download:",
            on_click="ignore",
            help="What 'workbench pretrain --config FILE' runs again.",
        )  # fmt: skip
        st.download_button(
            f"Notebook (.ipynb), {estimate.in_words(len(notebook))}",
            notebook, f"{name}.ipynb", "application/x-ipynb+json", icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip


def _folder(place: Located) -> Path:
    """Where files are made: in the run's folder, gone with it; a demo run's may not be written."""
    if place.demo:
        return session.home() / "exports" / place.row.id
    return place.folder / "export"
