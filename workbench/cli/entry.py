"""Where the ``workbench`` command begins, before anything else is imported.

Imports take part of a second. Ctrl-C in that time ends the command as it does later: with exit
status 130 and without a traceback.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

_INTERRUPTED = 130


def main() -> None:
    """Entry point of the ``workbench`` script."""
    # Whoever starts the command may have it ignore the signal, as nohup does.
    interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if interruptible:
        signal.signal(signal.SIGINT, _end)
    try:
        from workbench.cli.main import workbench

        if interruptible:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        status = workbench.main()
    except KeyboardInterrupt:
        status = _INTERRUPTED
    sys.exit(status)


def _end(_signal: int, _frame: FrameType | None) -> None:
    # An exception would come out of whichever import is going on, some of which hide it.
    os._exit(_INTERRUPTED)
