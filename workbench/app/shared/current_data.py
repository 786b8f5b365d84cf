"""The current data set: the one that pages and the sidebar mean. This module alone decides it.

In this order: the address (``data=``), what was chosen in this tab, what this person chose last,
the first sample set. The address of the Runs page counts for nothing: there ``data=`` is a filter.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from workbench import json_types
from workbench.app.plain import plain
from workbench.app.shared import data_choice, session, source_access
from workbench.comparison.run_fields import data_name, name_list
from workbench.config import DataConfig
from workbench.data import cache, library
from workbench.data.dataset import Dataset
from workbench.errors import DamageError, RequestError
from workbench.requests import catalogue
from workbench.stored_runs.stored_run import StoredRun

_KEY = "current-data"
_PREFIX = "current-data/"
# On a shared server each visitor has a setting of the store; the oldest are dropped.
_MOST_PERSONS = 500
# Below this many samples a set gets a warning.
FEW_SAMPLES = 50


@dataclass(frozen=True)
class CurrentData:
    """A data set and how it is read.

    fingerprint: of its cache, None before it is prepared. chosen: False for the sample set that
    stands in until somebody chooses. gone: the name of the set chosen last, if it is not here now.
    """

    config: DataConfig
    fingerprint: str | None = None
    chosen: bool = True
    gone: str = ""


def current(query: Mapping[str, str] | None = None) -> CurrentData:
    """The current data set. query: the address, for pages on which it names data."""
    last = st.session_state.get(_KEY)
    if not isinstance(last, CurrentData):
        last = st.session_state[_KEY] = _last_of_person()
    addressed = data_choice.from_query(query) if query else None
    if addressed is None:
        return last
    if _reading(addressed) == _reading(last.config):
        return dataclasses.replace(last, config=addressed, chosen=True)
    return CurrentData(addressed, addressed.fingerprint)


def choose(config: DataConfig, data: Dataset | None = None) -> None:
    """Make these readable data the current ones, for this tab and for the person's next visit.

    data: the prepared data, once they are.
    """
    new = CurrentData(config, config.fingerprint if data is None else data.info.fingerprint)
    if st.session_state.get(_KEY) != new:
        st.session_state[_KEY] = new
        _remember(new)


def choose_sample(config: DataConfig) -> None:
    """Make a sample set the current one before it is prepared: it can be read for sure, and who
    leaves the page meanwhile keeps it."""
    if config.source in data_choice.known_sources() and config.source.startswith("sample:"):
        choose(config)


def forget(source: str) -> None:
    """Leave these data, which have been removed, where they are the current ones."""
    if st.query_params.get("data") == source:
        data_choice.clear_query(st.query_params)
    if current().config.source == source:
        session.store().drop_setting(_setting())
        st.session_state.pop(_KEY)


def prepare(config: DataConfig) -> Dataset | None:
    """Prepare the data of a page, and make them the current ones. After an error, which is shown,
    draw the ways on and return None."""
    choose_sample(config)
    data = data_choice.prepare(config)
    if data is not None:
        choose(config, data)
        return data
    if st.button("Choose other data", icon=":material/folder_open:"):
        session.go("data", {"source": "Sample sets"})
    show_way_back(config)
    return None


def show_way_back(config: DataConfig) -> None:
    """Where ``config``, from the address, cannot be used: draw a button for the data before it."""
    last = current()
    if _reading(last.config) == _reading(config):
        return

    def back() -> None:
        data_choice.write_query(st.query_params, last.config)
        # On Data, the kind of source follows the data.
        st.query_params.pop("source", None)
        st.session_state.pop("source", None)

    st.button(f"Go on with {plain(title(last))}", icon=":material/undo:", on_click=back)


def select(
    config: DataConfig,
    *,
    key: str,
    leave: Callable[[DataConfig], None],
    width: int | Literal["stretch"] = "stretch",
) -> None:
    """Draw the choice among sample sets and prepared data, on ``config``.

    leave: called with ``config`` before another data set is written into the address.
    """
    sources = data_choice.known_sources()
    sources.setdefault(config.source, source_access.shown(config.source))
    # The widget shows what is current, also after Back. Without a key, a choice that is made before
    # the last one has changed the widget's default would be lost.
    st.session_state[key] = config.source

    def change() -> None:
        leave(config)
        data_choice.write_query(st.query_params, DataConfig(str(st.session_state[key])))

    st.selectbox(
        "Data",
        list(sources),
        format_func=lambda source: sources[source],
        key=key,
        on_change=change,
        width=width,
    )


def prepared(now: CurrentData) -> Dataset | None:
    """The prepared data, for a look at them; None if they are not here or the viewer may not see
    them."""
    if now.fingerprint is None or not source_access.may_open(now.config.source):
        return None
    try:
        data = cache.find(session.home(), now.fingerprint)
    except DamageError:
        return None
    if data is None or not source_access.is_source_of(data, now.config.source):
        return None
    return library.known_as(data, now.config.source)


def is_here(now: CurrentData) -> bool:
    """Whether the source or its prepared data are still here, and the viewer may open them."""
    source = now.config.source
    if source.startswith(("sample:", "hub:")):
        return True
    if not source_access.may_open(source):
        return False
    try:
        return prepared(now) is not None or Path(source).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def title(now: CurrentData) -> str:
    """The data set's title, before it is prepared its short name."""
    data = prepared(now)
    if data is not None:
        return data.info.title
    source = now.config.source
    samples = {f"sample:{card['name']}": str(card["title"]) for card in catalogue.sample_cards()}
    return samples.get(source) or data_name({"source": source_access.shown(source)})


