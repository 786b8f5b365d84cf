"""Pretrained encoders: what is refused before launch, and what a model in a folder gives."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.dataset import DataInfo, Dataset
from workbench.encoders import pretrained, pretrained_hub
from workbench.errors import MissingExtraError, RequestError

IMAGES = DataInfo("x", "X", "x", "f" * 16, "image", {"train": 9}, size=(8, 8), channels=1)
TEXTS = DataInfo("x", "X", "x", "f" * 16, "text", {"train": 9}, vocabulary=30, length=9)
VIT: dict[str, Any] = {"model_type": "vit", "num_channels": 3, "image_size": 16}
BERT: dict[str, Any] = {"model_type": "bert", "vocab_size": 30}
FILES = {"config.json", "preprocessor_config.json", "model.safetensors"}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were installed: the checks before the launch never import it."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda n: find_spec("json") if n == "transformers" else find_spec(n),
    )


@pytest.mark.parametrize(
    ("names", "config", "info", "message"),
    [
        (set(), {}, IMAGES, "holds no model of transformers"),
        (FILES - {"model.safetensors"}, VIT, IMAGES, "no weights as safetensors"),
        (FILES - {"model.safetensors"} | {"pytorch_model.bin"}, VIT, IMAGES, "may hold pickle"),
        (FILES - {"preprocessor_config.json"}, VIT, IMAGES, "how it wants its pixels"),
        (FILES, BERT, IMAGES, "reads texts, and 'x' is image data"),
        (FILES, VIT, TEXTS, "reads images, and 'x' is text data"),
        (FILES, BERT, TEXTS, "has no tokenizer"),
        (FILES, {**BERT, "is_encoder_decoder": True}, TEXTS, "no encoder of images or of texts"),
        (FILES, {"model_type": "clip", "vision_config": {}}, IMAGES, "no encoder of images or of"),
        (FILES, VIT, dataclasses.replace(IMAGES, channels=2), "reads 3 channels"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(
    names: set[str], config: dict[str, Any], info: DataInfo, message: str
) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        pretrained.check_files("here", names, config, info)
    assert caught.value.field == "--set eval.pretrained"
    assert caught.value.remedy


def test_a_model_that_fits_is_not() -> None:
    pretrained.check_files("here", FILES, VIT, IMAGES)
    pretrained.check_files("here", {*FILES, "tokenizer.json"}, BERT, TEXTS)


def test_a_folder_that_is_not_there(installed: None, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there is no folder") as caught:
        pretrained.check(str(tmp_path / "nowhere"), IMAGES)
    assert caught.value.field == "--set eval.pretrained"


def test_damaged_weights_are_told_before_launch(installed: None, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(VIT))
    (tmp_path / "preprocessor_config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(RequestError, match="is damaged"):
        pretrained.check(str(tmp_path), IMAGES)


def test_the_extra_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"ssl-workbench\[pretrained\]") as caught:
        pretrained.check(str(tmp_path), IMAGES)
    assert caught.value.field == "--set eval.pretrained"


def test_the_hub_is_asked_and_says_why_not(
    installed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for source, message in (
        ("hub:nobody", "names no model"),
        ("hub:nobody/nothing", "does not give"),
    ):
        with pytest.raises(RequestError, match=message) as caught:
            pretrained.check(source, IMAGES)
        assert caught.value.field == "--set eval.pretrained"
    with pytest.raises(RequestError, match="does not give"):
        pretrained_hub.download("nobody/nothing")


def test_the_content_decides_the_address(tmp_path: Path) -> None:
    for name in ("config.json", "model.safetensors", "README.md"):
        (tmp_path / name).write_text("one")
    before = pretrained.digest(tmp_path)
    (tmp_path / "README.md").write_text("two")
    assert pretrained.digest(tmp_path) == before
    (tmp_path / "model.safetensors").write_text("two")
    assert pretrained.digest(tmp_path) != before


# With transformers -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits(digits_home: Path) -> Dataset:
    return prepare(DataConfig("sample:digits"), digits_home)


def saved_vit(folder: Path, **changes: Any) -> Any:
    """A tiny random ViT in ``folder``; the model itself."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.ViTConfig(
        **small, intermediate_size=16, image_size=16, patch_size=4, **changes
    )
    model = transformers.ViTModel(config, add_pooling_layer=False).eval()
    model.save_pretrained(folder)
    wanted = {"size": {"height": 16, "width": 16}, "resample": 3, "image_mean": [0.5, 0.4, 0.3]}
    wanted |= {"image_std": [0.5, 0.2, 0.1], "do_normalize": True}
    (folder / "preprocessor_config.json").write_text(json.dumps(wanted))
    return model


