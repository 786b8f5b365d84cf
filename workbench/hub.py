"""Requests to the Hugging Face hub with a deadline: an unreachable host costs a few seconds."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TypeVar

from workbench.errors import RequestError

T = TypeVar("T")

# Seconds that one HTTP request may take, and that ``answer`` may take in all.
SECONDS, DEADLINE = 3.0, 6.0


def answer(ask: Callable[[], T | RequestError], unreachable: Callable[[str], RequestError]) -> T:
    """What ``ask`` returns, within ``DEADLINE`` seconds. It runs in a thread of its own.

    If ``ask`` returns a RequestError, that is raised. If it returns nothing in time, the error that
    ``unreachable`` makes of the reason is raised.
    """
    # huggingface_hub reads these when it is imported. They end a stalled download.
    os.environ.setdefault("HF_HUB_DOWNLOAD_TIMEOUT", "15")
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", "5")
    answers: list[T | RequestError] = []
    thread = threading.Thread(target=lambda: answers.append(ask()), daemon=True)
    thread.start()
    # The timeouts of requests do not cover the look-up of the host's name.
    thread.join(DEADLINE)
    if not answers:
        raise unreachable("no answer in time")
    if isinstance(answers[0], RequestError):
        raise answers[0]
    return answers[0]


def first_line(error: Exception) -> str:
    """The first line of an error's message; its type where it has none."""
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
