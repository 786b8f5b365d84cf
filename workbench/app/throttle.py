"""Slows down whoever guesses a code: after some wrong ones, each address waits before the next."""

from __future__ import annotations

import hmac
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_FREE = 3
_MOST_SECONDS = 30.0
_MOST_ADDRESSES = 1000
# After so long without a wrong code an address is new again.
_FORGET_SECONDS = 900.0


class Throttle:
    """Wrong codes by address: (how many, when the last one was). Its memory is bounded; the
    address that was wrong longest ago is forgotten first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> float:
        """Seconds until this address may try again; 0 for now."""
        with self._lock:
            return self._wait(address)

    def matches(self, address: str, code: str, expected: str) -> bool:
        """Whether ``code`` is right. While the address has to wait, no code is, nor counted."""
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
    """Whether two texts are equal, in a time that tells nothing; other letters than ASCII too."""
    return hmac.compare_digest(text.encode("utf-8", "replace"), expected.encode())
