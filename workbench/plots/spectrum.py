"""The spectrum: how much variance each direction of the embeddings holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

# {"h": {"trained": eigenvalues, "untrained": ...}, "z": {...}}: a run's ``spectrum.json``.
RunSpectra = Mapping[str, Mapping[str, Sequence[float]]]
_NAMES = {"h": "representation h", "z": "projection z"}
# Values further below the largest than this are rounding noise of float32.
_FLOOR = 1e-12


def spectrum_figure(
    spectra: Mapping[str, RunSpectra],
    *,
    shades: Mapping[str, int] | None = None,
    theme: Theme = "both",
    height: int = 300,
) -> go.Figure:
    """spectra: by the run's title. shades: colour numbers by title (``style.shades``).

    The values are eigenvalues of the covariance, descending; one panel a representation,
    logarithmic, trained solid and untrained dotted. A line that falls off a cliff has directions
    without variance: dimensional collapse. A line ends where zeros begin, which cannot be drawn.
    """
    from plotly.subplots import make_subplots

    kinds = [k for k in ("z", "h") if any(k in found for found in spectra.values())]
    rows = max(1, len(kinds))
    figure = make_subplots(rows=rows, cols=1, vertical_spacing=0.16)
    names = [*spectra, "untrained"]
    figure.update_layout(
        style.layout(theme, height=height * rows + style.legend_room(names)), showlegend=True
    )
    named: set[str] = set()
    for row, kind in enumerate(kinds, start=1):
        for index, (title, found) in enumerate(spectra.items()):
            look = style.run_line(title, index, shades)
            for state, values in found.get(kind, {}).items():
                trained = state == "trained"
                top = max(values, default=0.0)
                shown = [(i, v) for i, v in enumerate(values, 1) if v > top * _FLOOR and v > 0]
                figure.add_scatter(
                    x=[i for i, _ in shown],
                    y=[v for _, v in shown],
                    name=style.plain(title if trained else f"{title}, {state}"),
                    legendgroup=title,
                    showlegend=trained and title not in named,
                    mode="lines" if len(shown) > 1 else "markers",
                    line=look["line"] if trained else look["line"] | {"width": 1.5, "dash": "dot"},
                    opacity=look["opacity"] * (1.0 if trained else 0.75),
                    hovertemplate="direction %{x}: %{y:.3g}",
                    row=row,
                    col=1,
                )
                named |= {title} if trained else set()
        figure.update_xaxes(**style.axis(theme, "direction", showgrid=False), row=row, col=1)
        figure.update_yaxes(
            **style.axis(
                theme,
                f"variance of {_NAMES[kind]}",
                type="log",
                exponentformat="power",
                dtick=2,
            ),
            row=row,
            col=1,
        )
    if any("untrained" in kind for found in spectra.values() for kind in found.values()):
        line = {"color": style.text_colour(theme), "dash": "dot", "width": 1.5}
        figure.add_scatter(x=[None], y=[None], mode="lines", name="untrained encoder", line=line)
    return figure
