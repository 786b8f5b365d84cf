"""Below linked maps: how much two projections of one run differ by chance."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import run_words, session
from workbench.engine import address, noise_control
from workbench.stored_runs.map_files import StoredMap
from workbench.stored_runs.stored_run import StoredRun

_TICK = "3s"
DIFFERS = (
    "Layout differs: the share that turning a map onto the first cannot match; 0% is the same."
)


def show(runs: Sequence[StoredRun], maps: Sequence[StoredMap]) -> None:
    """Compare the residuals of these maps with the first run's noise, or offer to measure it."""
    residuals = [other.residual for other in maps[1:] if other.residual is not None]
    if maps[0].kind != "umap" or not residuals:
        return
    first = runs[0]
    noise = noise_control.residual(first)
    if noise is not None:
        st.caption(plain(_sentence(run_words.title(first.row), noise, residuals)))
    elif first.demo or not first.has_embeddings:
        return
    elif noise_control.state(session.store(), first.id) == "asked":
        _wait(first.id)
    else:
        _offer(first.id)


def differs(residual: float) -> str:
    """How much of a map's layout is not the first map's."""
    return f"layout differs by {residual:.0%}"


def _sentence(title: str, noise: float, residuals: Sequence[float]) -> str:
    """The noise, and what it means for the maps here."""
    ends = (min(residuals), max(residuals))
    between = " to ".join(dict.fromkeys(f"{100 * value:.0f}" for value in ends))
    text = (
        f"Two UMAPs of {title} that differ only by the seed already differ by {noise:.0%}. The "
        f"maps here differ from the first by {between}%."
    )
    if min(residuals) <= noise:
        text += " A difference no larger than the noise says nothing of the runs."
    return text


def _offer(run_id: str) -> None:
    if noise_control.state(session.store(), run_id) == "failed":
        st.caption("The second projection failed; the engine's log says why.")
    if st.button(
        "How much do two UMAPs of one run differ?",
        type="tertiary",
        icon=":material/compare_arrows:",
        help="Projects the first run once more with another seed. Differences between maps that "
        "are no larger than that are noise of UMAP, not of the runs.",
    ):
        noise_control.request(session.store(), run_id)
        st.rerun()


@st.fragment(run_every=_TICK)
def _wait(run_id: str) -> None:
    """Keep an engine running until the second map is made."""
    if noise_control.state(session.store(), run_id) != "asked":
        st.rerun()
    address.ensure(session.home())
    st.caption(
        "The first run is being projected once more. It waits while a run trains, and appears here "
        "by itself."
    )
