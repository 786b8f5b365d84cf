"""A run as a card: map, name, verdict, gain, loss and state, as one piece of HTML.

What people click on (choose, open) are widgets below the card.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape

from workbench import comparison
from workbench.app.shared import browser, run_words
from workbench.comparison.run_fields import data_name
from workbench.plots.thumbnail import sparkline_svg
from workbench.store import owners
from workbench.store.rows import ENDED, Heartbeat, RunRow
from workbench.stored_runs import hidden_test

_TINT = {
    "complete collapse": "214, 39, 40",
    "dimensional collapse": "214, 39, 40",
    "not learning": "230, 126, 34",
    "low rank": "230, 126, 34",
}
_PLAIN = "128, 128, 128"
Curve = tuple[tuple[int, float], ...]

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
class CardExtras:
    """What a card shows besides the run's row.

    title: the run's title, unlike those of other cards. picture: the map of ``kind`` as a data
    URI, empty without a map. loss: (step, value) pairs. closed: whether the run's test scores are
    hidden.
    """

    title: str
    picture: str = ""
    kind: str = ""
    loss: Curve = ()
    closed: bool = False


def card(
    row: RunRow, extras: CardExtras, beat: Heartbeat | None = None, position: int | None = None
) -> str:
    """The card of a run. beat: its last heartbeat. position: its place in the queue."""
    parts = [
        _picture(row, extras),
        f"<h3>{escape(extras.title)}</h3>",
        f'<p class="wb-small">{escape(_about(row))}</p>',
        _verdict(row),
        _gain(row, closed=extras.closed),
        _loss(row, extras),
        _state(row, beat, position),
        _tags(row),
    ]
    return f'<div class="wb-card">{"".join(parts)}</div>'


def chip(text: str, tint: str = _PLAIN) -> str:
    """A short text in a rounded frame. tint: red, green, blue of its background."""
    return (
        f'<span class="wb-chip" style="background:rgba({tint}, 0.16);border-color:rgba({tint}, 0.7)'
        f'">{escape(text)}</span>'
    )


def _picture(row: RunRow, extras: CardExtras) -> str:
    if extras.picture:
        kind = extras.kind.upper()
        alt = f"Map of {extras.title}: {kind} of its representations, coloured by class"
        return f'<img src="{extras.picture}" alt="{escape(alt, quote=True)}">'
    text = "No map" if row.state in ENDED else "The map comes when the run has finished"
    return f'<div class="wb-none">{text}</div>'


def _about(row: RunRow) -> str:
    parts = [
        data_name(row.config["data"]),
        run_words.encoder(row.config),
        run_words.budget(row.config),
    ]
    return " · ".join(part for part in parts if part)


def _verdict(row: RunRow) -> str:
    verdict = row.summary.get("verdict")
    if not verdict:
        return ""
    return f"<div>{chip(run_words.verdict(verdict), _TINT.get(verdict['label'], _PLAIN))}</div>"


def _gain(row: RunRow, *, closed: bool) -> str:
    if row.state != "finished":
        return ""
    gain = run_words.gain_sentence(row.summary, closed=closed)
    if not gain:
        return f'<p class="wb-small">{escape(run_words.no_score(row.summary))}</p>'
    of = " (validation)" if closed else ""
    behind = comparison.behind_words(hidden_test.visible_scores(row.summary, closed))
    before = f"<p>{escape(behind)}</p>" if behind else ""
    return f"{before}<p><b>{escape(gain)}</b>{of}</p>"


def _loss(row: RunRow, extras: CardExtras) -> str:
    if not extras.loss:
        return ""
    first, last = extras.loss[0][1], extras.loss[-1][1]
    alt = f"Loss, from {first:.3g} to {last:.3g}"
    svg = sparkline_svg(extras.loss, alt, level=row.summary.get("chance"))
    if not svg:
        return ""
    # As a picture: Streamlit removes <svg> from HTML.
    data = base64.b64encode(svg.encode()).decode("ascii")
    return f'<img class="wb-loss" src="data:image/svg+xml;base64,{data}" alt="{escape(alt)}">'


def _state(row: RunRow, beat: Heartbeat | None, position: int | None) -> str:
    html = f"<p>{escape(run_words.state(row, beat, position).splitlines()[0])}</p>"
    if row.state in ("running", "stopping"):
        share = min(1.0, beat.progress) if beat is not None else 0.0
        html += (
            f'<progress value="{share:.3f}" max="1" aria-label="Training time spent"></progress>'
        )
    if row.damage:
        html += f'<p role="alert"><b>Damaged:</b> {escape(row.damage)}</p>'
    # Not "5 s ago": a card is not drawn again while nothing about its run changes.
    when = f"{browser.local_time(row.created):%d %b %Y, %H:%M}".lstrip("0")
    owner = owners.in_words(row.owner)
    return f'{html}<p class="wb-small">{escape(f"{owner}, {when}" if owner else when)}</p>'


def _tags(row: RunRow) -> str:
    return f"<div>{''.join(chip(tag) for tag in row.tags)}</div>" if row.tags else ""
