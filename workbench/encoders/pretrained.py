"""A pretrained encoder to compare with: a local `transformers` folder, or ``hub:OWNER/NAME``.

It is never trained here, so it is no ``Encoder`` declaration. This file checks before the launch
whether it can be used, without torch; ``nets/pretrained.py`` runs it. Weights are read from
safetensors only, and code that comes with a model is never run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from safetensors import SafetensorError, safe_open

from workbench.encoders import pretrained_hub
from workbench.encoders.pretrained_hub import FIELD, HUB
from workbench.errors import MissingExtraError, RequestError

if TYPE_CHECKING:
    from workbench.data.dataset import DataInfo

CONFIG, PIXELS = "config.json", "preprocessor_config.json"
_TOKENIZERS = (
    *("tokenizer.json", "vocab.txt", "vocab.json"),
    *("spiece.model", "sentencepiece.bpe.model", "tokenizer.model"),
)
# Keys in the configuration of models that read something else than images or texts alone.
_OTHERS = ("vision_config", "text_config", "audio_config", "num_mel_bins", "feat_extract_norm")
# Models whose class token was not trained, or whose output is the mean of the patches.
_MEAN_OF_PATCHES = ("vit_mae", "beit", "data2vec-vision")
_OTHER_WEIGHTS = (".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack")
_CHUNK = 1 << 20


def check(source: str, info: DataInfo) -> None:
    """Raise RequestError, with the remedy, if the model at ``source`` cannot encode ``info``.

    For a model of the hub that was not downloaded yet, it asks the hub, which takes seconds.
    """
    if importlib.util.find_spec("transformers") is None:
        raise MissingExtraError("a pretrained encoder", "pretrained", field=FIELD)
    if not source.startswith(HUB):
        check_folder(_existing(source), info)
        return
    repo = pretrained_hub.name_of(source)
    folder = pretrained_hub.cached(repo)
    if folder is not None and _weights(_names(folder)):
        check_folder(folder, info)
        return
    names, config = pretrained_hub.ask(repo)
    check_files(source, names, config, info)


def find(source: str) -> Path:
    """The folder of the model at ``source``; a model of the hub is downloaded if it is missing."""
    if source.startswith(HUB):
        return pretrained_hub.download(pretrained_hub.name_of(source))
    return _existing(source)


def check_folder(folder: Path, info: DataInfo) -> None:
    """``check`` for a folder on this machine; also raises RequestError if weights are damaged."""
    names = _names(folder)
    check_files(str(folder), names, read_json(folder / CONFIG) if CONFIG in names else {}, info)
    tensors(folder)
    if info.modality == "image":
        read_json(folder / PIXELS)


def check_files(
    where: str, names: Collection[str], config: Mapping[str, Any], info: DataInfo
) -> None:
    """``check`` for the names of a model's files and the content of its ``config.json``.

    where: what messages call the model.
    """
    if CONFIG not in names or "model_type" not in config:
        raise _refused(
            f"'{where}' holds no model of transformers ({CONFIG} with a model_type).",
            "Give a folder that save_pretrained wrote, or hub:OWNER/NAME.",
        )
    reads = modality(config)
    if reads is None:
        raise _refused(
            f"'{where}' ({config['model_type']}) is no encoder of images or of texts alone.",
            f"Give {'an image' if info.modality == 'image' else 'a text'} encoder, such as "
            f"{'ViT or ResNet' if info.modality == 'image' else 'BERT'}.",
        )
    if reads != info.modality:
        raise _refused(
            f"'{where}' ({config['model_type']}) reads {reads}s, and '{info.name}' is "
            f"{info.modality} data.",
            f"Give {'an image' if info.modality == 'image' else 'a text'} encoder.",
        )
    if not _weights(names):
        others = [name for name in names if name.endswith(_OTHER_WEIGHTS)]
        why = f"; {sorted(others)[0]} may hold pickle, which is never read" if others else ""
        raise _refused(
            f"'{where}' has no weights as safetensors{why}.",
            "Save it again with model.save_pretrained(FOLDER, safe_serialization=True).",
        )
    if reads == "text" and not any(name in names for name in _TOKENIZERS):
        raise _refused(
            f"'{where}' has no tokenizer.",
            "Save the tokenizer beside it: tokenizer.save_pretrained.",
        )
    if reads == "image" and PIXELS not in names:
        raise _refused(
            f"'{where}' does not say how it wants its pixels ({PIXELS}).",
            "Save the image processor beside it: processor.save_pretrained(FOLDER).",
        )
    channels = int(config.get("num_channels") or 3)
    if reads == "image" and info.channels not in (1, channels):
        raise _refused(
            f"'{where}' reads {channels} channels, and '{info.name}' has {info.channels}.",
            "Give another encoder, or other --channels.",
        )


def modality(config: Mapping[str, Any]) -> Literal["image", "text"] | None:
    """What a model with this ``config.json`` reads; None if it reads neither, or more than one."""
    if config.get("is_encoder_decoder") or any(key in config for key in _OTHERS):
        return None
    if "num_channels" in config or "image_size" in config:
        return "image"
    return "text" if "vocab_size" in config else None


def describe(folder: Path, info: DataInfo) -> str:
    """Which output of the model in ``folder`` is taken as h, in words."""
    config = read_json(folder / CONFIG)
    if info.modality == "text":
        taken = "the mean over its own tokens"
    elif takes_class_token(str(config["model_type"]), tensors(folder)):
        taken = f"its class token, pixels as its {PIXELS} says"
    else:
        taken = f"the mean over its last patches or feature maps, pixels as its {PIXELS} says"
    return f"{config['model_type']}; h is {taken}"


def takes_class_token(model_type: str, names: Collection[str]) -> bool:
    """Whether an image model with tensors of these ``names`` has a trained class token."""
    return model_type not in _MEAN_OF_PATCHES and any(n.endswith("cls_token") for n in names)


def tensors(folder: Path) -> list[str]:
    """The names of all weights in ``folder``. Raises RequestError if a file of them is damaged."""
    names: list[str] = []
    for name in _weights(_names(folder)):
        try:
            with safe_open(str(folder / name), framework="numpy") as file:
                names += list(file.keys())
        except (OSError, SafetensorError) as error:
            raise _refused(f"'{folder / name}' is damaged ({error}).", "Save it again.") from error
    return names


def digest(folder: Path) -> str:
    """The content address, in hex, of the files that decide what the model computes."""
    whole = hashlib.sha256()
    names = _names(folder)
    settings = {CONFIG, PIXELS, *_TOKENIZERS, "tokenizer_config.json", "merges.txt"}
    for name in sorted(settings & names | set(_weights(names))):
        whole.update(name.encode())
        with (folder / name).open("rb") as file:
            while block := file.read(_CHUNK):
                whole.update(block)
    return whole.hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in ``path``. Raises RequestError if there is none."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _refused(f"'{path}' cannot be read as JSON ({error}).", "Mend the file.") from error
    if not isinstance(document, dict):
        raise _refused(f"'{path}' is no JSON object.", "Mend the file.")
    return document


def folder_of(source: str) -> Path:
    """The path ``source``, made absolute; it may not exist."""
    try:
        return Path(source).expanduser().absolute()
    except RuntimeError:
        # "~name" of an unknown user: the message comes when the folder is opened.
        return Path(source).absolute()


def _existing(source: str) -> Path:
    """The folder ``source``. Raises RequestError if there is none."""
    folder = folder_of(source)
    if not folder.is_dir():
        raise _refused(
            f"there is no folder '{source}'.",
            "Give a folder that save_pretrained wrote, or hub:OWNER/NAME.",
        )
    return folder


def _names(folder: Path) -> set[str]:
    """The names of the files in ``folder``."""
    return {path.name for path in folder.iterdir() if path.is_file()}


def _weights(names: Collection[str]) -> list[str]:
    """Those of ``names`` that are weights, sorted."""
    return sorted(n for n in names if n.startswith("model") and n.endswith(".safetensors"))


def _refused(message: str, remedy: str) -> RequestError:
    return RequestError(message, field=FIELD, remedy=remedy)
