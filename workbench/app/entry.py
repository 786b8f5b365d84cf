"""The app's entry: navigation only. Pages lie in the top-level folder ``pages``."""

import streamlit as st

from workbench import paths
from workbench.app.shared import sidebar

st.set_page_config(page_title="SSL Workbench", page_icon="🔬", layout="wide")
# The theme writes white on primary, which cannot be read on the light blue of the dark theme.
st.html(
    "<style>[data-testid='stBaseButton-primary']:enabled,[data-testid='stMultiSelect'] span[title]"
    "{color:light-dark(#fff,#0e1117) !important}</style>"
)

_PAGES = paths.pages_dir()
pages = [
    st.Page(_PAGES / "start.py", title="Start", default=True),
    st.Page(_PAGES / "data.py", title="Data"),
    st.Page(_PAGES / "augment.py", title="Augment"),
    st.Page(_PAGES / "pretrain.py", title="Pretrain"),
    st.Page(_PAGES / "runs.py", title="Runs"),
    st.Page(_PAGES / "compare.py", title="Compare"),
    st.Page(_PAGES / "inspect_run.py", title="Inspect", url_path="inspect"),
    st.Page(_PAGES / "try_it.py", title="Try and export", url_path="try"),
    st.Page(_PAGES / "learn.py", title="Learn"),
]
chosen = st.navigation(pages)
sidebar.show()
chosen.run()
