"""Where data come from: sample sets, an upload, a path, the hub, or what was prepared before."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from workbench import paths
from workbench.app import settings
from workbench.app.data import library
from workbench.app.shared import messages, session
from workbench.config import DataConfig
from workbench.data import uploads
from workbench.data.sources.part import IMAGE_SUFFIXES
from workbench.errors import RequestError
from workbench.requests import catalogue

SAMPLES, UPLOAD, PATH, HUB, BEFORE = (
    "Sample sets", "Upload", "Path on this machine", "Hugging Face hub", "Prepared before",
)  # fmt: skip
# An upload waits in the server's memory until it is stored: less where many people share it.
_MOST_MB, _MOST_MB_SHARED = 500, 100


def choose(query: Mapping[str, str], asked: DataConfig | None) -> DataConfig | None:
    """Draw the choice; returns the source that is chosen, with how it was asked for if the address
    says so. None while nothing is chosen."""
    kinds = [SAMPLES, UPLOAD, PATH, HUB, BEFORE]
    current = settings.current()
    if not current.loopback and current.data_root is None:
        kinds.remove(PATH)
    kind = st.segmented_control(
        "Where from",
        kinds,
        default=_kind_of(asked, kinds),
        required=True,
        key="source",
        bind="query-params",
    )
    chosen = {
        SAMPLES: _sample, UPLOAD: _upload, PATH: _path, HUB: _hub, BEFORE: library.choose,
    }[str(kind)](asked)  # fmt: skip
    return asked if asked is not None and chosen == asked.source else _plain(chosen)


def _plain(source: str | None) -> DataConfig | None:
    return None if source is None else DataConfig(source)


def _kind_of(asked: DataConfig | None, kinds: list[str]) -> str:
    if asked is None or asked.source.startswith("sample:"):
        return SAMPLES
    if asked.source.startswith("hub:"):
        return HUB
    uploaded = uploads.folder_of(paths.uploads_dir(session.home()), asked.source)
    return PATH if PATH in kinds and uploaded is None else UPLOAD


def _sample(asked: DataConfig | None) -> str:
    cards = {str(card["name"]): card for card in catalogue.sample_cards()}
    name = asked.source.removeprefix("sample:") if asked is not None else ""
    chosen = st.pills(
        "Sample set",
        list(cards),
        default=name if name in cards else next(iter(cards)),
        format_func=lambda one: str(cards[one]["title"]),
        required=True,
    )
    st.caption(str(cards[str(chosen)]["summary"]))
    if asked is not None and asked.source.startswith("sample:") and name not in cards:
        return asked.source
    return f"sample:{chosen}"


def _upload(asked: DataConfig | None) -> str | None:
    shared = not settings.current().loopback
    most = _MOST_MB_SHARED if shared else _MOST_MB
    files = st.file_uploader(
        "Images, a zip of images (class folders or flat), or one CSV, JSONL or Parquet table",
        type=["zip", *(kind[1:] for kind in (*uploads.TABLES, *sorted(IMAGE_SUFFIXES)))],
        accept_multiple_files=True,
        max_upload_size=most,
        help="A table has the texts in a column, or images, or the names of images uploaded with "
        "it.",
    )
    st.caption(
        f"At most {most} MB a file. The files are kept on the machine that runs this app, until "
        "you remove them under 'Prepared before'."
    )
    if not files:
        uploaded = asked is not None and _kind_of(asked, []) == UPLOAD
        return asked.source if asked is not None and uploaded else None
    given = [(file.name, file.getbuffer()) for file in files]
    broken = uploads.unreadable(given)
    if broken:
        st.warning(
            "These files cannot be read and are left out: " + messages.words("; ".join(broken))
        )
    try:
        return str(uploads.store(given, paths.uploads_dir(session.home().resolve())))
    except RequestError as error:
        messages.tell(error)
        return None


def _path(asked: DataConfig | None) -> str | None:
    known = asked.source if asked is not None and _kind_of(asked, [PATH]) == PATH else ""
    path = st.text_input(
        "Folder or file",
        known,
        placeholder="/data/photos",
        help="A folder of images, flat or in class folders, with or without train, validation and "
        "test above; a zip of such; a CSV, JSONL or Parquet file.",
    )
    return path.strip() or None


def _hub(asked: DataConfig | None) -> str | None:
    known = asked.source.removeprefix("hub:") if asked and asked.source.startswith("hub:") else ""
    name = st.text_input(
        "Data set",
        known,
        placeholder="OWNER/NAME",
        help="It is downloaded from huggingface.co. Everything else stays on this machine.",
    )
    return f"hub:{name.strip()}" if name.strip() else None
