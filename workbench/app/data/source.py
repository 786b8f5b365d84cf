"""The source of data: a sample set, an upload, a path, the hub, or a data set prepared before."""

from __future__ import annotations

import streamlit as st

from workbench import paths
from workbench.app import settings
from workbench.app.data import library
from workbench.app.shared import data_choice, messages, own_uploads, session, source_access
from workbench.app.shared.current_data import CurrentData
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
_SAMPLE = "data-sample"


def choose(now: CurrentData) -> DataConfig | None:
    """Draw the choice; returns the chosen source, None while nothing is chosen.

    now: the current data. They are returned whole, with how they are read, as long as their source
    is the chosen one.
    """
    kinds = [SAMPLES, UPLOAD, PATH, HUB, BEFORE]
    app = settings.current()
    if app.shared and app.data_root is None:
        kinds.remove(PATH)
    current = now.config
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
    if kind == BEFORE and not now.chosen:
        return None
    if source == current.source:
        return current
    return None if source is None else DataConfig(source)


def _kind_of(current: DataConfig, kinds: list[str]) -> str:
    if current.source.startswith("sample:"):
        return SAMPLES
    if current.source.startswith("hub:"):
        return HUB
    uploaded = uploads.folder_of(paths.uploads_dir(session.home()), current.source)
    return PATH if PATH in kinds and uploaded is None else UPLOAD


def _sample(current: DataConfig) -> str | None:
    cards = {str(card["name"]): card for card in catalogue.sample_cards()}
    is_sample = current.source.startswith("sample:")
    name = current.source.removeprefix("sample:") if is_sample else ""
    # The widget shows what is current, also after Back. A widget whose default changes would lose
    # every second choice.
    st.session_state[_SAMPLE] = name if name in cards else None
    chosen = st.pills(
        "Sample set",
        list(cards),
        format_func=lambda card: str(cards[card]["title"]),
        required=True,
        key=_SAMPLE,
        on_change=_write,
        args=(_SAMPLE, "sample:"),
    )
    if chosen is None:
        return current.source if is_sample else None
    st.caption(str(cards[str(chosen)]["summary"]))
    return f"sample:{chosen}"


def _write(key: str, prefix: str) -> None:
    """Write the source in a widget into the address; an empty one leaves the address as it is."""
    value = str(st.session_state[key] or "").strip()
    st.session_state[f"{key}-given"] = value
    if value:
        data_choice.write_query(st.query_params, DataConfig(prefix + value))


def _source_box(
    label: str, key: str, given: str, prefix: str, *, placeholder: str, help_text: str
) -> str | None:
    """A box for a source, which keeps what is typed. given: the current data's, "" for none."""
    if key not in st.session_state or given not in ("", st.session_state.get(f"{key}-given")):
        st.session_state[key] = given
        st.session_state[f"{key}-given"] = given
    text = st.text_input(
        label,
        key=key,
        on_change=_write,
        args=(key, prefix),
        placeholder=placeholder,
        help=help_text,
    )
    return str(text or "").strip() or None


def _upload(current: DataConfig) -> str | None:
    app = settings.current()
    shared = app.shared
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
        f"At most {most} MB a file. {app.where_files_go} You remove them under 'Prepared before'."
        + (" Others who use this app do not see them." if shared else "")
    )
    if not files:
        return current.source if _kind_of(current, []) == UPLOAD else None
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


def _path(current: DataConfig) -> str | None:
    is_path = _kind_of(current, [PATH]) == PATH
    shown = source_access.shown(current.source) if is_path else ""
    path = _source_box(
        "Folder or file",
        "data-path",
        shown,
        "",
        placeholder="/data/photos",
        help_text="A folder of images, flat or in class folders, with or without train, "
        "validation and test above. Or a zip of such, or a CSV, JSONL or Parquet file.",
    )
    return current.source if is_path and path == shown else path


def _hub(current: DataConfig) -> str | None:
    name = _source_box(
        "Data set",
        "data-hub",
        current.source.removeprefix("hub:") if current.source.startswith("hub:") else "",
        "hub:",
        placeholder="OWNER/NAME",
        help_text="It is downloaded from huggingface.co. Nothing is sent there but its name.",
    )
    return f"hub:{name}" if name else None
