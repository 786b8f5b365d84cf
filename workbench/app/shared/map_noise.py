"""The noise control below linked maps: how much two projections of one run differ by chance."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.app.shared import run_words, session
from workbench.app.shared.session import Located
from workbench.engine import address, noise_control
from workbench.maps.map_files import StoredMap

_TICK = "3s"


def show(located: Sequence[Located], maps: Sequence[StoredMap]) -> None:
    """What the residuals of these maps have to be measured by, or a button that finds out."""
    others = [found.residual for found in maps[1:] if found.residual is not None]
    if maps[0].kind != "umap" or not others:
        return
    first = located[0]
    noise = noise_control.residual(first.home, first.row.id)
    if noise is not None:
        st.caption(_words(run_words.title(first.row), noise, others))
    elif first.demo or not (first.folder / "embeddings.safetensors").exists():
        return
    elif noise_control.state(session.store(), first.row.id) == "asked":
        _wait(first.row.id)
    else:
        _offer(first.row.id)


def _words(title: str, noise: float, others: Sequence[float]) -> str:
    """The noise and what it says of the maps here."""
    between = " to ".join(dict.fromkeys(f"{100 * v:.0f}" for v in (min(others), max(others))))
    said = (
        f"Noise control: two UMAPs of {title} that differ by the seed alone are already "
        f"{noise:.0%} unlike each other; the maps here are {between} % unlike the first."
    )
    if min(others) <= noise:
        said += " A difference no larger than the noise says nothing of the runs."
    return said


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
        noise_control.ask(session.store(), run_id)
        st.rerun()


@st.fragment(run_every=_TICK)
def _wait(run_id: str) -> None:
    """Keeps an engine there until the second map is."""
    if noise_control.state(session.store(), run_id) != "asked":
        st.rerun()
    address.ensure(session.home())
    st.caption(
        "The first run is being projected once more. It waits while a run trains, and appears here "
        "by itself."
    )
