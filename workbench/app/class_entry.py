"""The way to a class page: the command that lets a class reach the app, and the class's name."""

from __future__ import annotations

import shlex

import streamlit as st

from workbench import paths
from workbench.app import settings
from workbench.app.shared import session
from workbench.lessons import links, predictions

COMMAND = "workbench app --host 0.0.0.0 --room auto"


def command() -> str:
    """``COMMAND`` with the port and the home that this app was started with."""
    words, port = [COMMAND], int(st.get_option("server.port"))
    home = settings.current().home
    if port != settings.PORT:
        words.append(f"--port {port}")
    if home != paths.default_home():
        words.append(f"--home {shlex.quote(str(home))}")
    return " ".join(words)


def form(key: str, group: str = "") -> None:
    """Draw the field for the class's name and the button that opens its page.

    key: of the form. group: the name that the field begins with.
    """
    with st.form(key, border=False):
        text = st.text_input("Class", group, max_chars=30, placeholder="Tuesday group")
        if st.form_submit_button("Open the class page", icon=":material/school:"):
            name = predictions.class_name(text)
            if name:
                session.go("learn", links.query(group=name, view="class"))
            st.error("Give 1 to 30 letters, digits, spaces, dots or hyphens.")
