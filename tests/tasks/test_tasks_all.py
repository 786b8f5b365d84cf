"""What holds for every registered task, on every kind of data and encoder that it takes."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys

import numpy as np
import pytest
import torch

from workbench import options, registry
from workbench.errors import RequestError
from workbench.tasks.base import Batch, IllustrationData

TASKS = list(registry.tasks().values())
# Parameters of an encoder that not every task uses.
_MAY_BE_UNUSED = ("mask_token",)


def tensors(views) -> list[torch.Tensor]:
    return [*views.inputs, *views.targets, *views.masks]


def take_step(case, module) -> None:
    optimizer = torch.optim.SGD(case.task.parameter_groups(module), lr=0.05)
    case.loss(module, case.views(module)).loss.backward()
    optimizer.step()
    case.task.after_step(module, 0.5)
    optimizer.zero_grad(set_to_none=True)


def test_loss_is_a_finite_number_and_its_gradient_reaches_the_encoder(case):
    module = case.build()
    out = case.loss(module, case.views(module))
    assert out.loss.shape == ()
    assert out.loss.dtype == torch.float32
    assert torch.isfinite(out.loss)
    assert all(torch.isfinite(value).all() and value.numel() == 1 for value in out.logs.values())
    assert not any(value.requires_grad for name, value in out.logs.items() if name == "accuracy")
    out.loss.backward()
    for name, parameter in module.encoder.named_parameters():
        if parameter.requires_grad and not name.endswith(_MAY_BE_UNUSED):
            assert parameter.grad is not None, name
    gradients = [p.grad for p in module.parameters() if p.grad is not None]
    assert all(torch.isfinite(gradient).all() for gradient in gradients)
    assert any(p.grad is not None and p.grad.any() for p in module.encoder.parameters())


def test_the_seed_decides_the_views_and_they_carry_no_gradient(case):
    module = case.build()
    views = case.views(module, seed=0)
    again, other = case.views(module, seed=0), case.views(module, seed=1)
    assert all(torch.equal(*pair) for pair in zip(tensors(views), tensors(again), strict=True))
    assert any(
        a.shape != b.shape or not torch.equal(a, b)
        for a, b in zip(tensors(views), tensors(other), strict=True)
    )
    assert not any(tensor.requires_grad for tensor in tensors(views))


def test_views_leave_the_batch_as_it_was(case):
    data = case.batch.images if case.batch.images is not None else case.batch.tokens
    before = data.clone()
    case.views(case.build())
    assert torch.equal(data, before)


def test_labels_do_not_matter_unless_they_are_asked_for(case):
    module = case.build()
    labelled = dataclasses.replace(case.batch, labels=torch.arange(case.batch.size) % 2)
    if case.task.needs.labels:
        assert case.task.family == "reference"
        return
    with_labels, without = case.views(module, batch=labelled), case.views(module)
    pairs = zip(tensors(with_labels), tensors(without), strict=True)
    assert all(torch.equal(*pair) for pair in pairs)


def test_a_step_changes_the_encoder(case):
    module = case.build()
    before = {k: v.clone() for k, v in module.encoder.named_parameters()}
    take_step(case, module)
    assert any(not torch.equal(before[k], v) for k, v in module.encoder.named_parameters())
    assert all(torch.isfinite(v).all() for v in module.state_dict().values())


def test_a_checkpoint_is_a_state_dict(case):
    """What a fresh module computes after loading is what the old one computes."""
    module, fresh = case.build(seed=0), case.build(seed=1)
    take_step(case, module)
    views = case.views(module)
    fresh.load_state_dict(module.state_dict())
    assert torch.equal(case.loss(module, views).loss, case.loss(fresh, views).loss)


def test_half_precision_gives_about_the_same_finite_loss(case):
    module = case.build()
    views = case.views(module)
    full = case.loss(module, views).loss
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = case.loss(module, views).loss
    half.backward()
    assert half.dtype == torch.float32
    assert half.item() == pytest.approx(full.item(), rel=0.1, abs=0.05)
    assert all(torch.isfinite(p.grad).all() for p in module.parameters() if p.grad is not None)


def test_the_optimizer_gets_every_parameter_once(case):
    module = case.build()
    grouped = [p for group in case.task.parameter_groups(module) for p in group["params"]]
    trained = [p for p in module.parameters() if p.requires_grad]
    assert len(grouped) == len(trained)
    assert {id(p) for p in grouped} == {id(p) for p in trained}


def test_projections_are_what_the_collapse_check_judges(case):
    module = case.build()
    out = case.loss(module, case.views(module))
    with torch.no_grad():
        h = module.encoder(case.batch.clean())
        z = case.task.project(module, h)
    assert h.shape == (case.batch.size, module.encoder.dim)
    if case.task.joint_embedding:
        assert z.shape[0] == case.batch.size
        assert out.z is not None
        assert out.z.shape[1] == z.shape[1]
        assert torch.isfinite(z).all()
    else:
        assert z is None


def test_chance_is_a_loss(case):
    chance = case.task.chance(case.info, 64)
    assert chance is None or (math.isfinite(chance) and chance > 0)


def test_illustrations_show_every_sample_what_is_seen_and_what_is_asked(case):
    views = case.views(case.build())
    vocabulary = [f"w{i}" for i in range(case.info.vocabulary or 0)]
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info, vocabulary))
    assert shown.question.endswith("?")
    assert len(shown.rows) == case.batch.size
    for row in shown.rows:
        roles = [panel.role for panel in row]
        assert roles[0] == "original"
        assert "sees" in roles
        for panel in row:
            assert panel.caption
            assert (panel.image is None) != (panel.tokens is None)
            if panel.image is not None:
                assert panel.image.dtype == np.uint8
                assert panel.image.ndim == 2 or panel.image.shape[2] == 3


@pytest.mark.parametrize("cls", TASKS, ids=lambda cls: cls.name)
def test_a_task_says_what_it_is(cls):
    assert cls.title
    assert cls.reference
    assert cls.summary.endswith(".")
    assert cls.sees.endswith(".")
    assert cls.needs.encoders
    module = sys.modules[cls.__module__]
    assert len(module.__doc__ or "") > 400
    for spec in options.options_of(cls):
        assert spec.label
        assert spec.help
        if spec.default is not None:
            assert spec.parse(spec.default, field="") == spec.default


@pytest.mark.parametrize("cls", TASKS, ids=lambda cls: cls.name)
def test_the_wrong_kind_of_data_is_refused(cls, case_of):
    wrong = {"image": "text", "text": "gray 28"}
    if len(cls.modalities) == 2:
        pytest.skip("takes both")
    info = case_of(cls(), "conv", wrong[cls.modalities[0]]).info
    with pytest.raises(RequestError, match=f"'{cls.name}' is for") as caught:
        cls().check(info)
    assert caught.value.field == "--task"


@pytest.mark.parametrize("name", ["simclr", "vicreg"])
def test_one_sample_has_no_partner(name, case_of):
    case = case_of(registry.task(name)(), "conv", "gray 28")
    one = Batch(case.batch.index[:1], images=case.batch.images[:1])
    module = case.build()
    with pytest.raises(RequestError, match="batch of 1 is too small"):
        case.loss(module, case.views(module, batch=one))


def test_tasks_and_encoders_load_without_torch():
    code = (
        "import sys\n"
        "from workbench import options, registry\n"
        "for cls in [*registry.tasks().values(), *registry.encoders().values()]:\n"
        "    cls.describe(), cls(), options.options_of(cls)\n"
        "loaded = {'torch', 'sklearn', 'umap', 'datasets'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
