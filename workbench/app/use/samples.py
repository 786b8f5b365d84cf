"""The samples to try on a run: image files, texts, or one of its validation samples."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.shared import messages, paging, session
from workbench.data.dataset import Dataset
from workbench.data.sources.part import IMAGE_SUFFIXES
from workbench.engine.data_replies import OriginalRecord
from workbench.engine.replies import NewSamples
from workbench.errors import WorkbenchError
from workbench.stored_runs import reference_samples
from workbench.stored_runs.stored_run import StoredRun

OWN, VALIDATION = "Your own", "A validation sample"
_MOST_MB, _MOST_FILES, _MOST_TEXTS = 20, 200, 200
_LONGEST = 4000


@dataclass(frozen=True)
class TriedSamples:
    """n samples, encoded by the run.

    h: float32 (n, d). names, notes: of each. pixels: uint8 (n, C, H, W) as the encoder gets them.
    originals: images as they were given. texts: as they were given. pieces: tokens of each text.
    row: position in the cache of a validation sample.
    """

    h: npt.NDArray[np.float32]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    pixels: npt.NDArray[np.uint8] | None = None
    originals: tuple[OriginalRecord, ...] = ()
    texts: tuple[str, ...] = ()
    pieces: tuple[tuple[str, ...], ...] = ()
    row: int | None = None


def choose(run: StoredRun, data: Dataset) -> TriedSamples | None:
    """Draw the input; returns the encoded samples, None while there are none."""
    rows = reference_samples.validation_rows(run)
    kind = OWN
    if len(rows):
        kind = str(
            st.segmented_control(
                "What to try", [OWN, VALIDATION], default=OWN, required=True, key="with",
                bind="query-params", label_visibility="collapsed",
            )
        )  # fmt: skip
    if kind == VALIDATION:
        return _validation_sample(run, data, rows)
    return _images(run) if data.info.modality == "image" else _texts(run)


def _images(run: StoredRun) -> TriedSamples | None:
    if st.query_params.get("say"):
        st.info("This run learned from images: give image files here, not a text.")
    files = st.file_uploader(
        "Images",
        type=[kind[1:] for kind in sorted(IMAGE_SUFFIXES)],
        accept_multiple_files=True,
        max_upload_size=_MOST_MB,
    )
    st.caption(
        f"At most {_MOST_FILES} images of {_MOST_MB} MB. They are not stored. Several give a table."
    )
    if not files:
        return None
    if len(files) > _MOST_FILES:
        st.warning(f"The first {_MOST_FILES} of {len(files)} images are tried.")
    names = [file.name for file in files[:_MOST_FILES]]
    contents = [bytes(file.getbuffer()) for file in files[:_MOST_FILES]]
    digest = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents))
    try:
        encoded = _encode_images(run.home, run.id, digest.hexdigest(), _files=contents)
    except WorkbenchError as error:
        messages.show_error(error)
        return None
    kept = encoded.kept.tolist()
    for i, name in enumerate(names):
        if i not in kept:
            st.error(f"**{messages.words(name)}**: {messages.words(encoded.notes[i])}")
    if not kept:
        return None
    return TriedSamples(
        encoded.h,
        tuple(names[i] for i in kept),
        tuple(encoded.notes[i] for i in kept),
        pixels=encoded.pixels,
        originals=tuple(encoded.originals[i] for i in kept),
    )


@st.cache_data(max_entries=64, show_spinner="Encoding")
def _encode_images(home: Path, run_id: str, digest: str, *, _files: Sequence[bytes]) -> NewSamples:
    return session.engine().new_images(run_id, _files)


def _texts(run: StoredRun) -> TriedSamples | None:
    above = st.container()
    each = st.checkbox("Every line is a text of its own", key="lines", bind="query-params")
    text = above.text_area(
        "Texts, one a line" if each else "Text",
        key="say",
        bind="query-params",
        max_chars=_LONGEST,
        height=120,
        placeholder="Type or paste a text, then press Ctrl+Enter",
    )
    texts = [line.strip() for line in text.splitlines()] if each else [text.strip()]
    texts = [line for line in texts if line][:_MOST_TEXTS]
    if not texts:
        if text:
            st.warning("There is no sign in this text. Type or paste one with words.")
        return None
    try:
        encoded = _encode_texts(run.home, run.id, tuple(texts))
    except WorkbenchError as error:
        messages.show_error(error)
        return None
    names = tuple(text if len(text) <= 60 else f"{text[:59]}…" for text in texts)
    return TriedSamples(encoded.h, names, encoded.notes, texts=tuple(texts), pieces=encoded.pieces)


@st.cache_data(max_entries=64, show_spinner="Encoding")
def _encode_texts(home: Path, run_id: str, texts: tuple[str, ...]) -> NewSamples:
    return session.engine().new_texts(run_id, texts)


def _validation_sample(run: StoredRun, data: Dataset, rows: npt.NDArray[np.int64]) -> TriedSamples:
    shown = paging.page(len(rows), 1, "sample", title="Validation sample")
    row = int(rows[shown.start])
    h = reference_samples.validation_features(run)[shown]
    name = data.ids[row]
    if data.info.modality == "image":
        return TriedSamples(
            h, (name,), ("",), pixels=np.asarray(data.images[row : row + 1]), row=row
        )
    return TriedSamples(h, (name,), ("",), texts=(data.texts[row],), row=row)