def test_pixels_are_prepared_as_pillow_would() -> None:
    torch = pytest.importorskip("torch")
    from workbench.encoders.nets.pretrained import prepare_pixels

    # Smooth: Pillow rounds between its two passes, which shows at hard edges alone.
    waves = np.sin(np.add.outer(np.arange(12) / 3, np.arange(20) / 4)[:, :, None] + np.arange(3))
    image = (127 + 100 * waves).astype(np.uint8)
    x = torch.from_numpy(image.transpose(2, 0, 1)[None].copy())
    wanted: dict[str, Any] = {"size": {"height": 24, "width": 40}, "resample": 3}
    wanted |= {"do_normalize": False}
    theirs = np.asarray(Image.fromarray(image).resize((40, 24), Image.Resampling.BICUBIC)) / 255
    mine = prepare_pixels(x, wanted)[0].permute(1, 2, 0).numpy()
    assert np.abs(mine - theirs).max() < 2 / 255

    wanted = {"size": {"shortest_edge": 6}, "resample": 2, "image_mean": [0.5] * 3}
    wanted |= {"image_std": [0.25] * 3, "do_center_crop": True, "crop_size": 6}
    theirs = np.asarray(Image.fromarray(image).resize((10, 6), Image.Resampling.BILINEAR)) / 255
    mine = prepare_pixels(x, wanted)[0].permute(1, 2, 0).numpy()
    assert np.abs(mine - (theirs[:, 2:8] - 0.5) / 0.25).max() < 4 * 2 / 255
    # ConvNeXt's: enlarged by 1 / crop_pct, then the middle.
    assert prepare_pixels(x, {"size": {"shortest_edge": 14}, "crop_pct": 0.875}).shape[2:] == (
        14,
        14,
    )
    # Old files give one number for both sides.
    assert prepare_pixels(x, {"size": 10}).shape[2:] == (10, 10)


def test_an_image_model_gives_its_class_token(digits: Dataset, tmp_path: Path) -> None:
    model = saved_vit(tmp_path)
    import torch

    from workbench.encoders.nets.pretrained import Pretrained, prepare_pixels

    pretrained.check(str(tmp_path), digits.info)
    read = Pretrained(tmp_path, digits, torch.device("cpu"))
    rows = np.array([5, 2, 900, 33])
    h = read.embed(rows)
    gray = torch.from_numpy(digits.images[rows]).expand(-1, 3, -1, -1)
    wanted = json.loads((tmp_path / "preprocessor_config.json").read_text())
    with torch.no_grad():
        expected = model(pixel_values=prepare_pixels(gray, wanted)).last_hidden_state[:, 0]
    assert h is not None
    assert h == pytest.approx(expected.numpy(), abs=1e-5)
    assert "its class token" in pretrained.describe(tmp_path, digits.info)
    assert read.embed(rows, should_stop=lambda: True) is None


def test_a_convolutional_model_gives_the_mean_of_its_maps(digits: Dataset, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    import torch

    from workbench.encoders.nets.pretrained import Pretrained

    config = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8], depths=[1, 1], layer_type="basic"
    )
    model = transformers.ResNetModel(config).eval()
    model.save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps({"size": {"shortest_edge": 32}}))
    pretrained.check(str(tmp_path), digits.info)
    h = Pretrained(tmp_path, digits, torch.device("cpu")).embed(np.arange(3))
    assert h is not None
    assert h.shape == (3, 8)
    assert "mean over its last patches or feature maps" in pretrained.describe(
        tmp_path, digits.info
    )


def test_weights_that_are_not_all_there_are_refused(digits: Dataset, tmp_path: Path) -> None:
    """Missing weights would be random numbers that get a score."""
    saved_vit(tmp_path)
    import torch
    from safetensors.torch import load_file, save_file

    from workbench.encoders.nets.pretrained import Pretrained

    whole = load_file(tmp_path / "model.safetensors")
    some = {name: value for name, value in whole.items() if "attention" not in name}
    save_file(some, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(RequestError, match="weights are missing"):
        Pretrained(tmp_path, digits, torch.device("cpu"))


def test_a_text_model_gives_the_mean_over_its_tokens(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    import torch

    from workbench.encoders.nets.pretrained import Pretrained, mean_over_tokens

    texts = [f"the {'cat sat ' * (number % 5)}mat {number}" for number in range(40)]
    source = tmp_path / "posts.csv"
    source.write_text("\n".join(["text", *texts]), "utf-8")
    data = prepare(DataConfig(str(source)), tmp_path / "home")
    folder = tmp_path / "model"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "mat"]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(words), "utf-8")
    transformers.BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=8,
    )
    model = transformers.BertModel(config, add_pooling_layer=False).eval()
    model.save_pretrained(folder)
    pretrained.check(str(folder), data.info)
    rows = np.arange(12)
    h = Pretrained(folder, data, torch.device("cpu")).embed(rows)
    assert h is not None
    for row in rows:
        # One at a time: no padding that could leak in; cut at the model's 8 places.
        ids = transformers.AutoTokenizer.from_pretrained(folder)(
            data.texts[row], truncation=True, max_length=8, return_tensors="pt"
        )
        assert ids["input_ids"].shape[1] <= 8
        with torch.no_grad():
            alone = model(**ids).last_hidden_state[0].mean(dim=0)
        assert h[row] == pytest.approx(alone.numpy(), abs=1e-5)
    hidden = torch.tensor([[[1.0], [3.0], [100.0]]])
    assert mean_over_tokens(hidden, torch.tensor([[1, 1, 0]])).item() == 2.0
