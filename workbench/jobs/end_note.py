"""How a run ended, in a file of its folder, for when a full disk keeps it out of the store.

The worker makes the file before it trains and fills it with spaces: to write over them needs no
room. What the note leaves is given back to the disk, which is enough for the store. Where it is
not, whoever sees the run next puts its end into the store.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench import paths
from workbench.errors import StoreError
from workbench.run_folder import END
from workbench.store.rows import ENDED, LIVE, State
from workbench.store.store import Store

_SIZE = 4096
# The note, and the pages of the store in which a run's end is written.
_RESERVED = 512 * 1024


@dataclass(frozen=True)
class EndNote:
    """The state in which a run ended, and why."""

    state: State
    reason: str | None


def reserve(folder: Path) -> None:
    """Make room for a note in the folder of a run. Raises OSError where there is none."""
    try:
        (folder / END).write_bytes(b" " * _RESERVED)
    except OSError as error:
        # The room is there, but files may not be so large.
        if error.errno != errno.EFBIG:
            raise
        (folder / END).write_bytes(b" " * _SIZE)


def write(folder: Path, state: State, reason: str | None) -> bool:
    """Write the note over the reserved room and give the rest back. If that fails, print it.

    Returns whether it was written.
    """
    # Cut where the letters are, so that the note stays JSON.
    text = json.dumps({"state": state, "reason": (reason or "")[: _SIZE // 8]})
    try:
        path = folder / END
        with path.open("r+b" if path.exists() else "wb") as file:
            file.write(text.encode().ljust(_SIZE))
            file.truncate(_SIZE)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            sys.stdout.write(f"{state}: {reason}\nThis could not be kept: {error}\n")
        return False
    return True


def read(folder: Path) -> EndNote | None:
    """The note in the folder of a run; None while there is none."""
    try:
        document = json.loads((folder / END).read_bytes().strip() or b"null")
    except (OSError, ValueError):
        return None
    if not isinstance(document, dict) or document.get("state") not in ENDED:
        return None
    return EndNote(document["state"], document.get("reason") or None)


def remove(folder: Path) -> None:
    """Remove the note, or the room for one."""
    with suppress(OSError):
        (folder / END).unlink(missing_ok=True)


def settle_all(store: Store, home: Path) -> None:
    """As ``settle``, for every run that the store takes for live. What it does not take waits."""
    with suppress(StoreError):
        for row in store.runs(states=LIVE):
            settle(store, home, row.id)


def settle(store: Store, home: Path, run_id: str) -> EndNote | None:
    """Put the end of a run from its note into the store; None if there is no note.

    Raises StoreError if the store still takes nothing. The note then stays.
    """
    folder = paths.run_dir(home, run_id)
    note = read(folder)
    if note is not None:
        store.end(run_id, note.state, reason=note.reason)
        remove(folder)
    return note
