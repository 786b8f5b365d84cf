"""How a policy gets to the Augment page and on from it: the address, Pretrain, the shell."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import streamlit as st

from workbench import registry
from workbench.app.augment import state
from workbench.app.augment.state import PolicyRow
from workbench.app.plain import plain
from workbench.app.shared import current_data, data_choice, messages, session
from workbench.augment import link
from workbench.config import AugmentStep, DataConfig, RunConfig
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError
from workbench.requests.command_line import command_line

# The parameters of the address besides the data.
_OWN = (state.QUERY, "turn", "seed", "views")


def choose_data() -> DataConfig:
    """Draw the choice of data."""
    config = current_data.current(st.query_params).config
    current_data.select(config, key="augment-source", leave=lambda _: state.touch(), width=380)
    return config


def offer_back(info: DataInfo) -> None:
    """Draw a button that applies what was composed for other data, where there is such a list."""
    before = state.composed_for_others(info)
    if before is not None:
        st.button(
            f"Use what you composed for {plain(before.info.title)}",
            icon=":material/history:",
            type="tertiary",
            on_click=state.apply,
            args=(before, info),
        )


def write_address(config: DataConfig, rows: Sequence[PolicyRow], info: DataInfo) -> None:
    """Write data and policy into the address; the policy only once it is another than at first."""
    now = {name: st.query_params[name] for name in st.query_params}
    wanted = {name: now[name] for name in _OWN if name in now}
    wanted.pop(state.QUERY, None)
    policy = state.address_text(rows, info)
    wanted |= data_choice.to_query(config) | ({} if policy is None else {state.QUERY: policy})
    if wanted != now:
        st.query_params.from_dict(wanted)


def show_unusable(error: RequestError, info: DataInfo) -> None:
    """Show what is wrong with the policy in the address, and a button for a preset instead."""
    words = messages.error_words(error)
    st.error(f"The augmentations in the address cannot be used. {words}")
    first = state.FIRST[info.modality]
    st.button(
        f"Start from the preset '{registry.presets()[first].title}'",
        type="primary",
        on_click=state.start_from,
        args=(first, info),
    )


def pretrain_button(config: DataConfig, steps: Sequence[AugmentStep]) -> None:
    """The button that takes data and policy to the Pretrain page."""
    if st.button("Pretrain with these", type="primary", icon=":material/play_arrow:"):
        session.go("pretrain", {**data_choice.to_query(config), state.QUERY: link.to_text(steps)})


def command(config: DataConfig, steps: Sequence[AugmentStep]) -> None:
    """The command that trains with this policy."""
    data = dataclasses.replace(config, fingerprint=None)
    run_config = RunConfig(data, "TASK", augment=tuple(steps))
    with st.expander("The same from a shell"):
        st.code(command_line(run_config), language="shell", wrap_lines=True)
        st.caption("Put the name of a pretext task for TASK; 'workbench list tasks' names them.")
