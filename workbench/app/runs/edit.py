"""The form for a run's name, note and tags."""

from __future__ import annotations

import streamlit as st

from workbench.app.shared import messages, session
from workbench.errors import RequestError
from workbench.store import edit
from workbench.store.rows import RunRow


def show(row: RunRow, *, may: bool) -> None:
    """Draw the button that opens the form."""
    with (
        st.popover("Name and tags", icon=":material/edit:", disabled=not may),
        st.form(f"edit-{row.id}", border=False),
    ):
        name = st.text_input(
            "Name", row.name, max_chars=edit.LONGEST_NAME, help="Empty: its task and seed."
        )
        tags = st.text_input("Tags", ", ".join(row.tags), help="Several with commas between them.")
        note = st.text_area("Note", row.note, max_chars=edit.LONGEST_NOTE)
        if st.form_submit_button("Save", disabled=not may):
            _save(row, name, note, [tag for tag in tags.split(",") if tag.strip()])


def _save(row: RunRow, name: str, note: str, tags: list[str]) -> None:
    try:
        parsed = {edit.parse_tag(tag) for tag in tags}
        edit.edit(
            session.home(),
            row.id,
            name=name,
            note=note,
            tag=parsed,
            untag=set(row.tags) - parsed,
            viewer=session.viewer(),
        )
    except RequestError as error:
        messages.show_error(error)
    else:
        st.rerun()
