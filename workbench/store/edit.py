"""Name, note and tags of a run, as people edit them in the app, by command or in a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from workbench.errors import RequestError
from workbench.store import owners
from workbench.store.rows import RunRow
from workbench.store.store import Store

LONGEST_NAME = 80
LONGEST_NOTE = 2000
MOST_TAGS = 12
_TAG = re.compile(r"^[\w][\w .\-]{0,29}$")


def edit(
    home: Path,
    run_id: str,
    *,
    name: str | None = None,
    note: str | None = None,
    tag: Iterable[str] = (),
    untag: Iterable[str] = (),
    viewer: owners.Viewer | None = None,
) -> RunRow:
    """Rename a run, write its note, add the tags ``tag`` and remove the tags ``untag``.

    name, note: None leaves it as it is; an empty note removes it. viewer: who edits; None for
    whoever sits at this machine. Returns the changed run. Raises RequestError, and changes nothing,
    for somebody else's run, and for a name, note or tag that is too long or not allowed.
    """
    store = Store.open(home)
    row = store.run(run_id)
    owners.check_may_change(viewer, row)
    values = {}
    if name is not None:
        values["name"] = _checked(" ".join(name.split()), LONGEST_NAME, "name")
    if note is not None:
        values["note"] = _checked(note.strip(), LONGEST_NOTE, "note")
    add, remove = {parse_tag(one) for one in tag}, {parse_tag(one) for one in untag}
    if len((set(row.tags) | add) - remove) > MOST_TAGS:
        raise RequestError(
            f"a run has at most {MOST_TAGS} tags.",
            field="--tag",
            remedy="Remove some with --untag.",
        )
    if values:
        store.update(run_id, **values)
    if add or remove:
        store.change_tags(run_id, add, remove)
    return store.run(run_id)


def parse_tag(text: str) -> str:
    """A tag as it is stored: lower case, one space between words. Raises RequestError."""
    tag = " ".join(text.split()).casefold()
    if not _TAG.match(tag):
        raise RequestError(
            f"'{text[:40]}' cannot be a tag.",
            field="--tag",
            remedy="Give 1 to 30 letters, digits, spaces, dots or hyphens.",
        )
    return tag


def _checked(text: str, most: int, option: str) -> str:
    if len(text) > most:
        raise RequestError(
            f"the {option} has {len(text)} characters.",
            field=f"--{option}",
            remedy=f"Give at most {most}.",
        )
    return text
