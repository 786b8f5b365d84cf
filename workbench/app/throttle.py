"""Slow down guessing: after three wrong codes an address waits before its next try."""

from __future__ import annotations

import hmac
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_FREE = 3
_MOST_SECONDS = 30.0
_MOST_ADDRESSES = 1000
# An address without a wrong code for this long starts anew.
_FORGET_SECONDS = 900.0


class Throttle:
    """Counts wrong codes by address, for a bounded number of addresses. The address with the oldest
    wrong code is forgotten first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        # By address: how many wrong codes, and when the last one came.
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> float:
        """Seconds until this address may try again; 0 for now."""
        with self._lock:
            return self._wait(address)

    def matches(self, address: str, code: str, expected: str) -> bool:
        """Whether ``code`` is right. While the address has to wait, every code is refused and not
        counted."""
        with self._lock:
            if self._wait(address) > 0:
                return False
            right = bool(expected) and equal(code, expected)
            count, _ = self._wrong.pop(address, (0, 0.0))
            if not right:
                self._wrong[address] = (count + 1, self._clock())
                while len(self._wrong) > _MOST_ADDRESSES:
                    self._wrong.popitem(last=False)
            return right

    def _wait(self, address: str) -> float:
        count, last = self._wrong.get(address, (0, 0.0))
        since = self._clock() - last
        if count < _FREE or since > _FORGET_SECONDS:
            if since > _FORGET_SECONDS:
                self._wrong.pop(address, None)
            return 0.0
        return max(0.0, min(_MOST_SECONDS, 2.0 ** (count - _FREE)) - since)


def equal(text: str, expected: str) -> bool:
    """Whether two texts are equal, in constant time. Unlike ``hmac``'s, it takes any letters."""
    return hmac.compare_digest(text.encode("utf-8", "replace"), expected.encode())
