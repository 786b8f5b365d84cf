"""What holds for every registered augmentation."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from workbench import options, registry
from workbench.augment.base import Augmentation
from workbench.augment.policy import Policy
from workbench.config import AugmentStep
from workbench.tasks.base import Batch

IMAGE = [n for n, cls in registry.augmentations().items() if "image" in cls.modalities]
TEXT = [n for n, cls in registry.augmentations().items() if "text" in cls.modalities]
# Those that make a table of the data first are in test_augment_text_words.py.
UNPREPARED = [n for n in TEXT if registry.augmentation(n).prepare is Augmentation.prepare]
SHAPES = [(4, 1, 28, 28), (1, 3, 31, 27), (3, 2, 8, 8), (5, 3, 1, 5)]


def test_all_families_are_found():
    families = {cls.family for cls in registry.augmentations().values()}
    assert families >= {"geometry", "colour", "noise", "masks", "text"}


@pytest.mark.parametrize("name", [*IMAGE, *TEXT])
def test_declares_what_a_form_and_the_list_need(name):
    cls = registry.augmentation(name)
    assert cls.title
    assert cls.reference
    assert cls.domains
    assert cls.summary.endswith(".")
    for spec in options.options_of(cls):
        assert spec.parse(spec.default, field=name) == spec.default
        assert spec.type in ("bool", "str") or (spec.low is not None and spec.high is not None)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", IMAGE)
def test_views_are_pictures_of_the_same_shape(name, shape, image_info, image_batch):
    size, channels, height, width = shape
    info = image_info(channels=channels, size=(height, width))
    batch = image_batch(size, channels, height, width)
    before = batch.images.clone()
    view = Policy([AugmentStep(name)], info)(batch, torch.Generator().manual_seed(0))
    assert view.shape == shape
    assert view.dtype == torch.float32
    assert torch.isfinite(view).all()
    assert view.min() >= 0
    assert view.max() <= 1
    assert torch.equal(batch.images, before)


@pytest.mark.parametrize("extreme", ["low", "high"])
@pytest.mark.parametrize("name", IMAGE)
def test_views_stay_pictures_at_the_ends_of_the_options(name, extreme, image_info, image_batch):
    specs = options.options_of(registry.augmentation(name))
    values = {
        s.name: (e, e) if s.type == "range" else e for s in specs for e in (getattr(s, extreme),)
    }
    view = Policy([AugmentStep(name, values)], image_info(9))(
        image_batch(height=9), torch.Generator().manual_seed(0)
    )
    assert view.shape == (4, 3, 9, 9)
    assert torch.isfinite(view).all()
    assert view.min() >= 0
    assert view.max() <= 1


@pytest.mark.parametrize("name", IMAGE)
def test_every_sample_has_its_own_draw_and_the_seed_decides(name, image_info, image_batch):
    one = image_batch(1)
    batch = Batch(torch.arange(32), images=one.images.expand(32, -1, -1, -1))
    policy = Policy([AugmentStep(name)], image_info())
    view = policy(batch, torch.Generator().manual_seed(0))
    assert (view != view[:1]).any()
    assert torch.equal(view, policy(batch, torch.Generator().manual_seed(0)))
    assert not torch.equal(view, policy(batch, torch.Generator().manual_seed(1)))


@pytest.mark.parametrize("name", UNPREPARED)
def test_every_text_has_its_own_draw_and_the_seed_decides(name, text_info):
    batch = Batch(torch.arange(32), tokens=torch.arange(5, 21).repeat(32, 1))
    policy = Policy([AugmentStep(name)], text_info)
    view = policy(batch, torch.Generator().manual_seed(0))
    assert view.dtype == torch.int64
    assert (view != view[:1]).any()
    assert torch.equal(view, policy(batch, torch.Generator().manual_seed(0)))
    assert not torch.equal(view, policy(batch, torch.Generator().manual_seed(1)))


@pytest.mark.parametrize(
    "name",
    [n for n in IMAGE if "p" in {s.name for s in options.options_of(registry.augmentation(n))}],
)
def test_never_is_never(name, image_info, image_batch, rng):
    batch = image_batch()
    view = Policy([AugmentStep(name, {"p": 0.0})], image_info())(batch, rng)
    assert torch.allclose(view, batch.clean(), atol=1e-5)


def test_declarations_presets_and_edits_load_without_torch():
    code = (
        "import sys\n"
        "from workbench import registry\n"
        "from workbench.augment import edit\n"
        "from workbench.requests.catalogue import entries\n"
        "assert entries('augmentations') and entries('presets')\n"
        "from workbench.data.dataset import DataInfo\n"
        "info = DataInfo('a', '', '', '', 'image', {}, size=(28, 28), channels=1)\n"
        "assert edit.apply_edits((), ['simclr', 'rotation', 'rotation.degrees=20'], info)\n"
        "loaded = {'torch', 'sklearn', 'umap', 'datasets'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
