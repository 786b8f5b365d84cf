"""Two views of each image: what people are shown of them."""

from __future__ import annotations

import pytest

from workbench import registry
from workbench.tasks.base import IllustrationData
from workbench.tasks.parts.render import pixels

# Whether the second view is the answer or seen as the first is.
SECOND = {
    "simclr": "found",
    "moco_v3": "found",
    "nnclr": "found",
    "byol": "predicted",
    "simsiam": "predicted",
    "vicreg": "sees",
    "barlow_twins": "sees",
}


@pytest.mark.parametrize("name", SECOND)
def test_the_illustration_shows_both_views_that_the_loss_gets(name, case_of):
    case = case_of(registry.task(name)(), "conv", "colour 32")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, first, second in zip(shown.rows, *views.inputs, strict=True):
        assert [panel.role for panel in row] == ["original", "sees", SECOND[name]]
        assert (row[1].image == pixels(first)).all()
        assert (row[2].image == pixels(second)).all()
