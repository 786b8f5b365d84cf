"""Who predicts without a name: a token that this browser keeps."""

from __future__ import annotations

from workbench.app import settings
from workbench.app.shared import browser, session
from workbench.lessons import predictions


def voter() -> str:
    """The viewer's name, or ``~`` and this browser's token. No name can contain a ``~``."""
    name = session.viewer().name
    return name.casefold() if name else f"~{browser.secret()}"


def adopt(lesson: str) -> None:
    """Give the prediction that this browser made without a name to the viewer's name."""
    name = session.viewer().name
    if name:
        predictions.adopt(session.store(), lesson, f"~{browser.secret()}", name)


def remember() -> None:
    """Write the token into a cookie, so that a reload finds the predictions. Draws nothing.

    On a shared server the sidebar has written it.
    """
    if not settings.current().shared and not session.viewer().name:
        browser.remember()
