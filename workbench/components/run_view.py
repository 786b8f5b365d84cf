"""One run on the screen, live: what it does, its curves, its verdict, and what can be done."""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from workbench import comparison
from workbench.components import session, words
from workbench.components.session import Located
from workbench.errors import WorkbenchError
from workbench.plots import checks_figure, curves_figure
from workbench.runs import held, launch, owners
from workbench.runs.store import ENDED, RunRow, Store

_TICK = "2s"
_LOG_BYTES = 6000
_CHECKS = (
    "check.z.std_sqrt_d",
    "check.z.rankme_ratio",
    "check.z.alignment",
    "check.h.std_sqrt_d",
    "check.h.rankme_ratio",
)
_CURVES = ("loss", "check.knn", "samples_per_second")


def theme() -> Literal["light", "dark"]:
    """The page's theme, for figures."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show(run_id: str) -> None:
    """The run, ticking while it lives; the whole page runs once more when it has ended."""
    located = session.locate(run_id)
    if located is None:
        st.error("There is no run of this id here. It may have been deleted.")
        return
    live = located.row.state not in ENDED
    st.fragment(_body, run_every=_TICK if live else None)(run_id, live)


def _body(run_id: str, was_live: bool) -> None:
    located = session.locate(run_id)
    if located is None or (was_live and located.row.state in ENDED):
        st.rerun()
    row = located.row
    store = Store.open(located.home, read_only=located.demo)
    _head(row, store, located)
    _result(located)
    metrics = store.metrics(run_id, [*_CURVES, *_CHECKS])
    if metrics:
        _charts(row, metrics)
    _notes(located)


def _head(row: RunRow, store: Store, located: Located) -> None:
    beat = store.last_heartbeat(row.id)
    st.subheader(words.title(row))
    st.caption(
        f"{row.config['task']} on {words.data_name(row.config)}, {row.config['encoder']}, "
        f"{words.budget(row.config)}, seed {row.config['seed']}"
        + (f", by {row.owner}" if row.owner else "")
        + f" · {row.id}"
    )
    st.write(words.state(row, beat, store.queue_position(row.id)))
    if row.state in ("running", "stopping"):
        st.progress(min(1.0, beat.progress) if beat else 0.0)
    if located.demo:
        st.caption("A stored demo run.")
        return
    _buttons(row)


def _buttons(row: RunRow) -> None:
    may = owners.may_change(session.viewer(), row)
    with st.container(horizontal=True):
        if row.state in ("queued", "running") and st.button(
            "Stop", icon=":material/stop:", disabled=not may, help="Writes a checkpoint."
        ):
            launch.stop(session.home(), row.id)
            st.rerun()
        if row.state in ("stopped", "failed") and st.button(
            "Resume", icon=":material/play_arrow:", disabled=not may
        ):
            _try(lambda: launch.resume(session.home(), row.id))
        if row.state in ENDED:
            if st.button("Run again", icon=":material/refresh:"):
                _again(row)
            if row.state == "finished" and st.button("Compare", icon=":material/compare:"):
                session.go("compare", {"runs": row.id})
            with st.popover("Delete", disabled=not may):
                st.write("The run and its files are removed for good.")
                if st.button("Delete this run", key=f"delete-{row.id}", disabled=not may):
                    launch.delete(session.home(), row.id)
                    st.query_params.pop("run", None)
                    st.rerun()


def _again(row: RunRow) -> None:
    from workbench.config import RunConfig

    def enqueue() -> None:
        launched = launch.launch(
            session.home(),
            RunConfig.from_json(row.config),
            owner=session.viewer().name,
            name=row.name,
            again=True,
        )
        st.query_params["run"] = launched.run_id

    _try(enqueue)


def _try(act: Any) -> None:
    try:
        act()
    except WorkbenchError as error:
        st.error(str(error).replace("\n", "  \n"))
    else:
        st.rerun()


def _result(located: Located) -> None:
    row = located.row
    verdict = row.summary.get("verdict")
    if verdict:
        label = words.verdict(row.summary)
        text = f"{words.verdict_icon(row.summary)} **{label[0].upper()}{label[1:]}.** "
        text += verdict["reason"]
        if verdict.get("advice"):
            text += f" {verdict['advice']}"
        bad = verdict["label"] in ("complete collapse", "dimensional collapse", "not learning")
        (st.warning if bad else st.info)(text)
    closed = not located.demo and bool(held.closed(session.store(), [row]))
    gained = comparison.gain(held.shown(row.summary, closed))
    if gained is not None:
        split = " (validation samples; the test is kept closed)" if closed else ""
        st.write(f"Nearest neighbours share the label: {comparison.gain_words(gained)}{split}.")


def _charts(row: RunRow, metrics: dict[str, list[tuple[int, float]]]) -> None:
    name, shade = words.title(row), theme()
    left, right = st.columns(2)
    with left:
        if metrics.get("loss"):
            st.markdown("**Loss**")
            figure = curves_figure(
                {name: metrics["loss"]}, chance=row.summary.get("chance"), theme=shade, height=240
            )
            _plot(figure, f"loss-{row.id}", "Loss over training steps")
        if metrics.get("check.knn"):
            st.markdown("**Nearest neighbours that share the label**")
            figure = curves_figure(
                {name: metrics["check.knn"]}, name="share", theme=shade, height=200
            )
            _plot(figure, f"knn-{row.id}", "Neighbours' accuracy over training steps")
    with right:
        found = {key: points for key, points in metrics.items() if key in _CHECKS}
        if found:
            st.markdown("**Collapse check**")
            figure = checks_figure({name: found}, theme=shade, height=180)
            _plot(figure, f"checks-{row.id}", "Spread and directions used over training steps")
        if metrics.get("samples_per_second"):
            st.metric("samples per second", f"{metrics['samples_per_second'][-1][1]:,.0f}")


def _plot(figure: Any, key: str, alt: str) -> None:
    st.plotly_chart(
        figure, key=key, theme=None, alt=alt, config={"displayModeBar": False}, width="stretch"
    )


def _notes(located: Located) -> None:
    notes = located.row.summary.get("notes", [])
    if notes:
        with st.expander("What was decided"):
            st.markdown("\n".join(f"- {note}" for note in notes))
    log = located.folder / "log.txt"
    if log.exists():
        with st.expander("Log"):
            text = log.read_bytes()[-_LOG_BYTES:].decode("utf-8", "replace")
            st.code("\n".join(text.splitlines()[-40:]), language=None)
