"""The Hugging Face hub, asked with a deadline: a host out of reach costs seconds, not minutes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TypeVar

from workbench.errors import RequestError

T = TypeVar("T")

# Of one request, and of a question as a whole.
SECONDS, DEADLINE = 3.0, 6.0


def answer(question: Callable[[], T | RequestError], late: Callable[[str], RequestError]) -> T:
    """What ``question`` returns, within ``DEADLINE`` seconds.

    Raises the RequestError that it returns, or, if it does not answer, the one that ``late`` makes
    of the reason.
    """
    # Read when the library is imported: a stalled download ends instead of hanging.
    os.environ.setdefault("HF_HUB_DOWNLOAD_TIMEOUT", "15")
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", "5")
    answers: list[T | RequestError] = []
    asking = threading.Thread(target=lambda: answers.append(question()), daemon=True)
    asking.start()
    # The timeout of a request does not cover the look-up of the host's name.
    asking.join(DEADLINE)
    if not answers:
        raise late("no answer in time")
    if isinstance(answers[0], RequestError):
        raise answers[0]
    return answers[0]


def first_line(error: Exception) -> str:
    """An error of any library in one line."""
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
