"""Which colour and symbol each class has: a class that is named "red" is drawn red.

Where all classes of a column are names of colours, each has its own; else the colours of
``style.COLOURS`` in turn. The named ones keep the contrast of those to light and dark pages, so
that black and white are greys.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.plots import style

NAMED = {
    "red": "#d3202f",
    "orange": "#f08a1d",
    "yellow": "#cfb100",
    "green": "#2f9e44",
    "blue": "#2f6fe0",
    "purple": "#8f45c4",
    "violet": "#7a5af0",
    "indigo": "#5648c9",
    "pink": "#ee85b5",
    "magenta": "#cf3aa8",
    "crimson": "#b8143e",
    "maroon": "#a03a54",
    "brown": "#8a5a33",
    "beige": "#c9b48f",
    "gold": "#d4a017",
    "lime": "#86c41e",
    "olive": "#84861f",
    "teal": "#12857d",
    "turquoise": "#2cc7b0",
    "cyan": "#22b8cf",
    "navy": "#4459b0",
    "black": "#5c5c5c",
    "grey": "#8f8f8f",
    "gray": "#8f8f8f",
    "silver": "#adb5bd",
    "white": "#bababa",
}


def own_colours(classes: Sequence[str]) -> list[str] | None:
    """The colours that the classes are named by, None where any is no colour's name or two are
    one colour's."""
    found = [NAMED.get(name.strip().casefold(), "") for name in classes]
    return found if all(found) and len(set(found)) == len(found) > 1 else None


def look(classes: Sequence[str], index: int) -> tuple[str, str]:
    """Colour and symbol of class ``index``; -1, or without names any number, as ``style`` has it.
    Classes with colours of their own are all circles."""
    own = own_colours(classes) if 0 <= index < len(classes) else None
    return (
        (style.colour(index), style.symbol(index)) if own is None else (own[index], style.symbol(0))
    )