def is_on(run: StoredRun, now: CurrentData) -> bool:
    """Whether the run learned from these data."""
    same = now.fingerprint is not None and run.fingerprint == now.fingerprint
    return same or run.config["data"].get("source") == now.config.source


def runs_first(runs: Sequence[StoredRun]) -> list[StoredRun]:
    """The runs on the current data first; otherwise in the order given."""
    now = current(st.query_params)
    return sorted(runs, key=lambda run: not is_on(run, now)) if now.chosen else list(runs)


def show_missing_runs(offered: Sequence[StoredRun], shown: Sequence[StoredRun] = ()) -> None:
    """Where no offered run is on the current data: draw a sentence that says so, and the way to
    one. Else, where runs that the page shows learned from other data: a line that says from which.
    """
    now = current(st.query_params)
    name = plain(title(now))
    if not now.chosen or any(is_on(run, now) for run in [*offered, *shown]):
        sources = [run.config["data"].get("source", "") for run in shown if not is_on(run, now)]
        if sources:
            titles = [title(CurrentData(DataConfig(source))) for source in dict.fromkeys(sources)]
            some = "Some of the" if len(sources) < len(shown) else "The"
            some, these = ("The", "run") if len(shown) == 1 else (some, "runs")
            st.caption(
                f"{some} {these} on this page learned from {plain(name_list(titles))}. The current "
                f"data, in the sidebar, are {name}."
            )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"No run on {name} is here yet. These runs are on other data.", width="content")
        if st.button(f"Pretrain on {name}", icon=":material/play_arrow:", type="tertiary"):
            session.go("pretrain", data_choice.to_query(now.config))


def warn_of_few_samples(data: Dataset) -> None:
    """Draw what so few samples do not allow to judge; nothing for enough of them."""
    total = data.info.total
    if total >= FEW_SAMPLES:
        return
    what = "image" if data.info.modality == "image" else "text"
    st.warning(
        f"Only {total} {what}{'' if total == 1 else 's'}. Scores, clusters and the collapse check "
        f"need at least {FEW_SAMPLES}; with fewer they say nothing. Look at nearest neighbours.",
        icon=":material/warning:",
    )


def _reading(config: DataConfig) -> DataConfig:
    return dataclasses.replace(config, fingerprint=None)


def _setting() -> str:
    """The key of this person's last choice: by the secret of their browser on a shared server."""
    return f"{_PREFIX}{session.viewer().visitor or 'local'}"


def _remember(now: CurrentData) -> None:
    store = session.store()
    record = dataclasses.asdict(now.config) | {"fingerprint": now.fingerprint}
    store.set_setting(_setting(), {"config": record, "time": time.time()})
    if not session.viewer().visitor:
        return
    kept: dict[str, Any] = store.settings_under(_PREFIX)
    oldest = sorted(kept, key=lambda name: kept[name].get("time", 0.0))
    for name in oldest[: max(0, len(kept) - _MOST_PERSONS)]:
        store.drop_setting(name)


def _last_of_person() -> CurrentData:
    """What this person chose last, else the first sample set."""
    name = next((str(card["name"]) for card in catalogue.sample_cards()), "digits")
    stand_in = CurrentData(DataConfig(f"sample:{name}"), chosen=False)
    record = session.store().setting(_setting())
    try:
        config = DataConfig(**json_types.fields(DataConfig, record["config"], "data."))
    except (TypeError, KeyError, RequestError):
        return stand_in
    if not source_access.may_open(config.source):
        return stand_in
    # The fingerprint finds the cache. It is no part of how the data are read.
    last = CurrentData(_reading(config), config.fingerprint)
    if not is_here(last):
        return dataclasses.replace(stand_in, gone=data_name({"source": config.source}))
    return last
