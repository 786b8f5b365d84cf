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


def remember(*, menu: bool) -> None:
    """Write the token into a cookie, so that a reload finds the predictions. Draws nothing.

    menu: whether the page has a sidebar, which writes it on a shared server.
    """
    if (not settings.current().shared and not session.viewer().name) or not menu:
        browser.remember()
