"""Views of each image: how they are made, and what people are shown of them."""

from __future__ import annotations

import pytest
import torch

from workbench import registry
from workbench.tasks.base import Batch, IllustrationData
from workbench.tasks.parts import pairs
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


@pytest.mark.parametrize(("room", "calls"), [(2**30, [5]), (3, [3, 2]), (0, [1, 1, 1, 1, 1])])
def test_views_are_made_in_as_few_calls_as_their_pixels_allow(
    room: int, calls: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    images = torch.arange(4, dtype=torch.uint8).view(4, 1, 1, 1).expand(4, 3, 8, 8).contiguous()
    batch = Batch(torch.arange(4), images=images)
    monkeypatch.setattr(pairs, "_MOST_BYTES", room * batch.clean().nbytes)
    made: list[int] = []

    def augment(given: Batch, rng: torch.Generator) -> torch.Tensor:
        made.append(given.size // 4)
        return given.clean()

    views = pairs.several_views(batch, augment, torch.Generator(), 5)
    assert made == calls
    assert len(views) == 5
    assert all(torch.equal(view, batch.clean()) for view in views)
