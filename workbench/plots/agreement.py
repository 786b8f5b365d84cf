"""Agreement between runs as a matrix: neighbours in common, or CKA, and the range over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from workbench.comparison.records import AgreementRecord
from workbench.comparison.run_fields import distinct
from workbench.plots import style
from workbench.plots.style import Theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

Measure = Literal["overlap", "cka"]
NAMES: Mapping[str, str] = {"overlap": "Neighbours in common", "cka": "Linear CKA"}
_LONGEST = 22


def agreement_figure(
    agreement: AgreementRecord, measure: Measure = "overlap", *, theme: Theme = "both"
) -> go.Figure:
    """A square a pair, with its number (neighbours in percent); the diagonal, which is always 1, is
    left out. The colour runs from chance (0 for CKA) to 1.
    """
    # Plotly draws two rows of one title as one.
    places = [f" #{i + 1}" for i in range(len(agreement["titles"]))]
    titles = [_short(title) for title in distinct(agreement["titles"], places)]
    names = [style.plain(title) for title in titles]
    share = measure == "overlap"
    values: Sequence[Sequence[float | None]] = agreement["overlap"] if share else agreement["cka"]
    shown = [[None if i == j else v for j, v in enumerate(row)] for i, row in enumerate(values)]
    texts = [
        ["" if v is None else f"{100 * v:.0f}" if share else f"{v:.2f}" for v in row]
        for row in shown
    ]
    figure = style.figure(theme)
    figure.add_heatmap(
        z=shown,
        x=names,
        y=names,
        text=texts,
        texttemplate="%{text}",
        zmin=agreement["chance"] if share else 0.0,
        zmax=1.0,
        # Pale enough for the text's own colour to be read on every square, light or dark.
        colorscale=[
            [0.0, style.fade(style.COLOURS[0], 0.04)],
            [1.0, style.fade(style.COLOURS[0], 0.6)],
        ],
        textfont={"color": style.text_colour(theme)},
        showscale=False,
        hoverongaps=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{y}<br>%{x}<br>"
        + ("%{z:.1%} of the neighbours" if share else "CKA %{z:.3f}")
        + "<extra></extra>",
    )
    figure.update_xaxes(**style.axis(theme, showgrid=False, tickangle=-45))
    figure.update_yaxes(**style.axis(theme, showgrid=False, autorange="reversed"))
    longest = max(len(title) for title in titles)
    figure.update_layout(height=70 + 34 * len(titles) + 5 * longest)
    return figure


def band_words(agreement: AgreementRecord, measure: Measure = "overlap") -> str:
    """How much seeds of one configuration agree, for the line below the figure."""
    seeds = agreement["seeds"]
    band = seeds[measure] if seeds else None
    if seeds is None or not band:
        return "No two seeds of one configuration are here to measure these numbers by."
    low, high = band
    ends = [f"{100 * v:.0f}" if measure == "overlap" else f"{v:.2f}" for v in (low, high)]
    between = " to ".join(dict.fromkeys(ends)) + (" %" if measure == "overlap" else "")
    pairs = "one pair" if seeds["pairs"] == 1 else f"{seeds['pairs']} pairs"
    return f"Two seeds of one configuration: {between} ({pairs})."


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST else f"{title[:12]}…{title[-9:]}"
