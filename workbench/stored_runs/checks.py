"""Which embeddings the stored checks of a run hold: h, and z where the task has a projection."""

from __future__ import annotations

from pathlib import Path

from safetensors import safe_open

from workbench import damage

SPACES = ("h", "z")


def check_spaces(check: Path) -> tuple[str, ...]:
    """The ``SPACES`` in the file of a check. A task without a projection has no z."""
    with damage.reading(check), safe_open(str(check), framework="numpy") as file:
        return tuple(space for space in SPACES if space in file.keys())  # noqa: SIM118
