"""DINO: what the student must say, how teacher and centre move, and what may not move."""

from __future__ import annotations

import math

import pytest
import torch

from workbench.tasks.base import Context
from workbench.tasks.dino import DINO, similarities
from workbench.tasks.parts.teacher import momentum_at


def answers(net, x) -> torch.Tensor:
    """Encoder, head, length 1, and a last layer with rows of length 1 (section 3.1 and code)."""
    z = net.projector(net.encoder(x)).double()
    rows = net.last.weight.double()
    return (z / z.norm(dim=1, keepdim=True)) @ (rows / rows.norm(dim=1, keepdim=True)).T


def reference(module, views, centre) -> torch.Tensor:
    """Algorithm 1 and equation 3: H(a, b) = -a log b over all pairs of different views."""
    terms = []
    for i, large in enumerate(views.inputs[:2]):
        with torch.no_grad():
            target = torch.softmax((answers(module.teacher, large) - centre) / 0.04, dim=1)
        for v, x in enumerate(views.inputs):
            if i != v:
                student = torch.softmax(answers(module, x) / 0.1, dim=1)
                terms.append(-(target * student.log()).sum(dim=1).mean())
    return sum(terms) / len(terms)


@pytest.mark.parametrize(("small_crops", "centring"), [(0, True), (2, True), (0, False)])
def test_value_and_gradient_are_those_of_the_paper(small_crops, centring, case_of, rng):
    task = DINO(outputs=9, small_crops=small_crops, centring=centring)
    case = case_of(task, "conv", "gray 28")
    # In eval mode views do not meet in a batch norm, and may be encoded one by one.
    module = case.build().eval()
    with torch.no_grad():
        module.centre.copy_(0.1 * torch.randn(9, generator=rng))
        for parameter in module.teacher.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=rng))
    views = case.views(module)
    ours = case.task.loss(module, views, Context(progress=0.5)).loss
    theirs = reference(module, views, module.centre.double() if centring else 0.0)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    parameters = [module.last.weight, *module.encoder.parameters()]
    gradients = [torch.autograd.grad(loss, parameters) for loss in (ours, theirs)]
    for mine, wanted in zip(*gradients, strict=True):
        assert torch.allclose(mine, wanted, atol=1e-5)


def test_no_gradient_reaches_the_teacher(case_of):
    case = case_of(DINO(), "conv", "gray 28")
    module = case.build()
    case.loss(module, case.views(module)).loss.backward()
    assert all(p.grad is None for p in module.teacher.parameters())
    trained = {id(p) for group in case.task.parameter_groups(module) for p in group["params"]}
    assert not trained & {id(p) for p in module.teacher.parameters()}


@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0])
def test_teacher_and_centre_are_moving_averages(progress, case_of, rng):
    case = case_of(DINO(momentum=0.9), "conv", "gray 28")
    module = case.build()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=rng))
        module.centre.fill_(0.5)
        module.answers.fill_(0.1)
    before = {k: v.clone() for k, v in module.teacher.named_parameters()}
    student = dict(module.named_parameters())
    case.task.after_step(module, progress)
    stays = 1 - 0.1 * (math.cos(math.pi * progress) + 1) / 2
    assert stays == pytest.approx(momentum_at(0.9, progress))
    for name, value in module.teacher.named_parameters():
        expected = stays * before[name] + (1 - stays) * student[name]
        assert torch.allclose(value, expected, atol=1e-5), name
    assert torch.allclose(module.centre, torch.tensor(0.9 * 0.5 + 0.1 * 0.1))


def test_the_centre_follows_what_the_teacher_says_of_large_views(case_of):
    case = case_of(DINO(outputs=7, small_crops=2), "conv", "gray 28")
    module = case.build()
    module.teacher.eval()
    views = case.views(module)
    case.loss(module, views)
    outputs = torch.cat([answers(module.teacher, x) for x in views.inputs[:2]])
    assert torch.allclose(module.answers.double(), outputs.mean(dim=0), atol=1e-5)


