"""The report's section on agreement: whether runs find the same samples alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from workbench.export.report_html import bullets, chart
from workbench.plots import agreement_figure
from workbench.plots.agreement import NAMES, Measure, band_words

_MEASURES: tuple[Measure, ...] = ("overlap", "cka")


def agreement_section(found: Mapping[str, Any] | None) -> Iterable[str]:
    """found: ``comparison.agreement``; nothing without it, or for one run alone."""
    if not found or sum(kind in ("run", "outside") for kind in found["kinds"]) < 2:
        return
    yield "<h2>Do they find the same samples alike?</h2>"
    yield bullets([*found["sentences"], *found["notes"]])
    for measure in _MEASURES:
        yield f'<p class="soft">{NAMES[measure]}. {escape(band_words(found, measure))}</p>'
        yield chart(agreement_figure(found, measure))
