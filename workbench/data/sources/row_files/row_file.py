"""What is read from one file of rows, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.data.account import Account


@dataclass(frozen=True)
class RowFile:
    """columns: the values of each column by name, equally many. notes: how the file was read.
    account: the rows found and left out. nested: of each column that holds objects or lists, what
    is in it, in words; such a column is not among ``columns``."""

    columns: Mapping[str, Sequence[Any]]
    notes: tuple[str, ...]
    account: Account
    nested: Mapping[str, str] = field(default_factory=dict)
