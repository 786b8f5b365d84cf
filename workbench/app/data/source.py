"""The source of data: a sample set, an upload, a path, the hub, or a data set prepared before."""

from __future__ import annotations

import streamlit as st

from workbench import paths
from workbench.app import settings
from workbench.app.data import library
from workbench.app.shared import messages, own_uploads, session, source_access
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


def choose(current: DataConfig | None) -> DataConfig | None:
    """Draw the choice; returns the chosen source, None while nothing is chosen.

    current: the data that the address names. It is returned whole, with how it is read, as long as
    its source is the chosen one.
    """
    kinds = [SAMPLES, UPLOAD, PATH, HUB, BEFORE]
    app = settings.current()
    if app.shared and app.data_root is None:
        kinds.remove(PATH)
    kind = st.segmented_control(
        "Where from",
        kinds,
        default=_kind_of(current, kinds),
        required=True,
        key="source",
        bind="query-params",
    )
    draw = {
        SAMPLES: _sample,
        UPLOAD: _upload,
        PATH: _path,
        HUB: _hub,
        BEFORE: library.choose,
    }[str(kind)]
    source = draw(current)
    if current is not None and source == current.source:
        return current
    return None if source is None else DataConfig(source)


def _kind_of(current: DataConfig | None, kinds: list[str]) -> str:
    if current is None or current.source.startswith("sample:"):
        return SAMPLES
    if current.source.startswith("hub:"):
        return HUB
    uploaded = uploads.folder_of(paths.uploads_dir(session.home()), current.source)
    return PATH if PATH in kinds and uploaded is None else UPLOAD


def _sample(current: DataConfig | None) -> str:
    cards = {str(card["name"]): card for card in catalogue.sample_cards()}
    name = current.source.removeprefix("sample:") if current is not None else ""
    chosen = st.pills(
        "Sample set",
        list(cards),
        default=name if name in cards else next(iter(cards)),
        format_func=lambda card: str(cards[card]["title"]),
        required=True,
    )
    st.caption(str(cards[str(chosen)]["summary"]))
    if current is not None and current.source.startswith("sample:") and name not in cards:
        return current.source
    return f"sample:{chosen}"


def _upload(current: DataConfig | None) -> str | None:
    shared = settings.current().shared
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
        + (" Others who use this app do not see them." if shared else "")
    )
    if not files:
        is_upload = current is not None and _kind_of(current, []) == UPLOAD
        return current.source if current is not None and is_upload else None
    given = [(file.name, file.getbuffer()) for file in files]
    broken = uploads.unreadable(given)
    if broken:
        st.warning(
            "These files cannot be read and are left out: " + messages.words("; ".join(broken))
        )
    root = paths.uploads_dir(session.home().resolve())
    size = sum(file.size for file in files)
    try:
        return str(
            own_uploads.keep(uploads.folder_name(given), size, lambda: uploads.store(given, root))
        )
    except RequestError as error:
        messages.show_error(error)
        return None


def _path(current: DataConfig | None) -> str | None:
    is_path = current is not None and _kind_of(current, [PATH]) == PATH
    path = st.text_input(
        "Folder or file",
        source_access.shown(current.source) if current is not None and is_path else "",
        placeholder="/data/photos",
        help="A folder of images, flat or in class folders, with or without train, validation and "
        "test above. Or a zip of such, or a CSV, JSONL or Parquet file.",
    )
    return path.strip() or None


def _hub(current: DataConfig | None) -> str | None:
    is_hub = current is not None and current.source.startswith("hub:")
    name = st.text_input(
        "Data set",
        current.source.removeprefix("hub:") if current is not None and is_hub else "",
        placeholder="OWNER/NAME",
        help="It is downloaded from huggingface.co. Everything else stays on this machine.",
    )
    return f"hub:{name.strip()}" if name.strip() else None
