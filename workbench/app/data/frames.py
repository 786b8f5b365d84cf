"""Originals with a frame around what the encoder gets of them."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.data.decoding.fit import Size, shown_part
from workbench.engine.data_replies import OriginalRecord
from workbench.plots import cards

_LOST = {
    "crop": "The dashed frame is what is kept: the shorter side is scaled, the rest is cut.",
    "pad": "Pictures are shown whole: the longer side is scaled, and a border fills the rest.",
    "squash": "Pictures are shown whole: each side is scaled on its own, so shapes change.",
}


def framed(
    original: OriginalRecord,
    lines: Sequence[str],
    size: Size | None,
    fit: str | None,
    *,
    side: int,
    what: str = "",
) -> str:
    """One original as HTML, with a frame if its edges are cut; else the reason why it is missing.

    size: (height, width) of the encoder's picture, None if it is not known. fit: as in
    ``DataConfig``; None for pictures that are cut, as older versions did. what: begins the text for
    people who cannot see the picture.
    """
    if original["picture"] is None or original["size"] is None:
        return cards.missing(original["error"], lines, side=side)
    height, width = original["size"]
    alt = f"{what} {original['name']}, {width} x {height} pixels".lstrip()
    if size is None or not changes_shape(original, size) or (fit or "crop") != "crop":
        return cards.figure(original["picture"], alt, lines, side=side)
    part = shown_part((height, width), size, "crop")
    box = (
        part.left / width,
        part.top / height,
        (part.left + part.width) / width,
        (part.top + part.height) / height,
    )
    return cards.framed(original["picture"], alt, box, lines, side=side)


def changes_shape(original: OriginalRecord, size: Size) -> bool:
    """Whether the original has another shape than the encoder's picture of ``size``."""
    if not original["size"]:
        return False
    height, width = original["size"]
    return height * size[1] != width * size[0]


def sentence(fit: str | None, shown: float | None) -> str:
    """What happens to pictures of another shape. shown: mean share of their area that is kept."""
    words = _LOST[fit or "crop"]
    if shown is not None and shown < 1:
        words += f" Of a picture's area {100 * (1 - shown):.0f} % is lost on average."
    return words
