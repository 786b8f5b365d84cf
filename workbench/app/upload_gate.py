"""The check of Streamlit's upload address: with a room code it is for admitted visitors.

Streamlit keeps uploads in the server's memory, and takes them from every open session. So a request
of a session that was not admitted is refused before its body is read.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict

from streamlit.runtime.scriptrunner import get_script_run_ctx

from workbench.app import settings

_ADDRESS = re.compile(r"/_stcore/upload_file(?:/(?P<session>[^/]*))?")
_MOST_SESSIONS = 10_000

# Ids of admitted sessions. Each script run moves its session to the end; the first is forgotten.
_admitted: OrderedDict[str, None] = OrderedDict()
_lock = threading.Lock()


def admit() -> None:
    """Let the session of this script run upload."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return
    with _lock:
        _admitted[context.session_id] = None
        _admitted.move_to_end(context.session_id)
        while len(_admitted) > _MOST_SESSIONS:
            _admitted.popitem(last=False)


def refusal(path: str) -> str | None:
    """Why a request for this path is refused, in one sentence; None if it is not."""
    match = _ADDRESS.search(path)
    if match is None or not settings.current().room:
        return None
    with _lock:
        known = match["session"] in _admitted
    return None if known else "Enter the room code before you upload."
