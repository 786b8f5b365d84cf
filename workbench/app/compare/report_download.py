"""The comparison as one HTML file that opens anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from workbench.export.report.page import page
from workbench.export.report.writer import gather
from workbench.stored_runs.stored_run import StoredRun


def show(runs: Sequence[StoredRun]) -> None:
    """Draw a button that writes the report when it is pressed."""
    st.download_button(
        "Report as HTML",
        partial(_report, list(runs)),
        "comparison.html",
        "text/html",
        icon=":material/description:",
        on_click="ignore",
        help="Everything on this page in one file that opens without a network: sentences, gains, "
        "maps, checks, curves, scores, what differs, date, device and versions. Takes a few "
        "seconds.",
    )


def _report(runs: Sequence[StoredRun]) -> str:
    return page(gather(runs))
