"""The comparison as files: one HTML report that opens anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from workbench.app.shared.session import Located
from workbench.export.report import gather_places
from workbench.export.report_page import page
from workbench.stored_runs.compare import Place


def show(located: Sequence[Located]) -> None:
    """A button that writes the report when it is pressed, and only then."""
    places = [Place(place.home, place.row, place.demo) for place in located]
    st.download_button(
        "Report as HTML",
        partial(_report, places),
        "comparison.html",
        "text/html",
        icon=":material/description:",
        on_click="ignore",
        help="Everything on this page in one file that opens without a network: sentences, gains, "
        "maps, checks, curves, scores, what differs, date, device and versions. Takes a few "
        "seconds.",
    )


def _report(places: Sequence[Place]) -> str:
    return page(gather_places(places))
