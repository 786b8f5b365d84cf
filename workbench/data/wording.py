"""How notes and messages of this room write names: in quotes, few of many, and not too long."""

from __future__ import annotations

from collections.abc import Iterable


def quoted(names: Iterable[object], most: int | None = 3) -> str:
    """The first ``most`` names in quotes, and how many more there are. None: all of them."""
    words = [str(name) for name in names]
    shown = words if most is None else words[:most]
    more = f" and {len(words) - len(shown):,} more" if len(words) > len(shown) else ""
    return ", ".join(f"'{word}'" for word in shown) + more


def shortened(text: str, most: int) -> str:
    """``text``, or its first ``most`` characters and three points."""
    return text if len(text) <= most else f"{text[:most]}..."
