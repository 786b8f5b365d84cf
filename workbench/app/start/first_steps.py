"""The three buttons of Start: run a pilot here, use your own data, teach a class."""

from __future__ import annotations

import streamlit as st

from workbench.app import class_entry, settings
from workbench.app.shared import data_choice, launching, session
from workbench.config import Budget, DataConfig, RunConfig
from workbench.jobs import hardware
from workbench.requests import build

PILOT_DATA = "sample:digits"
PILOT_TASKS = ("simclr", "vicreg", "rotation", "mae")
PILOT_SECONDS = 20
# What a run takes besides its training time: start, warm-up, checks, scores.
_OTHER_SECONDS = 20


def show() -> None:
    """Draw the buttons, each with its caption."""
    warning = hardware.gpu_without_cuda()
    if warning:
        st.warning(warning)
    left, middle, right = st.columns(3)
    queued = session.store().count(("queued", "running", "stopping"))
    about = len(PILOT_TASKS) * (PILOT_SECONDS + _OTHER_SECONDS)
    with left.container(border=True, height="stretch"):
        st.markdown("**See it happen here**")
        st.write("Four pretext tasks on real handwritten digits, compared after equal time.")
        if st.button(
            "Run this here", type="primary", icon=":material/play_arrow:", width="stretch"
        ):
            _pilot()
        before = f"{queued} runs are" if queued > 1 else "One run is" if queued else "No run is"
        st.caption(f"About {about} s. {before} before it in the queue.")
    with middle.container(border=True, height="stretch"):
        st.markdown("**Does a model see anything in my data?**")
        st.write("A folder or zip of images, or a table of texts. Labels are welcome, not needed.")
        if st.button("Use my images or texts", icon=":material/folder_open:", width="stretch"):
            session.go("data", {"source": "Upload"})
    with right.container(border=True, height="stretch"):
        st.markdown("**One server, thirty students**")
        st.write("Everyone gives a name; the queue serves them in turn.")
        with st.popover("Teach a class", icon=":material/school:", width="stretch"):
            _class()
    st.caption(f"{settings.current().where_files_go} By itself the app asks no other host.")


def _pilot() -> None:
    data = data_choice.prepare(DataConfig(PILOT_DATA))
    if data is None:
        return
    base = RunConfig(
        DataConfig(PILOT_DATA), PILOT_TASKS[0], budget=Budget(seconds=float(PILOT_SECONDS))
    )
    configs, _ = build.pilot_configs(base, PILOT_TASKS, data.info, 1)
    query = launching.enqueue(configs)
    if query is not None:
        session.go("runs", query)


def _class() -> None:
    st.markdown(
        "Start the app so that others reach it:\n\n"
        f"```\n{class_entry.command()}\n```\n\n"
        "1. Open the class page. It has the link and the QR code for the class.\n"
        "2. Students enter the room code that the terminal printed.\n"
        "3. Ask a question. Students predict, and the page counts their answers.\n"
        "4. The token that the terminal printed lets you lead, and stop all runs."
    )
    class_entry.form("start-class")
