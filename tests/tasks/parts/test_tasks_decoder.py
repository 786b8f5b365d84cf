"""The text decoder: what it may read, its loss, and that writing freely is what training taught."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from workbench.data.dataset import CLS, MASK, PAD, SEP
from workbench.tasks.parts import decoder

WIDTH, WORDS, LENGTH = 16, 30, 12


@pytest.fixture
def embedding() -> nn.Embedding:
    torch.manual_seed(1)
    return nn.Embedding(WORDS, WIDTH, padding_idx=PAD)


@pytest.fixture
def writer() -> nn.Module:
    torch.manual_seed(0)
    module = decoder.decoder(WIDTH, WORDS, LENGTH, depth=2)
    nn.init.normal_(module.bias)
    return module


@pytest.fixture
def memory() -> torch.Tensor:
    return torch.randn(4, 7, WIDTH, generator=torch.Generator().manual_seed(2))


def texts(rng: torch.Generator) -> torch.Tensor:
    """Four texts of 9, 5, 1 and no tokens, each with SEP at its end but the last."""
    tokens = torch.randint(5, WORDS, (4, 10), generator=rng)
    for row, length in enumerate((9, 5, 1)):
        tokens[row, length] = SEP
        tokens[row, length + 1 :] = PAD
    tokens[3] = PAD
    return tokens


def test_no_token_sees_a_later_one(writer, embedding, memory, rng):
    given = torch.randint(5, WORDS, (4, 8), generator=rng)
    changed = given.clone()
    changed[:, 5] = CLS
    before = decoder.states(writer, embedding, given, memory, None)
    after = decoder.states(writer, embedding, changed, memory, None)
    assert torch.allclose(before[:, :5], after[:, :5], atol=1e-6)
    assert (before[:, 5:] - after[:, 5:]).abs().amax(dim=2).min() > 1e-4


def test_every_token_reads_the_memory_but_not_what_is_unseen(writer, embedding, memory, rng):
    given = torch.randint(5, WORDS, (4, 8), generator=rng)
    seen = torch.ones(4, 7, dtype=torch.bool)
    seen[:, 5:] = False
    changed = memory.clone()
    changed[:, 5:] += 3
    before = decoder.states(writer, embedding, given, memory, seen)
    assert torch.allclose(
        before, decoder.states(writer, embedding, given, changed, seen), atol=1e-6
    )
    changed[:, 0] += 3
    other = decoder.states(writer, embedding, given, changed, seen)
    assert (before - other).abs().amax(dim=2).min() > 1e-4


def test_the_loss_is_the_cross_entropy_of_every_token_given_those_before(
    writer, embedding, memory, rng
):
    """In loops over texts and places, each text by itself and without padding."""
    target = texts(rng)
    terms = []
    for row in range(3):
        words = [int(token) for token in target[row] if token != PAD]
        given = torch.tensor([[CLS, *words[:-1]]])
        h = decoder.states(writer, embedding, given, memory[row : row + 1], None)[0]
        for place, wanted in enumerate(words):
            scores = [
                (h[place] @ embedding.weight[word] + writer.bias[word]).item()
                for word in range(WORDS)
            ]
            terms.append(math.log(sum(map(math.exp, scores))) - scores[wanted])
    loss, _ = decoder.reconstruction(writer, embedding, target, memory, None)
    assert len(terms) == 10 + 6 + 2
    assert loss.item() == pytest.approx(sum(terms) / len(terms), rel=1e-5)


def test_the_gradient_is_probabilities_minus_what_was_there(writer, embedding, memory, rng):
    """By the bias, where cross-entropy's gradient is known: the mean of p - onehot(y)."""
    target = texts(rng)
    loss, right = decoder.reconstruction(writer, embedding, target, memory, None)
    (gradient,) = torch.autograd.grad(loss, writer.bias)
    given = torch.cat([torch.full((4, 1), CLS), target[:, :-1]], dim=1)
    with torch.no_grad():
        h = decoder.states(writer, embedding, given, memory, None)
        p = (h @ embedding.weight.T + writer.bias).softmax(dim=2)
    expected = torch.zeros(WORDS)
    hits = 0
    predicted = [(i, j) for i in range(4) for j in range(10) if target[i, j] != PAD]
    for i, j in predicted:
        expected += p[i, j] / len(predicted)
        expected[target[i, j]] -= 1 / len(predicted)
        hits += int(p[i, j].argmax() == target[i, j])
    assert torch.allclose(gradient, expected, atol=1e-5)
    assert right.item() == pytest.approx(hits / len(predicted))


def test_nothing_asked_is_a_loss_of_0(writer, embedding, memory):
    loss, _ = decoder.reconstruction(
        writer, embedding, torch.full((4, 3), PAD), memory.requires_grad_(), None
    )
    loss.backward()
    assert loss.item() == 0
    assert not memory.grad.any()


def test_greedy_takes_the_likeliest_token_given_its_own(writer, embedding, memory):
    seen = torch.ones(4, 7, dtype=torch.bool)
    seen[0, 3:] = False
    with torch.no_grad():
        written = decoder.greedy(writer, embedding, memory, seen, 9)
        given = torch.cat([torch.full((4, 1), CLS), written[:, :-1]], dim=1)
        h = decoder.states(writer, embedding, given, memory, seen)
        logits = h @ embedding.weight.T + writer.bias
    logits[:, :, [PAD, CLS, MASK]] = -math.inf
    likeliest = logits.argmax(dim=2)
    for row, words in zip(likeliest.tolist(), written.tolist(), strict=True):
        length = row.index(SEP) if SEP in row else len(row)
        assert words[:length] == row[:length]
        assert set(words[length:]) <= {PAD}
    assert not torch.isin(written, torch.tensor([CLS, MASK, SEP])).any()


def test_greedy_ends_when_all_texts_have_ended(writer, embedding, memory):
    nn.init.constant_(writer.bias, 0.0)
    writer.bias.data[SEP] = 1e4
    with torch.no_grad():
        assert (decoder.greedy(writer, embedding, memory, None, 9) == PAD).all()
    writer.bias.data[SEP] = -1e4
    with torch.no_grad():
        assert decoder.greedy(writer, embedding, memory, None, 9).shape == (4, 9)
        assert decoder.greedy(writer, embedding, memory, None, 99).shape == (4, LENGTH)


def test_it_learns_to_copy_what_one_vector_says(embedding, rng):
    """A vector a text, another text each: after some steps greedy writes them all."""
    torch.manual_seed(0)
    writer = decoder.decoder(WIDTH, WORDS, LENGTH, depth=1)
    target = torch.randint(5, WORDS, (6, 5), generator=rng)
    target[:, 4] = SEP
    memory = 3 * torch.randn(6, 1, WIDTH, generator=rng)
    optimizer = torch.optim.Adam([*writer.parameters(), *embedding.parameters()], lr=1e-2)
    for _ in range(80):
        optimizer.zero_grad()
        loss, _ = decoder.reconstruction(writer, embedding, target, memory, None)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        written = decoder.greedy(writer, embedding, memory, None, 9)
    assert torch.equal(written[:, :4], target[:, :4])


def test_a_checkpoint_holds_the_embedding_once(case_of):
    from workbench.tasks.tsdae import TSDAE

    module = case_of(TSDAE(), "text", "text").build()
    pointers = [value.data_ptr() for value in module.state_dict().values()]
    assert len(pointers) == len(set(pointers))


def test_an_empty_text_reads_its_padding():
    ids = torch.tensor([[7, PAD], [PAD, PAD]])
    assert decoder.real(ids).tolist() == [[True, False], [True, True]]
