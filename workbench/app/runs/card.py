"""A run as a card: map, name, verdict, gain, loss, and what it is doing. One piece of HTML.

The parts that people click on (choose, open) are widgets beside it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape

from workbench.app.shared import run_words
from workbench.plots.thumbnail import sparkline_svg
from workbench.store.rows import ENDED, Heartbeat, RunRow

_TINT = {
    "complete collapse": "214, 39, 40",
    "dimensional collapse": "214, 39, 40",
    "not learning": "230, 126, 34",
    "low rank": "230, 126, 34",
}
_PLAIN = "128, 128, 128"
STYLE = """<style>
.wb-card { font-size: 0.875rem; line-height: 1.4; overflow-wrap: anywhere; }
.wb-card img { width: 100%; height: 140px; object-fit: contain; display: block; }
.wb-card .wb-none { height: 140px; display: flex; align-items: center; justify-content: center;
  text-align: center; opacity: 0.75; border: 1px dashed rgba(128, 128, 128, 0.5);
  border-radius: 6px; padding: 0 1rem; }
.wb-card h3 { font-size: 1rem; margin: 0.5rem 0 0; padding: 0; }
.wb-card p { margin: 0.2rem 0 0; font-size: 0.875rem; }
.wb-card progress { width: 100%; height: 0.5rem; }
.wb-card img.wb-loss { height: 28px; object-fit: fill; margin-top: 0.4rem; }
.wb-small { opacity: 0.8; }
.wb-chip { display: inline-block; border-radius: 0.8rem; padding: 0.05rem 0.6rem;
  border: 1px solid rgba(128, 128, 128, 0.5); font-size: 0.8rem; margin: 0.3rem 0.25rem 0 0; }
</style>"""


@dataclass(frozen=True)
class Drawn:
    """What a card shows besides the run's row. picture: the map as a data URI, empty where there
    is none; loss: its points; closed: whether the run's test is kept closed."""

    picture: str = ""
    kind: str = ""
    loss: tuple[tuple[int, float], ...] = ()
    closed: bool = False


def card(
    row: RunRow, drawn: Drawn, beat: Heartbeat | None = None, position: int | None = None
) -> str:
    """The card of a run. beat: its last sign of life; position: its place in the queue."""
    title = run_words.title(row)
    parts = [
        _picture(row, drawn, title),
        f"<h3>{escape(title)}</h3>",
        f'<p class="wb-small">{escape(_about(row))}</p>',
        _verdict(row),
        _gain(row, closed=drawn.closed),
        _loss(row, drawn),
        _state(row, beat, position),
        _tags(row),
    ]
    return f'<div class="wb-card">{"".join(parts)}</div>'


def chip(text: str, tint: str = _PLAIN) -> str:
    """A short text in a rounded frame. tint: red, green, blue of its ground."""
    return (
        f'<span class="wb-chip" style="background:rgba({tint}, 0.16);border-color:rgba({tint}, 0.7)'
        f'">{escape(text)}</span>'
    )


def _picture(row: RunRow, drawn: Drawn, title: str) -> str:
    if drawn.picture:
        told = f"Map of {title}: {drawn.kind.upper()} of its representations, coloured by class"
        return f'<img src="{drawn.picture}" alt="{escape(told, quote=True)}">'
    waiting = row.state not in ENDED
    said = "The map comes when the run has finished" if waiting else "No map"
    return f'<div class="wb-none">{said}</div>'


def _about(row: RunRow) -> str:
    parts = [
        run_words.data_name(row.config),
        run_words.encoder(row.config),
        run_words.budget(row.config),
    ]
    return " · ".join(part for part in parts if part)


def _verdict(row: RunRow) -> str:
    said = run_words.verdict(row.summary)
    if not said:
        return ""
    tint = _TINT.get((row.summary.get("verdict") or {}).get("label", ""), _PLAIN)
    return f"<div>{chip(said, tint)}</div>"


def _gain(row: RunRow, *, closed: bool) -> str:
    if row.state != "finished":
        return ""
    said = run_words.gain(row.summary, closed=closed)
    if not said:
        return '<p class="wb-small">No score: the data have no labels.</p>'
    of = " (validation)" if closed else ""
    return f"<p><b>{escape(said)}</b> points over the untrained encoder{of}</p>"


def _loss(row: RunRow, drawn: Drawn) -> str:
    if not drawn.loss:
        return ""
    first, last = drawn.loss[0][1], drawn.loss[-1][1]
    told = f"Loss, from {first:.3g} to {last:.3g}"
    svg = sparkline_svg(drawn.loss, told, level=row.summary.get("chance"))
    if not svg:
        return ""
    # As a picture: Streamlit's HTML keeps no drawing.
    data = base64.b64encode(svg.encode()).decode("ascii")
    return f'<img class="wb-loss" src="data:image/svg+xml;base64,{data}" alt="{escape(told)}">'


def _state(row: RunRow, beat: Heartbeat | None, position: int | None) -> str:
    said = f"<p>{escape(run_words.state(row, beat, position).splitlines()[0])}</p>"
    if row.state in ("running", "stopping"):
        share = min(1.0, beat.progress) if beat is not None else 0.0
        said += (
            f'<progress value="{share:.3f}" max="1" aria-label="Training time spent"></progress>'
        )
    when = run_words.ago(row.created)
    return f'{said}<p class="wb-small">{escape(f"{row.owner}, {when}" if row.owner else when)}</p>'


def _tags(row: RunRow) -> str:
    return f"<div>{''.join(chip(tag) for tag in row.tags)}</div>" if row.tags else ""
