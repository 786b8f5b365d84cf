"""What is tried on a run: image files, a text, or one of its validation samples."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from workbench.app.shared import messages, paging, session
from workbench.app.shared.session import Located
from workbench.data.dataset import Dataset
from workbench.data.sources.part import IMAGE_SUFFIXES
from workbench.engine.replies import NewSamples
from workbench.errors import WorkbenchError
from workbench.stored_runs import reference_samples

OWN, VALIDATION = "Your own", "A validation sample"
_MOST_MB, _MOST_FILES, _MOST_TEXTS = 20, 200, 200
_LONGEST = 4000


@dataclass(frozen=True)
class Tried:
    """Samples to be looked up, n of them. h: float32 (n, d). names, notes: of each. pixels: uint8
    (n, C, H, W) as the encoder gets them, or pieces: tokens of each text. texts: the raw ones.
    originals: of images, as they were given. row: position in the cache of a validation sample.
    """

    h: npt.NDArray[Any]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    pixels: npt.NDArray[np.uint8] | None = None
    originals: tuple[Mapping[str, Any], ...] = ()
    texts: tuple[str, ...] = ()
    pieces: tuple[tuple[str, ...], ...] = ()
    row: int | None = None


def ask(place: Located, data: Dataset) -> Tried | None:
    """Draw the input; None while there is nothing to try."""
    rows = reference_samples.validation_rows(place.home, place.row)
    kind = OWN
    if len(rows):
        kind = str(
            st.segmented_control(
                "What to try", [OWN, VALIDATION], default=OWN, required=True, key="with",
                bind="query-params", label_visibility="collapsed",
            )
        )  # fmt: skip
    if kind == VALIDATION:
        return _validation(place, data, rows)
    return _files(place) if data.info.modality == "image" else _texts(place)


def _files(place: Located) -> Tried | None:
    if st.query_params.get("say"):
        st.info("This run learned from images: give image files here, not a text.")
    files = st.file_uploader(
        "Images",
        type=[kind[1:] for kind in sorted(IMAGE_SUFFIXES)],
        accept_multiple_files=True,
        max_upload_size=_MOST_MB,
    )
    st.caption(
        f"At most {_MOST_FILES} images of {_MOST_MB} MB. They are looked at and not kept; several "
        "give a table."
    )
    if not files:
        return None
    if len(files) > _MOST_FILES:
        st.warning(f"The first {_MOST_FILES} of {len(files)} images are tried.")
    given = [(file.name, bytes(file.getbuffer())) for file in files[:_MOST_FILES]]
    digest = hashlib.sha256(b"".join(hashlib.sha256(data).digest() for _, data in given))
    try:
        found = _encoded(
            place.home, place.row.id, digest.hexdigest(), _files=[data for _, data in given]
        )
    except WorkbenchError as error:
        messages.tell(error)
        return None
    kept = set(found.kept.tolist())
    for at, (name, _) in enumerate(given):
        if at not in kept:
            st.error(f"**{messages.words(name)}**: {messages.words(found.notes[at])}")
    if not kept:
        return None
    return Tried(
        found.h,
        tuple(given[at][0] for at in found.kept.tolist()),
        tuple(found.notes[at] for at in found.kept.tolist()),
        pixels=found.pixels,
        originals=tuple(found.originals[at] for at in found.kept.tolist()),
    )


@st.cache_data(max_entries=64, show_spinner="Encoding")
def _encoded(home: Path, run_id: str, digest: str, *, _files: Sequence[bytes]) -> NewSamples:
    return session.engine().new_images(run_id, _files)


def _texts(place: Located) -> Tried | None:
    place_of_text = st.container()
    each = st.checkbox("Every line is a text of its own", key="lines", bind="query-params")
    text = place_of_text.text_area(
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
        found = _encoded_texts(place.home, place.row.id, tuple(texts))
    except WorkbenchError as error:
        messages.tell(error)
        return None
    names = tuple(text if len(text) <= 60 else f"{text[:59]}…" for text in texts)
    return Tried(found.h, names, found.notes, texts=tuple(texts), pieces=found.pieces)


@st.cache_data(max_entries=64, show_spinner="Encoding")
def _encoded_texts(home: Path, run_id: str, texts: tuple[str, ...]) -> NewSamples:
    return session.engine().new_texts(run_id, texts)


def _validation(place: Located, data: Dataset, rows: npt.NDArray[np.int64]) -> Tried:
    at = paging.page(len(rows), 1, "sample", title="Validation sample").start
    row = int(rows[at])
    h = reference_samples.validation_features(place.home, place.row)[at : at + 1]
    name = data.ids[row]
    if data.info.modality == "image":
        return Tried(h, (name,), ("",), pixels=np.asarray(data.images[row : row + 1]), row=row)
    return Tried(h, (name,), ("",), texts=(data.texts[row],), row=row)
