"""SimCSE: equation 4 with loops, and dropout as all that tells the views apart."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.encoders.text import TextMini
from workbench.errors import RequestError
from workbench.tasks.base import Batch, Context, IllustrationData
from workbench.tasks.simclr import nt_xent
from workbench.tasks.simcse import SimCSE, info_nce


def by_loops(first: torch.Tensor, second: torch.Tensor, temperature: float) -> tuple[float, float]:
    def cosine(a: list[float], b: list[float]) -> float:
        dot = sum(x * y for x, y in zip(a, b, strict=True))
        return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))

    losses, found = [], []
    for i, one in enumerate(first.tolist()):
        scores = [cosine(one, other) / temperature for other in second.tolist()]
        losses.append(math.log(sum(map(math.exp, scores))) - scores[i])
        found.append(scores.index(max(scores)) == i)
    return sum(losses) / len(losses), sum(found) / len(found)


@pytest.mark.parametrize("temperature", [0.05, 0.5])
@pytest.mark.parametrize("batch", [2, 7])
def test_the_loss_is_equation_4(batch, temperature, rng):
    first = torch.randn(batch, 5, generator=rng)
    second = first + 0.9 * torch.randn(batch, 5, generator=rng)
    loss, found = info_nce(first, second, temperature)
    expected, share = by_loops(first, second, temperature)
    assert loss.item() == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert found.item() == pytest.approx(share)


def test_the_gradient_agrees_with_differences_of_the_loops(rng):
    first, second = torch.randn(2, 4, 3, generator=rng)
    first.requires_grad_()
    info_nce(first, second, 0.5)[0].backward()
    step = 1e-3
    for i in range(4):
        for j in range(3):
            moved = torch.zeros(4, 3)
            moved[i, j] = step
            up, down = (
                by_loops((first.detach() + sign * moved).double(), second.double(), 0.5)[0]
                for sign in (1, -1)
            )
            assert first.grad[i, j].item() == pytest.approx((up - down) / (2 * step), abs=1e-5)


def test_strangers_are_the_other_passes_alone(rng):
    """What tells it from NT-Xent: two first passes are never compared."""
    first, second = torch.eye(3), torch.eye(3)
    close = torch.tensor([[1.0, 0, 0], [0.99, 0.1, 0], [0, 0, 1]])
    assert nt_xent(close, second, 0.5)[0] > nt_xent(first, second, 0.5)[0]
    one, two = (by_loops(x, second, 0.5)[0] for x in (first, close))
    assert info_nce(close, second, 0.5)[0].item() == pytest.approx(two, rel=1e-5)
    assert info_nce(first, second, 0.5)[0].item() == pytest.approx(one, rel=1e-5)


def test_a_collapsed_model_is_at_chance():
    same = torch.ones(16, 8)
    assert info_nce(same, same, 0.05)[0].item() == pytest.approx(math.log(16), rel=1e-5)
    assert SimCSE().chance(None, 16) == pytest.approx(math.log(16))


def test_both_views_are_the_text_and_dropout_tells_them_apart(case_of):
    case = case_of(SimCSE(), "text", "text")
    module = case.build()
    views = case.views(module)
    assert all(torch.equal(view, case.batch.tokens) for view in views.inputs)
    assert module.encoder.dropout.p == 0.1
    z = case.loss(module, views).z
    first, second = z.chunk(2)
    assert not torch.allclose(first, second, atol=1e-3)
    module.encoder.eval()
    first, second = case.loss(module, views).z.chunk(2)
    assert torch.allclose(first, second, atol=1e-5)


def test_dropout_is_drawn_with_the_views(case_of):
    """The same views give the same loss, others another; torch's own draws are left alone."""
    case = case_of(SimCSE(), "text", "text")
    module = case.build()
    views, others = case.views(module, seed=0), case.views(module, seed=1)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    loss = case.loss(module, views).loss
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(6)
    assert torch.equal(case.loss(module, views).loss, loss)
    assert not torch.equal(case.loss(module, others).loss, loss)


def test_all_devices_are_gathered(case_of):
    case = case_of(SimCSE(), "text", "text")
    module = case.build()
    views = case.views(module)

    def twice(z: torch.Tensor) -> torch.Tensor:
        return torch.cat([z, -z])

    alone = case.task.loss(module, views, Context()).loss
    assert case.task.loss(module, views, Context(gather=twice)).loss > alone


def test_an_encoder_without_dropout_is_refused():
    with pytest.raises(RequestError, match="has none") as caught:
        SimCSE().check_encoder(TextMini())
    assert caught.value.field == "--set encoder.dropout"
    assert "half_split" in caught.value.remedy
    SimCSE().check_encoder(TextMini(dropout=0.1))


def test_one_text_has_no_partner(case_of):
    case = case_of(SimCSE(), "text", "text")
    one = Batch(case.batch.index[:1], tokens=case.batch.tokens[:1])
    module = case.build()
    with pytest.raises(RequestError, match="batch of 1 is too small"):
        case.loss(module, case.views(module, batch=one))


def test_the_illustration_shows_the_text_twice(case_of):
    case = case_of(SimCSE(), "text", "text")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for original, first, second in shown.rows:
        assert original.tokens == first.tokens == second.tokens
        assert (first.role, second.role) == ("sees", "sees")


def test_the_loss_falls_at_once(case_of):
    case = case_of(SimCSE(), "text", "text")
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=2e-3)
    for step in range(20):
        out = case.loss(module, case.views(module, seed=step))
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
    assert out.loss < 0.3
    assert out.logs["text_found"] > 0.9
