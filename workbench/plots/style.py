"""The one look of all charts: colours, symbols, fonts, margins. Works on light and dark pages.

The colours were chosen by search over OKLab so that the nearest two of the first k differ as much
as possible in normal vision and under simulated protanopia, deuteranopia and tritanopia (matrices
of Machado et al. 2009), with a contrast of at least 1.9 to white and 2.6 to a near-black page.
Twelve colours is as far as that goes; from the thirteenth class on, colours come back with another
symbol.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from workbench.comparison import numbers
from workbench.records import Interval

if TYPE_CHECKING:
    import plotly.graph_objects as go
else:
    from workbench.lazy import lazy

    go = lazy("plotly.graph_objects")

Theme = Literal["light", "dark", "both"]

COLOURS = (
    "#1480d7",
    "#e88519",
    "#b4144a",
    "#48cfa7",
    "#75528e",
    "#b9632c",
    "#b1b7fd",
    "#996f82",
    "#1ca6d9",
    "#3c53cd",
    "#f3ae58",
    "#989898",
)
# From low to high values: lighter step by step, and seen on white and on near-black alike.
RAMP = ("#4a3fb5", "#8a46b4", "#c0548f", "#df7560", "#e8a838")
SYMBOLS = ("circle", "square", "triangle-up", "diamond", "cross", "x", "star", "triangle-down")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
# By name: plotly measures its texts outside the element whose font "inherit" would take, and
# legends then overlap.
FONT = '"Source Sans", "Source Sans Pro", "Segoe UI", Arial, sans-serif'
UNLABELLED = "rgba(128, 128, 128, 0.55)"

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", "%": "&#37;", "$": "&#36;"})
_TEXT = {"light": "#31333f", "dark": "#e6e8ec", "both": "#7a7f87"}
_GRID = {
    "light": "rgba(49, 51, 63, 0.12)",
    "dark": "rgba(230, 232, 236, 0.14)",
    "both": "rgba(128, 128, 128, 0.22)",
}
_HOVER = {"light": "#ffffff", "dark": "#1b1f27", "both": "#ffffff"}


def colour(index: int) -> str:
    """The colour of class or run ``index``; -1 is 'no label'."""
    return UNLABELLED if index < 0 else COLOURS[index % len(COLOURS)]


def symbol(index: int) -> str:
    """The symbol of class ``index``: a circle for the first twelve, then the next one."""
    return SYMBOLS[0] if index < 0 else SYMBOLS[index // len(COLOURS) % len(SYMBOLS)]


def dash(index: int) -> str:
    """The dash of run ``index``: solid for the first twelve, then the next one."""
    return DASHES[index // len(COLOURS) % len(DASHES)]


def shades(configurations: Mapping[str, str]) -> dict[str, int]:
    """Colour numbers by title: runs of one configuration share one, so that its seeds look alike.
    configurations: {run's title: key of its configuration}."""
    keys = list(dict.fromkeys(configurations.values()))
    return {title: keys.index(key) for title, key in configurations.items()}


def run_line(title: str, index: int, numbers: Mapping[str, int] | None) -> dict[str, Any]:
    """Colour, dash and opacity of a run's line. index: of the run. numbers: as ``shades`` gives
    them; every seed after a configuration's first is paler."""
    number = index if numbers is None else numbers.get(title, index)
    first = numbers is None or next((t for t, n in numbers.items() if n == number), title) == title
    line = {"color": colour(number), "width": 2, "dash": dash(number)}
    return {"line": line, "opacity": 1.0 if first else 0.55}


def fade(colour_hex: str, alpha: float) -> str:
    """``#rrggbb`` as rgba with this opacity."""
    red, green, blue = (int(colour_hex[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha:g})"


def text_colour(theme: Theme) -> str:
    return _TEXT[theme]


def grid_colour(theme: Theme) -> str:
    return _GRID[theme]


def layout(theme: Theme = "both", *, height: int = 340, **more: Any) -> dict[str, Any]:
    """Layout of all charts: transparent, the page's font, small margins, the legend below.

    theme: ``both`` uses a grey that can be read on either background, for files and notebooks.
    """
    text = _TEXT[theme]
    shared: dict[str, Any] = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 12, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": text},
        "title": {"font": {"size": 15}, "x": 0, "xref": "paper", "xanchor": "left"},
        "legend": legend_below(),
        "hoverlabel": {
            "bgcolor": _HOVER[theme],
            "font": {"color": "#31333f" if theme == "both" else text},
        },
        "colorway": list(COLOURS),
    }
    return shared | more


def axis(theme: Theme = "both", title: str | None = None, **more: Any) -> dict[str, Any]:
    """One axis: thin grid, no box, a title that moves the margin and not the points."""
    grid = _GRID[theme]
    shared = {
        "title": {"text": plain(title), "standoff": 8, "font": {"size": 12}} if title else None,
        "gridcolor": grid,
        "linecolor": grid,
        "zeroline": False,
        "automargin": True,
        "ticks": "",
    }
    return shared | more


def score_ticks(metric: str) -> str:
    """The format of ticks of an axis of scores: percent where the metric is a share."""
    return ".0~%" if numbers.is_share(metric) else ""


def legend_below() -> dict[str, Any]:
    """The legend of all charts: at the lower edge of the chart, below the axis and its title, where
    it covers no curve. Plotly moves the plot up by its height."""
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 0,
        "yref": "container",
        "yanchor": "bottom",
        "bgcolor": "rgba(0,0,0,0)",
        "itemsizing": "constant",
        "traceorder": "normal",
    }


