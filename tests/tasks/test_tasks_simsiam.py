"""SimSiam: the loss, where the gradient stops, and what each option takes away."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from workbench.tasks.simsiam import SimSiam, siamese


def distance(p: np.ndarray, z: np.ndarray) -> float:
    """D of equation 1, averaged over the images."""
    return -float(
        np.mean(
            [
                sum(a * b for a, b in zip(one, other, strict=True))
                / (np.linalg.norm(one) * np.linalg.norm(other))
                for one, other in zip(p, z, strict=True)
            ]
        )
    )


def equation_2(p: np.ndarray, z: np.ndarray) -> float:
    half = len(p) // 2
    return distance(p[:half], z[half:]) / 2 + distance(p[half:], z[:half]) / 2


def slopes(function, x: np.ndarray) -> np.ndarray:
    out = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-6
        out[place] = (function(x + step) - function(x - step)) / 2e-6
    return out


@pytest.mark.parametrize("batch", [2, 6])
def test_the_loss_and_its_gradient_are_equation_2(batch, rng):
    p, z = torch.randn(2, 2 * batch, 5, generator=rng, dtype=torch.float64).unbind(0)
    p.requires_grad_()
    z.requires_grad_()
    loss = siamese(p, z)
    loss.backward()
    guess, target = p.detach().numpy(), z.detach().numpy()
    assert loss.item() == pytest.approx(equation_2(guess, target), rel=1e-5)
    expected = slopes(lambda x: equation_2(x, target), guess)
    assert p.grad.numpy() == pytest.approx(expected, rel=1e-5, abs=1e-8)
    expected = slopes(lambda x: equation_2(guess, x), target)
    assert z.grad.numpy() == pytest.approx(expected, rel=1e-5, abs=1e-8)


def test_limits(rng):
    x = torch.randn(8, 4, generator=rng)
    swapped = x.roll(4, dims=0)
    assert siamese(x, swapped).item() == pytest.approx(-1)
    assert siamese(x, -swapped).item() == pytest.approx(1)
    assert siamese(torch.ones(8, 4), torch.ones(8, 4)).item() == pytest.approx(-1)
    assert siamese(torch.eye(4), torch.eye(4)).item() == pytest.approx(0)


@pytest.mark.parametrize("stop", [True, False])
def test_the_gradient_stops_at_the_target_if_it_is_told_to(stop, case_of):
    """Against the same sum with the target written down as numbers, or left to follow."""
    case = case_of(SimSiam(stop_gradient=stop, out=8, hidden=16), "conv", "gray 28")
    module = case.build()
    views = case.views(module)
    case.loss(module, views).loss.backward()
    weight = module.projector[0].weight
    got = weight.grad.clone()
    grads = {}
    for kept in (True, False):
        module.zero_grad()
        z = module.projector(module.encoder(torch.cat(views.inputs)))
        p = module.predictor(z)
        target = torch.tensor(z.tolist()) if kept else z
        p1, p2, z1, z2 = *p.chunk(2), *target.chunk(2)
        one = (F.normalize(p1) * F.normalize(z2)).sum(dim=1).mean()
        other = (F.normalize(p2) * F.normalize(z1)).sum(dim=1).mean()
        (-(one + other) / 2).backward()
        grads[kept] = weight.grad.clone()
    assert torch.allclose(got, grads[stop], atol=1e-5)
    assert not torch.allclose(got, grads[not stop], atol=1e-4)


def test_only_a_learning_predictor_learns(case_of):
    built = {
        kind: case_of(SimSiam(predictor=kind), "conv", "gray 28")
        for kind in ("mlp", "none", "fixed")
    }
    modules = {kind: case.build() for kind, case in built.items()}
    before = {
        kind: [p.clone() for p in module.predictor.parameters()] for kind, module in modules.items()
    }
    for kind, case in built.items():
        module = modules[kind]
        optimizer = torch.optim.AdamW(case.task.parameter_groups(module), lr=0.01)
        case.loss(module, case.views(module)).loss.backward()
        assert any(p.grad.any() for p in module.encoder.parameters()), kind
        optimizer.step()
    assert before["none"] == []
    changed = {
        kind: [
            not torch.equal(*pair)
            for pair in zip(before[kind], modules[kind].predictor.parameters(), strict=True)
        ]
        for kind in ("mlp", "fixed")
    }
    assert all(changed["mlp"])
    assert not any(changed["fixed"])


def test_the_predictors_rate_is_constant_and_all_others_fall(case_of):
    case = case_of(SimSiam(), "conv", "gray 28")
    module = case.build()
    fixed = {
        id(p)
        for group in case.task.parameter_groups(module)
        if group["fixed_lr"]
        for p in group["params"]
    }
    assert fixed == {id(p) for p in module.predictor.parameters()}
    for group in case.task.parameter_groups(module):
        assert all((p.ndim <= 1) == (group.get("weight_decay") == 0.0) for p in group["params"])


@pytest.mark.parametrize("norm", ["batch", "none"])
def test_the_norm_of_the_projection(norm, case_of):
    case = case_of(SimSiam(output_norm=norm), "conv", "gray 28")
    module = case.build()
    z = case.loss(module, case.views(module)).z
    spread = torch.allclose(z.std(dim=0, unbiased=False), torch.ones(z.shape[1]), atol=0.01)
    assert spread == (norm == "batch")
    centred = z.mean(dim=0).abs().max() < 1e-4
    assert centred == (norm == "batch")


def test_the_target_is_the_network_itself(case_of):
    """As against BYOL: there is no teacher, and nothing moves after the step."""
    case = case_of(SimSiam(), "conv", "gray 28")
    module = case.build()
    assert not hasattr(module, "teacher")
    before = {k: v.clone() for k, v in module.state_dict().items()}
    case.task.after_step(module, 0.5)
    assert all(torch.equal(before[k], v) for k, v in module.state_dict().items())


def test_views_may_change_places(case_of):
    case = case_of(SimSiam(), "vit", "gray 28")
    module = case.build()
    views = case.views(module)
    loss = case.loss(module, views).loss
    views.inputs = views.inputs[::-1]
    assert torch.allclose(case.loss(module, views).loss, loss, atol=1e-5)


def trained(case, *, fresh_views: bool) -> tuple[list[float], torch.Tensor]:
    module = case.build()
    optimizer = torch.optim.AdamW(case.task.parameter_groups(module), lr=3e-3)
    losses = []
    for step in range(30):
        out = case.loss(module, case.views(module, seed=step if fresh_views else 0))
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
        losses.append(out.loss.item())
    unit = F.normalize(out.z.detach())
    return losses, unit.std(dim=0).mean() * unit.shape[1] ** 0.5


def test_training_learns_to_predict_and_the_views_stay_apart(case_of):
    losses, spread = trained(
        case_of(SimSiam(hidden=64, out=16), "conv", "gray 28"), fresh_views=False
    )
    assert losses[-1] < losses[0] - 0.2
    assert spread > 0.5


def test_without_stop_gradient_all_meet_in_one_point(case_of):
    task = SimSiam(hidden=64, out=16, output_norm="none", stop_gradient=False)
    losses, spread = trained(case_of(task, "conv", "gray 28"), fresh_views=True)
    assert losses[-1] < -0.9
    assert spread < 0.3
