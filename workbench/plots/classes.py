"""How many samples each class has, split by split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go


def class_counts_figure(
    classes: Sequence[str],
    counts: Mapping[str, Sequence[int]],
    *,
    most: int = 40,
    theme: Theme = "both",
) -> go.Figure:
    """classes: names. counts: {split: samples of each class, in the order of ``classes``}.

    Horizontal bars, stacked by split, in the order given. With more than ``most`` classes
    only the largest are drawn; the last bar names the number of others and holds their sum.
    """
    totals = [sum(split[i] for split in counts.values()) for i in range(len(classes))]
    kept = list(range(len(classes)))
    rest: list[int] = []
    if len(classes) > most:
        ranked = sorted(kept, key=lambda i: -totals[i])
        kept, rest = ranked[: most - 1], ranked[most - 1 :]
    names = [style.plain(_short(classes[i])) for i in kept]
    if rest:
        names.append(f"{len(rest)} more classes")
    figure = style.figure(theme)
    for index, (split, values) in enumerate(counts.items()):
        bars = [values[i] for i in kept] + ([sum(values[i] for i in rest)] if rest else [])
        name = style.plain(split)
        figure.add_bar(
            x=bars,
            y=list(range(len(names))),
            orientation="h",
            name=name,
            marker={"color": style.colour(index), "line": {"width": 0}},
            customdata=names,
            hovertemplate=f"%{{customdata}}, {name}: %{{x}}<extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        bargap=0.25,
        height=80 + 22 * len(names) + style.legend_room(list(counts)),
        showlegend=len(counts) > 1,
    )
    figure.update_xaxes(**style.axis(theme, "samples"))
    figure.update_yaxes(
        **style.axis(
            theme,
            tickmode="array",
            tickvals=list(range(len(names))),
            ticktext=names,
            range=[len(names) - 0.5, -0.5],
            showgrid=False,
        )
    )
    return figure


def _short(name: str, width: int = 24) -> str:
    return name if len(name) <= width else f"{name[: width - 1]}…"
