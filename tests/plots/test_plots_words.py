"""Numbers in words."""

from __future__ import annotations

import pytest

from workbench.plots.words import p_value


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, ""), (3e-80, "< 0.0001"), (1e-4, "0.0001"), (0.0501, "0.05"), (1.0, "1")],
)
def test_a_p_value_is_short_however_small(value: float | None, said: str) -> None:
    assert p_value(value) == said
