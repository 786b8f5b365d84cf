"""The report's section on agreement: whether runs find the same samples similar."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from workbench.comparison.records import AgreementRecord
from workbench.export.report.html import bullets, chart
from workbench.plots import agreement_figure
from workbench.plots.agreement import NAMES, Measure, band_words

_MEASURES: tuple[Measure, ...] = ("overlap", "cka")


def agreement_section(agreement: AgreementRecord | None) -> Iterable[str]:
    """Empty without an agreement, or for one run alone."""
    if not agreement or sum(kind in ("run", "outside") for kind in agreement["kinds"]) < 2:
        return
    yield bullets([*agreement["sentences"], *agreement["notes"]])
    for measure in _MEASURES:
        yield f'<p class="soft">{NAMES[measure]}. {escape(band_words(agreement, measure))}</p>'
        yield chart(agreement_figure(agreement, measure))
