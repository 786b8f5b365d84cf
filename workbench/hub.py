"""Questions to the Hugging Face hub with a deadline: an unreachable host costs seconds only."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TypeVar

from workbench.errors import RequestError

T = TypeVar("T")

# Seconds that one request may take, and that a question may take as a whole.
SECONDS, DEADLINE = 3.0, 6.0


def answer(question: Callable[[], T | RequestError], late: Callable[[str], RequestError]) -> T:
    """What ``question`` returns, within ``DEADLINE`` seconds.

    Raises the RequestError that ``question`` returns. If it returns nothing in time, raises the one
    that ``late`` makes of the reason.
    """
    # The library reads these when it is imported. With them a stalled download ends.
    os.environ.setdefault("HF_HUB_DOWNLOAD_TIMEOUT", "15")
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", "5")
    answers: list[T | RequestError] = []
    thread = threading.Thread(target=lambda: answers.append(question()), daemon=True)
    thread.start()
    # The timeout of a request does not cover the look-up of the host's name.
    thread.join(DEADLINE)
    if not answers:
        raise late("no answer in time")
    if isinstance(answers[0], RequestError):
        raise answers[0]
    return answers[0]


def first_line(error: Exception) -> str:
    """The first line of an error's message; its type where it has none."""
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
