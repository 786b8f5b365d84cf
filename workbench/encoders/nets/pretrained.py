"""A frozen `transformers` model as an encoder: how its inputs are prepared and its h is read.

Pixels are prepared here as ``preprocessor_config.json`` says, so that neither torchvision nor the
model's own code is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from workbench.data.dataset import Dataset
from workbench.encoders import pretrained
from workbench.encoders.pretrained_hub import FIELD
from workbench.errors import RequestError

_BATCH = 64
_MOST_TOKENS = 512
_MODES = {0: "nearest", 1: "bicubic", 2: "bilinear", 3: "bicubic"}


class Pretrained:
    """The model in ``folder`` on ``device``, in eval mode; ``embed`` gives h. It is never trained.

    Images: h is the class token where there is one that was trained, else the mean over patches or
    over the last feature maps. Texts: h is the mean of ``last_hidden_state`` over real tokens.
    Raises RequestError for a model that cannot be loaded, or that lacks weights.
    """

    def __init__(self, folder: Path, data: Dataset, device: torch.device):
        self.data, self.device = data, device
        self.model = _load(folder).to(device).eval()
        self.config = self.model.config
        names = list(self.model.state_dict())
        self._has_class_token = any(name.endswith("cls_token") for name in names)
        self._takes_class_token = pretrained.takes_class_token(self.config.model_type, names)
        self._pixels: dict[str, Any] = {}
        self._tokenizer: Any = None
        self._length = 0
        if data.info.modality == "image":
            self._pixels = pretrained.read_json(folder / pretrained.PIXELS)
        else:
            self._tokenizer, self._length = _tokenizer(folder, self.config)

    @torch.no_grad()
    def embed(
        self,
        rows: npt.NDArray[np.int64],
        *,
        autocast: Callable[[], AbstractContextManager[Any]] = nullcontext,
        should_stop: Callable[[], bool] = lambda: False,
        progress: Callable[[int], None] = lambda done: None,
    ) -> npt.NDArray[np.float32] | None:
        """float32 (n, dim) of the samples at ``rows`` of the cache; None if asked to stop.

        progress: called with the number of samples done.
        """
        order = np.arange(len(rows))
        if self._tokenizer is not None:
            # Texts of similar length go together, so that there is little padding.
            order = np.argsort([len(self.data.texts[row]) for row in rows], kind="stable")
        parts = []
        for start in range(0, len(rows), _BATCH):
            if should_stop():
                return None
            chosen = rows[order[start : start + _BATCH]]
            with autocast():
                h = self._texts(chosen) if self._tokenizer is not None else self._images(chosen)
            parts.append(h.float().cpu().numpy())
            progress(start + len(chosen))
        out = np.empty((len(rows), parts[0].shape[1]), np.float32)
        out[order] = np.concatenate(parts)
        return out

    def _images(self, rows: npt.NDArray[np.int64]) -> torch.Tensor:
        x = torch.from_numpy(self.data.images[rows]).to(self.device)
        channels = int(getattr(self.config, "num_channels", 3))
        if x.shape[1] == 1 < channels:
            x = x.expand(-1, channels, -1, -1)
        hidden = self.model(pixel_values=prepare_pixels(x, self._pixels)).last_hidden_state
        if hidden.ndim == 4:
            return hidden.mean(dim=(2, 3))  # type: ignore[no-any-return]
        if self._takes_class_token:
            return hidden[:, 0]  # type: ignore[no-any-return]
        return hidden[:, int(self._has_class_token) :].mean(dim=1)  # type: ignore[no-any-return]

    def _texts(self, rows: npt.NDArray[np.int64]) -> torch.Tensor:
        tokens = self._tokenizer(
            [self.data.texts[row] for row in rows],
            padding=True,
            truncation=True,
            max_length=self._length,
            return_tensors="pt",
        ).to(self.device)
        hidden = self.model(**tokens).last_hidden_state
        return mean_over_tokens(hidden, tokens["attention_mask"])


def mean_over_tokens(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """float (B, dim): mean of float (B, L, dim) over the tokens where ``mask`` (B, L) is 1."""
    weights = mask.to(hidden.dtype)[:, :, None]
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp_min(1)


def prepare_pixels(x: torch.Tensor, wanted: Mapping[str, Any]) -> torch.Tensor:
    """float (B, C, h, w) of uint8 (B, C, H, W): resized, cropped in the middle, scaled, and
    normalised by channel, each as ``wanted``, a ``preprocessor_config.json``, says."""
    out = x.float()
    if wanted.get("do_resize", True) and wanted.get("size") is not None:
        mode = _MODES.get(int(wanted.get("resample", 2)), "bilinear")
        smooth = mode != "nearest"
        resized = F.interpolate(
            out,
            _target(x.shape[2:], wanted),
            mode=mode,
            antialias=smooth,
            align_corners=False if smooth else None,
        )
        # Bicubic interpolation overshoots the range of pixels.
        out = resized.clamp(0, 255)
    crop = _crop(wanted)
    if crop is not None:
        top, left = (
            max(0, (side - want) // 2) for side, want in zip(out.shape[2:], crop, strict=True)
        )
        out = out[:, :, top : top + crop[0], left : left + crop[1]]
    if wanted.get("do_rescale", True):
        out = out * float(wanted.get("rescale_factor", 1 / 255))
        out = out - 1 if wanted.get("rescale_offset") else out
    if wanted.get("do_normalize", True) and "image_mean" in wanted:
        mean, std = (
            torch.tensor(wanted[name], device=x.device).view(1, -1, 1, 1)
            for name in ("image_mean", "image_std")
        )
        out = (out - mean) / std
    return out


def _target(sides: Sequence[int], wanted: Mapping[str, Any]) -> tuple[int, int]:
    """(height, width) in pixels that images with these ``sides`` are resized to."""
    size = wanted["size"]
    if isinstance(size, Mapping) and "height" in size:
        return int(size["height"]), int(size["width"])
    if isinstance(size, int) and not (wanted.get("do_center_crop") or "crop_pct" in wanted):
        return size, size
    shortest = int(size["shortest_edge"] if isinstance(size, Mapping) else size)
    # ConvNeXt enlarges by 1 / crop_pct, then cuts out the middle.
    scale = shortest / float(_crop_share(wanted) or 1) / min(sides)
    return round(sides[0] * scale), round(sides[1] * scale)


def _crop(wanted: Mapping[str, Any]) -> tuple[int, int] | None:
    """(height, width) in pixels of the crop in the middle; None if there is none."""
    if _crop_share(wanted) is not None:
        size = wanted["size"]
        side = int(size["shortest_edge"] if isinstance(size, Mapping) else size)
        return side, side
    if not wanted.get("do_center_crop") or wanted.get("crop_size") is None:
        return None
    crop = wanted["crop_size"]
    return (int(crop["height"]), int(crop["width"])) if isinstance(crop, Mapping) else (crop, crop)


def _crop_share(wanted: Mapping[str, Any]) -> float | None:
    """``crop_pct`` where it is used; ConvNeXt's processor ignores it from 384 pixels on."""
    size = wanted.get("size")
    shortest = size.get("shortest_edge") if isinstance(size, Mapping) else size
    if wanted.get("crop_pct") is None or shortest is None or int(shortest) >= 384:
        return None
    return float(wanted["crop_pct"])


