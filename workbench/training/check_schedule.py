"""When a run makes its collapse checks: every 2 %, further apart where checks are slow."""

from __future__ import annotations

import math

EVERY = 0.02
# Checks a run whose embeddings are stored, for the slider of the check's map.
STORED = 30
# Checks of a run with a training time take at most this share of it, and these seconds.
_SHARE, _SECONDS = 0.12, 2.0
_ROUNDING = 1e-9


class CheckSchedule:
    """Says when the next check is due.

    every: share of the run between two checks, as the user fixed it; None: ``EVERY``, or more where
    checks are slow. seconds: the run's training time; None in a run of steps, whose checks stay
    where they are, so that an equal run makes equal checks.
    """

    def __init__(self, every: float | None, seconds: float | None):
        self.every = EVERY if every is None else every
        self._room = None if every is not None or seconds is None else _SHARE * seconds + _SECONDS
        self._next = 0.0

    def due(self, progress: float) -> bool:
        """Whether ``progress``, in [0, 1], has come to a check."""
        return progress >= self._next - _ROUNDING

    def made(self, progress: float) -> None:
        """Look for the check after ``progress``."""
        self._next = (math.floor(progress / self.every + _ROUNDING) + 1) * self.every

    def took(self, seconds: float) -> bool:
        """Move checks apart if one takes ``seconds``. Returns whether they are moved."""
        if self._room is None:
            return False
        # The first and the last check are always made.
        between = self._room - 2 * seconds
        share = seconds / between if between > 0 else 1.0
        if share <= self.every:
            return False
        self.every = min(1.0, math.ceil(share * 100) / 100)
        return True

    def stores(self, number: int) -> bool:
        """Whether the embeddings of check ``number``, from 0, are stored."""
        return number % math.ceil(1 / self.every / STORED) == 0