def test_looking_does_not_move_the_centre(case_of):
    case = case_of(DINO(), "conv", "gray 28")
    module = case.build().eval()
    case.loss(module, case.views(module))
    assert not module.answers.any()


def test_without_centring_the_centre_does_not_matter(case_of):
    for centring in (True, False):
        case = case_of(DINO(centring=centring), "conv", "gray 28")
        module = case.build().eval()
        views = case.views(module)
        before = case.loss(module, views).loss.item()
        module.centre[3] = 1.0
        assert (case.loss(module, views).loss.item() == before) is not centring


def test_centring_takes_away_an_output_that_always_wins(case_of):
    """The teacher prefers one output for all images: centred, it no longer does."""
    chosen = {}
    for centring in (True, False):
        case = case_of(DINO(outputs=16, centring=centring), "conv", "gray 28")
        module = case.build().eval()
        views = case.views(module)
        outputs = torch.cat([answers(module.teacher, x) for x in views.inputs]).float()
        module.centre.copy_(outputs.mean(dim=0))
        chosen[centring] = case.loss(module, views).logs["teacher_entropy"].item()
    # Of an untrained teacher all answers are close: centred they are nearly even.
    assert chosen[False] < chosen[True] <= math.log(16) + 1e-4


def test_the_last_layer_is_frozen_at_first(case_of):
    case = case_of(DINO(frozen=0.1), "conv", "gray 28")
    module = case.build()
    views = case.views(module)
    case.task.loss(module, views, Context(progress=0.09)).loss.backward()
    assert module.last.weight.grad is None
    assert any(p.grad.any() for p in module.encoder.parameters())
    case.task.loss(module, views, Context(progress=0.1)).loss.backward()
    assert module.last.weight.grad.any()


def test_similarities_do_not_depend_on_the_length_of_rows(rng):
    z = torch.nn.functional.normalize(torch.randn(2, 3, 4, generator=rng), dim=2)
    rows = torch.randn(5, 4, generator=rng)
    lengths = torch.rand(5, 1, generator=rng) + 0.5
    assert torch.allclose(similarities(z, rows), similarities(z, rows * lengths), atol=1e-6)
    assert similarities(z, rows).abs().max() <= 1


def test_a_student_that_knows_nothing_is_at_chance(case_of):
    case = case_of(DINO(outputs=16), "conv", "gray 28")
    module = case.build()
    with torch.no_grad():
        module.last.weight.copy_(module.last.weight[:1].expand(16, -1))
    loss = case.loss(module, case.views(module)).loss
    assert loss.item() == pytest.approx(case.task.chance(case.info, 12), rel=1e-4)
    assert case.task.chance(case.info, 12) == pytest.approx(math.log(16))


@pytest.mark.parametrize("kind", ["conv", "vit"])
def test_small_crops_are_for_the_student(kind, case_of):
    case = case_of(DINO(small_crops=3), kind, "gray 28")
    module = case.build()
    views = case.views(module)
    assert [x.shape[2] for x in views.inputs] == [28, 28, 12, 12, 12]
    out = case.loss(module, views)
    before = module.answers.clone()
    views.inputs = (*views.inputs[:2], *(1 - x for x in views.inputs[2:]))
    other = case.loss(module, views)
    assert torch.allclose(module.answers, before, atol=1e-6)
    assert not torch.allclose(out.loss, other.loss)
    assert torch.allclose(out.z.norm(dim=1), torch.ones(2 * 12), atol=1e-5)


def test_training_follows_the_teacher(case_of):
    case = case_of(DINO(outputs=16, frozen=0.0, momentum=0.9), "conv", "gray 28")
    module = case.build()
    optimizer = torch.optim.AdamW([p for p in module.parameters() if p.requires_grad], lr=3e-3)
    views = case.views(module)
    losses = []
    for _ in range(40):
        out = case.loss(module, views)
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
        case.task.after_step(module, 0.0)
        losses.append(out.loss.item())
    assert losses[-1] < 0.7 * losses[0]
    assert out.logs["teacher_followed"] > 0.8
