"""What an engine gets ready before it is asked: imports at once, UMAP when no run trains.

Compiling UMAP takes some twenty seconds of a processor, and a run that trains meanwhile would have
one core less. A thread's lower priority does not help: Linux shares the processor out by session
first (autogroup), and each run is a session of its own.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

# At "0" UMAP is compiled with the first map: for machines that are small, and for tests, which
# start many engines and seldom want a map.
SETTING = "WORKBENCH_WARM_UP"
# Whoever has just prepared data launches a run within this time.
_QUIET_SECONDS = 2.0
# An engine that is asked all the time compiles nevertheless, for its maps wait.
_LONGEST_SECONDS = 15.0


class WarmUp:
    """Imports what is needed. Call ``maps_wait`` regularly: it compiles UMAP when its time comes.

    quiet_for: seconds since the engine was last asked. runs: the number of live runs. now: a clock.
    """

    def __init__(
        self,
        quiet_for: Callable[[], float],
        runs: Callable[[], int],
        now: Callable[[], float] = time.monotonic,
    ):
        self._quiet_for, self._runs, self._now = quiet_for, runs, now
        self._enabled = os.environ.get(SETTING) != "0"
        self._began = now()
        self._compiling: threading.Thread | None = None
        if self._enabled:
            threading.Thread(target=import_all, daemon=True).start()

    def maps_wait(self) -> bool:
        """Compile UMAP if no run lives; returns whether it is not yet compiled. Raises
        StoreError."""
        if not self._enabled:
            return False
        if self._compiling is None and self._due() and not self._runs():
            self._compiling = threading.Thread(target=compile_umap, daemon=True)
            self._compiling.start()
        return self._compiling is None or self._compiling.is_alive()

    def _due(self) -> bool:
        waited = self._now() - self._began
        return waited >= _LONGEST_SECONDS or self._quiet_for() >= _QUIET_SECONDS


def import_all() -> None:
    """Import what the first request would wait for."""
    from workbench.augment import policy  # noqa: F401
    from workbench.export import encoder  # noqa: F401


def compile_umap() -> None:
    """Compile what the first map would wait for."""
    from workbench.maps.umap import warm_up

    warm_up()
