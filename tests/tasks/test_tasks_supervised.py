"""The supervised reference: that it learns the labels, says so, and leaves missing ones out."""

from __future__ import annotations

import dataclasses
import math
import sys

import numpy as np
import pytest
import torch

from workbench.data.dataset import Target
from workbench.errors import RequestError
from workbench.tasks.base import Batch, IllustrationData
from workbench.tasks.parts.render import pixels
from workbench.tasks.supervised import MISSING, Supervised, labelled_loss


def reference(logits, target, smoothing):
    """Cross-entropy by its definition, sample by sample and class by class."""
    terms = []
    for row, label in zip(logits, target, strict=True):
        if label < 0:
            continue
        log_p = row - np.log(np.exp(row).sum())
        q = [(1 - smoothing) * (k == label) + smoothing / len(row) for k in range(len(row))]
        terms.append(-sum(qk * lk for qk, lk in zip(q, log_p, strict=True)))
    return sum(terms) / len(terms)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_the_mean_cross_entropy_of_the_labelled(smoothing, rng):
    logits = torch.randn(9, 4, generator=rng, dtype=torch.float64).requires_grad_()
    target = torch.tensor([0, 3, -1, 2, 2, -1, 1, 0, 3])
    loss, accuracy = labelled_loss(logits, target, smoothing)
    loss.backward()
    values = logits.detach().numpy()
    assert loss.item() == pytest.approx(reference(values, target.numpy(), smoothing), abs=1e-10)
    wanted = torch.softmax(logits.detach(), dim=1) - smoothing / 4
    wanted -= (1 - smoothing) * torch.nn.functional.one_hot(target.clamp_min(0), 4)
    wanted[target == MISSING] = 0
    assert torch.allclose(logits.grad, wanted / 7)
    right = values.argmax(axis=1) == target.numpy()
    assert accuracy.item() == pytest.approx(right.sum() / 7)


def test_limits():
    target = torch.tensor([1, 0, -1])
    assert labelled_loss(torch.zeros(3, 5), target, 0.0)[0].item() == pytest.approx(math.log(5))
    sure = torch.tensor([[-50.0, 50.0], [50.0, -50.0], [9.0, 9.0]])
    loss, accuracy = labelled_loss(sure, target, 0.0)
    assert loss.item() == pytest.approx(0, abs=1e-6)
    assert accuracy.item() == 1


def test_without_any_label_the_loss_is_zero_with_a_gradient():
    logits = torch.randn(3, 2, requires_grad=True)
    loss, accuracy = labelled_loss(logits, torch.full((3,), MISSING), 0.0)
    loss.backward()
    assert loss.item() == accuracy.item() == 0
    assert torch.equal(logits.grad, torch.zeros(3, 2))


@pytest.mark.parametrize(("kind", "data"), [("conv", "gray 28"), ("text", "text")])
def test_the_batchs_labels_are_what_is_learned(kind, data, case_of):
    case = case_of(Supervised(), kind, data)
    case.batch.labels = torch.arange(12) % 3 - 1
    module = case.build().eval()
    views = case.views(module)
    assert torch.equal(views.targets[0], case.batch.labels)
    logits = module.head(module.encoder(views.inputs[0])).detach().numpy()
    wanted = reference(logits, case.batch.labels.numpy(), 0.0)
    assert case.loss(module, views).loss.item() == pytest.approx(wanted, rel=1e-5)
    assert module.head.out_features == 2
    with pytest.raises(ValueError, match="labels"):
        case.views(module, batch=dataclasses.replace(case.batch, labels=None))


def test_it_says_everywhere_that_it_uses_labels(case_of):
    info = case_of(Supervised(), "conv", "gray 28").info
    assert Supervised.needs.labels
    assert Supervised.family == "reference"
    doc = sys.modules[Supervised.__module__].__doc__ or ""
    texts = (Supervised.title, Supervised.sees, Supervised.summary, doc, *Supervised().notes(info))
    for text in texts:
        assert "label" in text
    assert "not self-supervised" in Supervised.summary
    assert "No pretext task" in doc


@pytest.mark.parametrize(
    "changes",
    [{"normal": "good"}, {"targets": (Target("label", ("a",)),)}],
    ids=["normals only", "one class"],
)
def test_one_class_is_refused(changes, case_of):
    info = dataclasses.replace(case_of(Supervised(), "conv", "gray 28").info, **changes)
    with pytest.raises(RequestError, match="trains on") as caught:
        Supervised().check(info)
    assert caught.value.field == "--task"
    assert "no labels" in caught.value.remedy


def test_data_without_labels_are_refused(case_of):
    info = dataclasses.replace(case_of(Supervised(), "conv", "gray 28").info, targets=())
    with pytest.raises(RequestError, match="learns from labels"):
        Supervised().check(info)


def test_chance_is_of_as_many_classes(case_of):
    info = case_of(Supervised(), "conv", "gray 28").info
    many = dataclasses.replace(info, targets=(Target("label", tuple("abcdefg")),))
    assert Supervised().chance(info, 64) == pytest.approx(math.log(2))
    assert Supervised().chance(many, 64) == pytest.approx(math.log(7))


def test_texts_lose_and_swap_words_and_images_are_cropped(case_of):
    for data, kind, wanted in (
        ("text", "text", {"token_swap", "token_deletion"}),
        ("colour 32", "conv", {"random_resized_crop", "horizontal_flip"}),
    ):
        case = case_of(Supervised(), kind, data)
        assert {step.name for step in case.task.augment_for(case.info)} == wanted


def test_the_illustration_shows_the_view_and_the_class_asked_for(case_of):
    case = case_of(Supervised(), "conv", "colour 32")
    case.batch.labels = torch.arange(12) % 3 - 1
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, (_, seen, answer) in enumerate(shown.rows):
        assert (seen.image == pixels(views.inputs[0][row])).all()
        wanted = {-1: ("no label", ""), 0: ("a", "right"), 1: ("b", "right")}
        assert answer.tokens == (wanted[int(case.batch.labels[row])],)


def test_the_illustration_of_texts_shows_the_tokens_that_are_seen(case_of):
    case = case_of(Supervised(), "text", "text")
    views = case.views(case.build())
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    for row, (_, seen, _) in enumerate(shown.rows):
        ids = [str(token) for token in views.inputs[0][row].tolist() if token]
        assert [token for token, _ in seen.tokens] == ids


def test_it_learns_the_classes(case_of):
    case = case_of(Supervised(), "conv", "gray 28")
    labels = torch.arange(64) % 2
    noise = torch.randint(0, 100, (64, 1, 28, 28), generator=torch.Generator().manual_seed(0))
    images = (noise + 100 * labels.view(-1, 1, 1, 1)).byte()
    batch = Batch(torch.arange(64), images=images, labels=labels)
    module = case.build()
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-2)
    for seed in range(20):
        out = case.loss(module, case.views(module, seed, batch))
        optimizer.zero_grad()
        out.loss.backward()
        optimizer.step()
    assert out.loss.item() < 0.2
    assert out.logs["accuracy"].item() > 0.9
