"""The browser's part of the linked map as texts. Its scripts are joined into one module."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "assets"
# In order: each file uses only what stands before it, and the last one exports the map.
_SCRIPTS = (
    *("geometry", "grid", "shapes", "looks", "canvas", "webgl", "views", "overlay", "card"),
    *("pictures", "choice", "legend", "satellites", "charts", "frames", "events", "panels"),
    "linked_map",
)


def html() -> str:
    """The markup that the script fills."""
    return (_FOLDER / "linked_map.html").read_text("utf-8")


def css() -> str:
    """The look; colours come from Streamlit's theme where there is one."""
    return (_FOLDER / "linked_map.css").read_text("utf-8")


def script() -> str:
    """One JavaScript module with the map as its default export."""
    return "\n".join((_FOLDER / f"{name}.js").read_text("utf-8") for name in _SCRIPTS)


def page_script() -> str:
    """Mounts the maps of a page without a server; follows ``script`` in the same module."""
    return (_FOLDER / "standalone.js").read_text("utf-8")


def page_css() -> str:
    """The look of a page that holds one map and no more."""
    return (_FOLDER / "standalone.css").read_text("utf-8")
