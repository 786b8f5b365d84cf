"""Collapse checks over training: spread, number of directions, and how far two views lie apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from workbench.diagnostics.zones import COMPLETE_STD, DIMENSIONAL, LOW_RANK
from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

Metrics = Mapping[str, Sequence[tuple[float, float]]]
_BAD, _DOUBTFUL = "#b4144a", "#e88519"


class _Panel(NamedTuple):
    """level: what isotropic embeddings have. zones: (low, high, colour, words); the words say what
    a point there means."""

    metric: str
    title: str
    level: float = 1.0
    # From, to, colour, words, and below which heights the words may stand.
    zones: tuple[tuple[float, float, str, str, tuple[float, ...]], ...] = ()


# Below this the verdict asks the participation ratio, which is not drawn.
_FEW = max(rank for _, rank in DIMENSIONAL if rank < LOW_RANK)
# The lowest band is too narrow for its words: they stand above, where no line runs.
_ABOVE = (0.45, 0.65, 0.85)
_TALL = 0.16
_PANELS = (
    _Panel(
        "std_sqrt_d",
        "spread",
        zones=((0.0, COMPLETE_STD, _BAD, "collapsed: all in one place", (COMPLETE_STD,)),),
    ),
    _Panel(
        "rankme_ratio",
        "directions used",
        zones=(
            (0.0, _FEW, _BAD, "lowest: collapsed if one or two directions hold all", _ABOVE),
            (_FEW, LOW_RANK, _DOUBTFUL, "few directions: look at the scores", (LOW_RANK,)),
        ),
    ),
)
# Views lie together in a collapsed network too, so that this is shown below the spread only.
_VIEWS = _Panel("alignment", "two views apart", level=2.0)

# The metrics of a run that the chart is made of.
DRAWN = tuple(f"check.{space}.{panel.metric}" for space in "zh" for panel in (*_PANELS, _VIEWS))


def checks_figure(
    runs: Mapping[str, Metrics], *, theme: Theme = "both", height: int = 230
) -> go.Figure:
    """runs: {run's title: {"check.z.std_sqrt_d": [(step, value), ...], "check.z.rankme_ratio":
    ..., the same with "check.h."}}, as the store gives the metrics.

    Each run is shown by its projections z; a task that has none by h, and its name says so. Shaded
    are the zones of the verdict. Spread is std times sqrt(d): below 0.32 all embeddings lie in one
    place. Directions used is RankMe as a share of isotropic data's: below 0.1 they are few. Where
    a run has "check.z.alignment", a third panel shows it: 0 is one point, 2 as far as strangers.
    height: of one panel.
    """
    from plotly.subplots import make_subplots

    paired = any(f"check.z.{_VIEWS.metric}" in metrics for metrics in runs.values())
    panels = (*_PANELS, _VIEWS) if paired else _PANELS
    figure = make_subplots(rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.07)
    names = list(runs)
    figure.update_layout(
        style.layout(theme, height=height * len(panels) + style.legend_room(names)),
        showlegend=len(names) > 1,
        hovermode="x",
    )
    for row, panel in enumerate(panels, start=1):
        top = 1.05 * panel.level
        drawn = []
        for index, (name, metrics) in enumerate(runs.items()):
            space = "z" if f"check.z.{panel.metric}" in metrics else "h"
            points = metrics.get(f"check.{space}.{panel.metric}", ())
            drawn.append(points)
            top = max([top, *(1.05 * value for _, value in points)])
            shown = name if space == "z" else f"{name} (of h)"
            figure.add_scatter(
                x=[step for step, _ in points],
                y=[value for _, value in points],
                name=shown,
                legendgroup=name,
                showlegend=row == 1,
                mode="lines+markers",
                marker={"size": 4},
                line={"color": style.colour(index), "width": 2, "dash": style.dash(index)},
                hovertemplate=f"%{{y:.2f}}<extra>{shown}</extra>",
                row=row,
                col=1,
            )
        ends = [value for points in drawn for _, value in points[len(points) // 3 :]]
        for low, high, colour, words, places in panel.zones:
            _zone(figure, row, (low, high), colour, words, _free(places, ends))
        figure.add_hline(
            y=panel.level,
            line={"dash": "dot", "width": 1, "color": style.grid_colour(theme)},
            row=row,
            col=1,
        )
        last = row == len(panels)
        figure.update_xaxes(
            **style.axis(theme, "training step" if last else None, showgrid=False), row=row, col=1
        )
        figure.update_yaxes(**style.axis(theme, panel.title, range=[0, top]), row=row, col=1)
    return figure


def _free(places: tuple[float, ...], values: list[float]) -> float:
    """The place whose room fewest values run through, the first of several."""

    def met(place: float) -> int:
        return sum(place - _TALL < value < place for value in values)

    return min(places, key=met)


def _zone(
    figure: go.Figure,
    row: int,
    band: tuple[float, float],
    colour: str,
    words: str,
    below: float,
) -> None:
    figure.add_hrect(
        y0=band[0],
        y1=band[1],
        fillcolor=colour,
        opacity=0.14,
        line_width=0,
        layer="below",
        row=row,
        col=1,
    )
    figure.add_annotation(
        text=words,
        x=1,
        xref="x domain",
        xanchor="right",
        y=below,
        yanchor="top",
        showarrow=False,
        font={"size": 11},
        row=row,
        col=1,
    )
