"""How an augmentation policy comes to the Augment page and leaves it: address, Pretrain, shell."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import streamlit as st

from workbench import registry
from workbench.app.augment import state
from workbench.app.augment.state import Row
from workbench.app.shared import data_choice, session
from workbench.augment import link
from workbench.config import AugmentStep, DataConfig, RunConfig
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.requests import build

_LAST = "augment-data"
# What the address holds beside the data.
_OWN = (state.QUERY, "turn", "seed", "views")


def data_asked() -> DataConfig:
    """Which data the page is about: as in the address, as before on this visit, or as chosen."""
    asked: DataConfig | None = data_choice.from_query(st.query_params)
    asked = asked or st.session_state.get(_LAST)
    sources = data_choice.known_sources()
    if asked is not None:
        sources.setdefault(asked.source, asked.source)
    names = list(sources)
    source = st.selectbox(
        "Data",
        names,
        names.index(asked.source) if asked is not None else 0,
        format_func=lambda name: sources[name],
        on_change=state.touch,
        width=380,
    )
    if asked is None or asked.source != source:
        asked = DataConfig(source)
    return asked


def keep(asked: DataConfig, rows: Sequence[Row]) -> None:
    """Write all that the page shows into the address."""
    st.session_state[_LAST] = asked
    now = {name: st.query_params[name] for name in st.query_params}
    wanted = {name: now[name] for name in _OWN if name in now}
    wanted |= {**data_choice.to_query(asked), state.QUERY: state.text(rows)}
    if wanted != now:
        st.query_params.from_dict(wanted)


def not_understood(error: RequestError, info: DataInfo) -> None:
    """Say what is wrong with the policy in the address, and offer the way on."""
    st.error(f"The augmentations in the address cannot be used. {error}".replace("\n", "  \n"))
    first = state.FIRST[info.modality]
    st.button(
        f"Start from the preset '{registry.presets()[first].title}'",
        type="primary",
        on_click=state.start_from,
        args=(first, info),
    )


def pretrain(asked: DataConfig, steps: Sequence[AugmentStep]) -> None:
    """The button that takes data and policy to the Pretrain page."""
    if st.button("Pretrain with these", type="primary", icon=":material/play_arrow:"):
        session.go("pretrain", {**data_choice.to_query(asked), state.QUERY: link.to_text(steps)})


def command(asked: DataConfig, steps: Sequence[AugmentStep]) -> None:
    """The same policy for a shell."""
    config = RunConfig(dataclasses.replace(asked, fingerprint=None), "TASK", augment=tuple(steps))
    with st.expander("The same from a shell"):
        st.code(build.command_line(config), language="shell", wrap_lines=True)
        st.caption("Put the name of a pretext task for TASK; 'workbench list tasks' names them.")
