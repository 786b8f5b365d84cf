"""Errors that people see: each says what is wrong, where, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class WorkbenchError(Exception):
    """Base of all errors of the workbench.

    message: what is wrong, in one sentence. field: the option or argument that is wrong, as users
    type it (``--data``, ``task``). remedy: what to do, in one sentence.
    """

    def __init__(self, message: str, *, field: str | None = None, remedy: str | None = None):
        super().__init__(message)
        self.message = message
        self.field = field
        self.remedy = remedy

    def __str__(self) -> str:
        head = f"{self.field}: {self.message}" if self.field else self.message
        return f"{head}\n{self.remedy}" if self.remedy else head


class RequestError(WorkbenchError):
    """The request was wrong (exit status 2). Nothing was launched and nothing half-made is left."""


class RunError(WorkbenchError):
    """A run failed while it ran (exit status 1)."""


class StoreError(WorkbenchError):
    """The run store cannot be opened, read or written."""


class DamageError(WorkbenchError):
    """A file of a home is damaged, or is missing where it belongs (exit status 1)."""


class EngineError(WorkbenchError):
    """The engine did not answer, or answered with an error."""


class MissingExtraError(RequestError):
    """An optional dependency is needed for this request and is not installed."""

    def __init__(self, what: str, extra: str, *, field: str | None = None):
        super().__init__(
            f"{what} needs an optional dependency that is not installed.",
            field=field,
            remedy=f'Install it with: pip install "ssl-workbench[{extra}]"',
        )


def unknown_name(kind: str, name: str, known: Iterable[str], *, field: str) -> RequestError:
    """The error for a name that does not exist; its remedy offers similar names, else all names.

    field: where the name was given; ``kind`` stands for an empty one (the field of an empty name).
    """
    names = sorted(known)
    similar = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    remedy = f"Did you mean {' or '.join(similar)}?" if similar else f"Known: {', '.join(names)}."
    return RequestError(f"unknown {kind} '{name}'.", field=field or kind, remedy=remedy)
