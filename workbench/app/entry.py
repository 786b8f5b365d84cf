"""The app's entry: which pages there are, in which order, under which titles.

A page is a file of the top-level folder ``pages``; the file's name is its address. To add one, add
a line to the list (docs/how-to/add-a-page.md).
"""

import streamlit as st

from workbench import paths
from workbench.app import room, sidebar
from workbench.app.shared import damaged
from workbench.lessons import links

st.set_page_config(page_title="SSL Workbench", page_icon="🔬", layout="wide")
# The theme writes white on primary, which cannot be read on the light blue of the dark theme. An
# upload's list of file types wraps, where Streamlit cuts it.
st.html(
    "<style>[data-testid^='stBaseButton-primary']:enabled,[data-testid='stMultiSelect'] span[title]"
    "{color:light-dark(#fff,#0e1117) !important}"
    "[data-testid='stFileUploaderDropzoneInstructions'] span{white-space:normal}</style>"
)

_PAGES = paths.pages_dir()
pages = [
    st.Page(_PAGES / "start.py", title="Start", default=True),
    st.Page(_PAGES / "data.py", title="Data"),
    st.Page(_PAGES / "augment.py", title="Augment"),
    st.Page(_PAGES / "pretrain.py", title="Pretrain"),
    st.Page(_PAGES / "runs.py", title="Runs"),
    st.Page(_PAGES / "compare.py", title="Compare"),
    st.Page(_PAGES / "inspect.py", title="Inspect"),
    st.Page(_PAGES / "try.py", title="Try and export"),
    st.Page(_PAGES / "learn.py", title="Learn"),
]
with damaged.shown_as_error():
    admitted = room.admitted()
    chosen = st.navigation(pages, position="hidden")
    if not admitted:
        room.ask()
        st.stop()
    room.remember()
    if not links.has_menu(st.query_params):
        chosen.run()
        st.stop()
    data_slot = sidebar.show(pages, chosen)
    try:
        chosen.run()
    finally:
        # A page may prepare data or choose others, and end before its last line.
        data_slot.fill()
