"""What the stored checks of a run hold."""

from __future__ import annotations

from pathlib import Path

from safetensors import safe_open

SPACES = ("h", "z")


def check_spaces(check: Path) -> tuple[str, ...]:
    """Which of ``SPACES`` a stored check holds: a task without a projection has no z."""
    with safe_open(str(check), framework="numpy") as file:
        return tuple(space for space in SPACES if space in file.keys())  # noqa: SIM118
