"""What holds for every task on unusual data: tiny samples, single samples, the wrong kind."""

from __future__ import annotations

import pytest
import torch

from workbench import registry
from workbench.data.dataset import PAD, DataInfo
from workbench.errors import RequestError
from workbench.tasks.base import Batch, Task

TASKS = list(registry.tasks().values())


_TEXT = [
    (cls, kind)
    for cls in TASKS
    if cls.modalities == ("text",)
    for kind in ("text", "bag")
    if kind in cls.needs.encoders
]
_IMAGES = [(cls, kind) for cls in TASKS for kind in ("conv", "vit") if kind in cls.needs.encoders]


@pytest.mark.parametrize(("cls", "kind"), [*_IMAGES, *_TEXT])
def test_two_tiny_samples_train_or_are_refused_beforehand(cls, kind, case_of):
    """Images of 8 x 8 pixels; texts of one word, or of none, beside longer ones."""
    text = kind not in ("conv", "vit")
    case = case_of(cls(), kind, "text" if text else "gray 8")
    if refused(cls(), case.info):
        return
    case.batch = first_two(case.batch, text)
    module = case.build()
    case.step(module)
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


@pytest.mark.parametrize("cls", [cls for cls in TASKS if len(cls.modalities) == 1])
def test_the_wrong_kind_of_data_is_refused(cls, case_of):
    wrong = {"image": "text", "text": "gray 28"}
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