def legend_room(names: Sequence[str]) -> int:
    """Pixels of height that a legend below the plot needs on a screen 390 pixels wide."""
    wide = sum(40 + 7 * len(name) for name in names)
    return 22 * (1 + wide // 340) if len(names) > 1 else 0


def plain(text: str) -> str:
    """Plotly's markup that shows ``text`` as it was written, for text that people or files bring.

    Plotly reads all its texts as markup: tags, entities, ``%{x}`` in hover texts, and ``$`` as a
    formula. Cut a text before this, and apply this once. ``axis``, ``hint`` and ``wrapped`` do it.
    """
    return text.translate(_ENTITIES)


def wrapped(title: str, width: int = 18) -> str:
    """Markup for a title, on two lines at most, so that points have room on a narrow screen."""
    if len(title) <= width:
        return plain(title)
    words, first = title.split(" "), ""
    while words and len(first) + len(words[0]) < width:
        first = f"{first} {words.pop(0)}".strip()
    rest = " ".join(words)
    if not first:
        return plain(f"{title[: width - 1]}…")
    rest = rest if len(rest) <= width else f"{rest[: width - 1]}…"
    return f"{plain(first)}<br>{plain(rest)}"


def hint(text: str, **where: Any) -> dict[str, Any]:
    """A small note inside the plot area, as a plotly annotation."""
    shared: dict[str, Any] = {
        "text": plain(text),
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "align": "left",
        "font": {"size": 12},
    }
    return shared | where


def left_out(titles: Sequence[str]) -> dict[str, Any]:
    """The note on the runs that have no scores, below the plot, as a plotly annotation."""
    return hint(f"no scores: {', '.join(titles)}", x=1, y=0, xanchor="right")


def error_bars(
    rows: Sequence[Interval], *, scale: float = 1.0, thickness: float = 2
) -> dict[str, Any]:
    """The intervals of ``rows`` as plotly's error bars. scale: 100 where points are drawn."""
    values = [scale * row["value"] for row in rows]
    return {
        "type": "data",
        "symmetric": False,
        "array": [scale * row["high"] - v for row, v in zip(rows, values, strict=True)],
        "arrayminus": [v - scale * row["low"] for row, v in zip(rows, values, strict=True)],
        "thickness": thickness,
        "width": 0,
    }


def figure(theme: Theme = "both", *, height: int = 340, **more: Any) -> go.Figure:
    """An empty figure in the shared look."""
    return go.Figure(layout=layout(theme, height=height, **more))


def whole(traces: Sequence[dict[str, Any]], layout: dict[str, Any]) -> go.Figure:
    """A figure made of dictionaries, unchecked: plotly takes ten times as long to check each
    property, and charts of a live run are drawn every other second. The tests check them."""
    return go.Figure({"data": list(traces), "layout": layout}, _validate=False)


def titles_axis(theme: Theme, titles: Sequence[str], **more: Any) -> dict[str, Any]:
    """A vertical axis with one line for each title, the first one on top."""
    return axis(
        theme,
        tickmode="array",
        tickvals=list(range(len(titles))),
        ticktext=[wrapped(title) for title in titles],
        range=[len(titles) - 0.5, -0.5],
        **more,
    )
