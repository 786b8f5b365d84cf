"""What a file is, by its name: an image, an image in a format that is not read, a table, hidden."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.data.sources.part import IMAGE_SUFFIXES

HIDDEN, NO_IMAGE = "hidden", "not an image"
# Folders that macOS, Python, Synology and Windows make.
_SKIPPED = re.compile(r"(?:^|/)(?:__MACOSX|__pycache__|@eaDir|\$RECYCLE\.BIN)(?:/|$)")
TABLE_SUFFIXES = frozenset((".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet"))
_ARCHIVE_SUFFIXES = frozenset((".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar", ".zst"))
# Formats of images and videos that are known and not read, each with its suffixes.
_FORMATS = {
    "HEIC": (".heic", ".heif", ".hif"),
    "AVIF": (".avif", ".avifs"),
    "JPEG XL": (".jxl",),
    "JPEG 2000": (".jp2", ".j2k", ".jpf", ".jpx"),
    "camera raw": (".raw", ".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf", ".pef"),
    "SVG": (".svg", ".svgz", ".eps", ".ai"),
    "DICOM": (".dcm", ".dicom"),
    "NIfTI": (".nii", ".nrrd", ".mha"),
    "microscope": (".czi", ".nd2", ".lif", ".svs", ".ndpi", ".mrxs", ".vsi"),
    "Photoshop": (".psd", ".psb", ".xcf"),
    "PDF": (".pdf",),
    "HDR": (".exr", ".hdr"),
    "NumPy": (".npy", ".npz"),
    "video": (".mp4", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".m4v"),
}


def unreadable(form: str) -> str:
    """The reason for which files of a format are left out."""
    return f"in a format that cannot be read ({form})"


_REASONS = {suffix: unreadable(name) for name, suffixes in _FORMATS.items() for suffix in suffixes}


def suffix_of(name: str) -> str:
    """The suffix of a path with slashes, in lower case, "" if it has none."""
    dot = name.rfind(".")
    return name[dot:].lower() if dot > name.rfind("/") + 1 else ""


def is_hidden(name: str) -> bool:
    """Whether a path with slashes within a source is hidden: a part begins with a dot, or is a
    folder that systems make."""
    if name.startswith(".") or "/." in name:
        return True
    marked = "__" in name or "@" in name or "$" in name
    return marked and _SKIPPED.search(name) is not None


def is_image(name: str) -> bool:
    """Whether a file that is not hidden is an image, by its suffix."""
    return suffix_of(name) in IMAGE_SUFFIXES


def is_table(name: str) -> bool:
    """Whether a file that is not hidden may be a table."""
    return suffix_of(name) in TABLE_SUFFIXES


def is_archive(name: str) -> bool:
    """Whether a file that is not hidden is an archive of files."""
    return suffix_of(name) in _ARCHIVE_SUFFIXES


def reason_of(name: str) -> str | None:
    """Why a file is no sample, None for an image that is not hidden: words that follow a number."""
    if is_hidden(name):
        return HIDDEN
    suffix = suffix_of(name)
    return None if suffix in IMAGE_SUFFIXES else _REASONS.get(suffix, NO_IMAGE)


def format_notes(reasons: Sequence[str]) -> tuple[str, ...]:
    """What to do about the formats among ``reasons`` that cannot be read."""
    forms = [form for form in _FORMATS if unreadable(form) in reasons]
    images = [form for form in forms if form != "video"]
    notes = []
    if images:
        what = " and ".join(f"{form} images" for form in images)
        notes.append(f"{what} cannot be read; save them as JPEG or PNG.")
    if "video" in forms:
        notes.append("Videos cannot be read; save their frames as JPEG or PNG.")
    return tuple(notes)
