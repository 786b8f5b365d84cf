"""Text encoders: padding, order, causality."""

from __future__ import annotations

import pytest
import torch

from workbench import options, registry
from workbench.data.dataset import PAD
from workbench.encoders.text import TextMini
from workbench.errors import RequestError

TEXT = [cls for cls in registry.encoders().values() if cls.kind == "text"]


@pytest.fixture
def ids(rng) -> torch.Tensor:
    return torch.randint(5, 60, (4, 10), generator=rng)


def padded(ids: torch.Tensor, width: int) -> torch.Tensor:
    return torch.nn.functional.pad(ids, (0, width - ids.shape[1]), value=PAD)


@pytest.mark.parametrize("cls", TEXT, ids=lambda cls: cls.name)
def test_padding_changes_nothing(cls, text_info, ids):
    module = cls().build(text_info).eval()
    with torch.no_grad():
        h = module(ids)
        assert h.shape == (4, module.dim)
        assert torch.allclose(module(padded(ids, 16)), h, atol=1e-5)
        tokens = module.tokens(padded(ids, 16))[:, :10]
        assert torch.allclose(tokens, module.tokens(ids), atol=1e-5)


@pytest.mark.parametrize("cls", TEXT, ids=lambda cls: cls.name)
def test_a_text_is_encoded_as_if_alone(cls, text_info, ids):
    """In a batch with longer texts, and with one of padding alone, whose h is finite too."""
    module = cls().build(text_info).eval()
    ragged = ids.clone()
    for row, length in enumerate((1, 4, 10, 0)):
        ragged[row, length:] = PAD
    with torch.no_grad():
        h = module(ragged)
        assert torch.isfinite(h).all()
        for row, length in enumerate((1, 4, 10)):
            alone = module(ragged[row : row + 1, :length])
            assert torch.allclose(h[row], alone[0], atol=1e-5)
        assert torch.equal(h[3], torch.zeros(module.dim))


@pytest.mark.parametrize("cls", TEXT, ids=lambda cls: cls.name)
def test_h_is_the_mean_over_real_tokens(cls, text_info, ids):
    module = cls().build(text_info).eval()
    with torch.no_grad():
        mean = module.tokens(padded(ids, 16))[:, :10].mean(dim=1)
        assert torch.allclose(module(padded(ids, 16)), mean, atol=1e-5)


@pytest.mark.parametrize("cls", TEXT, ids=lambda cls: cls.name)
def test_causal_tokens_do_not_see_later_ones(cls, text_info, ids):
    module = cls(causal=True).build(text_info).eval()
    both_ways = cls().build(text_info).eval()
    other = ids.clone()
    other[:, 6:] = (ids[:, 6:] - 5 + 1) % 55 + 5
    with torch.no_grad():
        first, second = module.tokens(ids), module.tokens(other)
        assert torch.allclose(first[:, :6], second[:, :6], atol=1e-5)
        assert not torch.allclose(first[:, 6:], second[:, 6:], atol=1e-3)
        mixed = both_ways.tokens(ids)[:, :6], both_ways.tokens(other)[:, :6]
        assert not torch.allclose(*mixed, atol=1e-3)
        assert torch.isfinite(module.tokens(padded(ids, 16))).all()


@pytest.mark.parametrize("cls", TEXT, ids=lambda cls: cls.name)
def test_dropout_draws_anew_in_training_and_never_in_scoring(cls, text_info, ids):
    module = cls(dropout=0.1).build(text_info)
    with torch.no_grad():
        assert not torch.allclose(module(ids), module(ids), atol=1e-4)
        module.eval()
        assert torch.equal(module(ids), module(ids))


@pytest.mark.parametrize("cls", TEXT, ids=lambda cls: cls.name)
def test_order_matters(cls, text_info, ids):
    module = cls().build(text_info).eval()
    with torch.no_grad():
        assert not torch.allclose(module(ids), module(ids.flip(1)), atol=1e-4)


@pytest.mark.parametrize("cls", TEXT, ids=lambda cls: cls.name)
def test_it_offers_what_tasks_on_texts_use(cls, text_info):
    module = cls().build(text_info)
    assert module.vocabulary == text_info.vocabulary
    assert module.length >= text_info.length
    assert module.embedding.weight.shape == (module.vocabulary, module.dim)
    assert not module.embedding.weight[PAD].any()
    longest = torch.full((1, text_info.length), 7)
    assert module.tokens(longest).shape == (1, text_info.length, module.dim)


@pytest.mark.parametrize("cls", TEXT, ids=lambda cls: cls.name)
def test_a_state_dict_is_all_there_is(cls, text_info, ids):
    old, new = cls().build(text_info).eval(), cls().build(text_info).eval()
    with torch.no_grad():
        assert not torch.allclose(old(ids), new(ids))
        new.load_state_dict(old.state_dict())
        assert torch.equal(old(ids), new(ids))


@pytest.mark.parametrize("cls", TEXT, ids=lambda cls: cls.name)
def test_the_gradient_reaches_every_weight(cls, text_info, ids):
    module = cls().build(text_info)
    # Not the sum of h, which the last layer norm keeps the same whatever it is given.
    module(ids).square().sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in module.parameters())


def test_a_width_that_heads_do_not_divide_is_refused(text_info):
    with pytest.raises(RequestError, match="'30' is not a multiple of 4") as caught:
        options.build(TextMini, {"dim": 30}).check(text_info)
    assert caught.value.field == "--set encoder.dim"


def test_first_and_last_layer_are_averaged_where_asked(text_info) -> None:
    torch.manual_seed(0)
    last = TextMini(pool="last").build(text_info)
    both = TextMini(pool="first+last").build(text_info)
    both.load_state_dict(last.state_dict())
    ids = torch.tensor([[7, 8, 9, 0], [7, 8, 0, 0]])
    with torch.no_grad():
        tokens = last.tokens(ids)
        entering = last.embedding(ids) + last.position(torch.arange(4))
        real = (ids != 0).float()[:, :, None]
        wanted = ((tokens + entering) / 2 * real).sum(dim=1) / real.sum(dim=1)
        torch.testing.assert_close(both(ids), wanted)
        torch.testing.assert_close(both.tokens(ids), tokens)