def _load(folder: Path) -> Any:
    """The model in ``folder``, on the CPU. Raises RequestError if it cannot be loaded whole."""
    import transformers

    logging: Any = transformers.logging
    logging.set_verbosity_error()
    try:
        model, loading = transformers.AutoModel.from_pretrained(
            str(folder),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
            dtype=torch.float32,
        )
    except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
        raise _unloadable(folder, str(error).splitlines()[0]) from error
    # The pooling head may be missing, as nothing reads it. Any other weight would be random.
    missing = [name for name in loading["missing_keys"] if "pooler" not in name]
    if missing:
        raise _unloadable(folder, f"{len(missing)} weights are missing, such as {missing[0]}")
    return model


def _tokenizer(folder: Path, config: Any) -> tuple[Any, int]:
    """The tokenizer, and the largest number of tokens that the model takes, at most 512."""
    import transformers

    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False
        )
    except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
        raise _unloadable(folder, f"tokenizer: {str(error).splitlines()[0]}") from error
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    places = int(getattr(config, "max_position_embeddings", _MOST_TOKENS))
    # In models like RoBERTa the first position comes after that of the padding.
    places -= 2 if config.model_type in ("roberta", "xlm-roberta", "camembert", "mpnet") else 0
    return tokenizer, min(_MOST_TOKENS, places, int(tokenizer.model_max_length))


def _unloadable(folder: Path, why: str) -> RequestError:
    return RequestError(
        f"the model in '{folder}' cannot be loaded ({why.rstrip('.')}).",
        field=FIELD,
        remedy="Give another model, or save it again with the installed transformers.",
    )
