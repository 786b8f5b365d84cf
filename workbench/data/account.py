"""The account of a source: how many samples were found, taken and left out, and why.

No reader drops anything without a count here, so the numbers always add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["rows", "files"]

# Why samples of a listing are left out while they are prepared.
NO_TEXT, NOT_DRAWN = "without a text", "not drawn (--samples)"
UNREADABLE, COPY = "not readable", "equal to another one"
WHILE_PREPARING = (NO_TEXT, NOT_DRAWN, UNREADABLE, COPY)


@dataclass(frozen=True)
class Account:
    """found: rows of tables, or files of folders and zips, counted before anything is left out.
    left_out: how many of them are no samples, by reason (plain words, no capital, no full stop).
    Raises ValueError if more is left out than was found."""

    found: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    unit: Unit = "rows"

    def __post_init__(self) -> None:
        if self.taken < 0 or any(count < 0 for count in self.left_out.values()):
            raise ValueError(f"{self.found} {self.unit} were found, and left out: {self.left_out}")

    @property
    def taken(self) -> int:
        """How many are samples."""
        return self.found - sum(self.left_out.values())

    def without(self, reason: str, count: int) -> Account:
        """This account with ``count`` more left out for ``reason``; unchanged if ``count`` is 0."""
        if not count:
            return self
        more = {**self.left_out, reason: self.left_out.get(reason, 0) + count}
        return Account(self.found, more, self.unit)

    def notes(self) -> tuple[str, ...]:
        """One sentence, if anything was left out."""
        if not self.left_out:
            return ()
        parts = ", ".join(f"{count:,} {reason}" for reason, count in self.left_out.items())
        return (f"Of {self.found:,} {self.unit} {self.taken:,} were taken; left out: {parts}.",)


def together(accounts: list[Account]) -> Account:
    """The account of several sources of one unit, read as one."""
    total = Account(sum(one.found for one in accounts), {}, accounts[0].unit)
    for one in accounts:
        for reason, count in one.left_out.items():
            total = total.without(reason, count)
    return total
