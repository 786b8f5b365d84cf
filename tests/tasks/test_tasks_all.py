"""What holds for every registered task, on every kind of data and encoder that it takes."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch

from workbench import options, registry
from workbench.data.dataset import PAD, DataInfo
from workbench.errors import RequestError
from workbench.tasks.base import Batch, IllustrationData, Task

TASKS = list(registry.tasks().values())
# Parameters of an encoder that not every task uses.
_MAY_BE_UNUSED = ("mask_token",)
# Without augmentations these show the samples as they are.
_NOTHING_DRAWN = ("causal_lm", "supervised")


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


def test_gradients_reach_what_learns_and_nothing_else(case):
    """Heads learn; a teacher, which follows by itself, has no gradient and no place in it."""
    module = case.build()
    case.loss(module, case.views(module)).loss.backward()
    teacher = {id(p) for p in getattr(module, "teacher", torch.nn.Module()).parameters()}
    for name, parameter in module.named_parameters():
        if id(parameter) in teacher:
            assert not parameter.requires_grad, name
        if not parameter.requires_grad:
            assert parameter.grad is None, name
        elif not name.endswith(_MAY_BE_UNUSED):
            assert parameter.grad is not None, name
    heads = [
        child
        for name, child in module.named_children()
        if name not in ("encoder", "teacher") and any(p.requires_grad for p in child.parameters())
    ]
    for head in heads:
        assert any(p.grad is not None and p.grad.any() for p in head.parameters())


def test_the_seed_decides_the_views_and_they_carry_no_gradient(case):
    module = case.build()
    views = case.views(module, seed=0)
    again, other = case.views(module, seed=0), case.views(module, seed=1)
    assert all(torch.equal(*pair) for pair in zip(tensors(views), tensors(again), strict=True))
    if case.augment.steps or case.task.name not in _NOTHING_DRAWN:
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


def test_three_steps_stay_finite(case):
    module = case.build()
    optimizer = torch.optim.AdamW(case.task.parameter_groups(module), lr=1e-3)
    module.train()
    for step in range(3):
        out = case.loss(module, case.views(module, seed=step))
        optimizer.zero_grad(set_to_none=True)
        out.loss.backward()
        optimizer.step()
        case.task.after_step(module, (step + 1) / 3)
        assert torch.isfinite(out.loss)
    assert all(torch.isfinite(value).all() for value in module.state_dict().values())


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


def variants() -> list[Any]:
    """Every value of every option that has few."""
    found = []
    for cls in TASKS:
        for spec in options.options_of(cls):
            values = spec.choices or ((True, False) if spec.type == "bool" else ())
            found += [
                pytest.param(cls, {spec.name: value}, id=f"{cls.name} {spec.name}={value}")
                for value in values
                if value != spec.default
            ]
    return found


@pytest.mark.parametrize(("cls", "values"), variants())
def test_every_choice_of_an_option_trains(cls, values, case_of):
    data = "text" if cls.modalities == ("text",) else "colour 32"
    case = case_of(cls(**values), cls.needs.encoders[0], data)
    module = case.build()
    take_step(case, module)
    assert torch.isfinite(case.loss(module, case.views(module)).loss)


@pytest.mark.parametrize("kind", ["conv", "vit"])
@pytest.mark.parametrize("cls", TASKS, ids=lambda cls: cls.name)
def test_two_tiny_samples_train_or_are_refused_beforehand(cls, kind, case_of):
    """Images of 8 x 8 pixels; texts of one word, or of none, beside longer ones."""
    text = cls.modalities == ("text",)
    if not text and kind not in cls.needs.encoders:
        pytest.skip("not its kind of encoder")
    case = case_of(cls(), "text" if text else kind, "text" if text else "gray 8")
    if refused(cls(), case.info):
        return
    case.batch = first_two(case.batch, text)
    module = case.build()
    take_step(case, module)
    out = case.loss(module, case.views(module))
    assert torch.isfinite(out.loss)
    assert all(torch.isfinite(value).all() for value in module.state_dict().values())


def refused(task: Task, info: DataInfo) -> bool:
    """Whether the data is refused before launch."""
    try:
        task.check(info)
    except RequestError:
        return True
    return False


def first_two(batch: Batch, text: bool) -> Batch:
    def cut(values: torch.Tensor | None) -> torch.Tensor | None:
        return None if values is None else values[:2].clone()

    out = Batch(
        batch.index[:2],
        *map(cut, (batch.images, batch.tokens, batch.sentences, batch.labels)),
        batch.continues,
    )
    if text and out.tokens is not None and out.sentences is not None:
        out.tokens[0, 1:] = PAD
        out.sentences[0, 1:] = -1
        out.tokens[1, 3:] = PAD
        out.sentences[1, 2:] = -1
    return out


@pytest.mark.slow
@pytest.mark.parametrize("name", registry.encoders())
@pytest.mark.parametrize("cls", TASKS, ids=lambda cls: cls.name)
def test_every_task_trains_every_encoder_it_allows(cls, name, case_of, encoder_case):
    declared = registry.encoder(name)
    if declared.kind not in cls.needs.encoders:
        pytest.skip("not its kind of encoder")
    data = "text" if declared.kind == "text" else "gray 28"
    case = encoder_case(case_of(cls(), declared.kind, data), name)
    module = case.build()
    for _ in range(3):
        take_step(case, module)
        assert torch.isfinite(case.loss(module, case.views(module)).loss)


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


@pytest.mark.parametrize(
    "name", [c.name for c in TASKS if c.joint_embedding and "image" in c.modalities]
)
def test_one_sample_has_no_partner_and_two_are_enough(name, case_of):
    case = case_of(registry.task(name)(), "conv", "gray 28")
    one, two = (
        Batch(case.batch.index[:count], images=case.batch.images[:count]) for count in (1, 2)
    )
    module = case.build()
    with pytest.raises(RequestError, match="batch of 1 is too small") as caught:
        case.loss(module, case.views(module, batch=one))
    assert caught.value.field == "--set train.batch_size"
    case.loss(module, case.views(module, batch=two)).loss.backward()
    case.task.after_step(module, 0.5)
    assert all(torch.isfinite(value).all() for value in module.state_dict().values())
    assert all(p.grad.isfinite().all() for p in module.encoder.parameters())


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
