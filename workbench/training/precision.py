"""fp32 or bf16, and the memory format of images: decided by what the device can do.

The choice is by capability and not by a stopwatch, so that equal requests give equal runs.
``benchmarks/precision.py`` measures where it pays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from workbench.encoders.base import EncoderKind

# Below this side of the images the conversions cost more than bf16 saves on a processor.
_SMALLEST_SIDE = 16
# Narrower transformers win little or lose (benchmarks/RESULTS.md, "Where bf16 pays").
_LEAST_WIDTH = 192
_AMX, _TRANSFORMERS = "AMX", ("vit", "text")
# torch's names for instructions that multiply bf16, and the usual ones.
_UNITS = {
    "amx_bf16": _AMX,
    "avx512_bf16": "AVX-512 BF16",
    "sve_bf16": "Arm SVE BF16",
    "bf16": "Arm BF16",
}


@dataclass(frozen=True)
class Precision:
    """name: ``fp32`` or ``bf16``. channels_last: whether images have that memory format. note: for
    the user."""

    name: str
    channels_last: bool
    note: str


def choose(
    requested: str,
    device: torch.device,
    kind: EncoderKind,
    side: int | None = None,
    width: int | None = None,
) -> Precision:
    """The precision of a run.

    requested: ``auto``, ``fp32`` or ``bf16``. kind: of the encoder. side: the shorter side of the
    images in pixels, None for texts. width: numbers of a token, where the encoder declares it. Auto
    is bf16 on CUDA from compute capability 8 on; on processors that multiply bf16 themselves, for
    convolutions; and on those with AMX for wide transformers too.
    """
    unit = _unit(device)
    if requested == "auto":
        pays = unit is not None and (
            device.type == "cuda" or _pays_on_processor(unit, kind, side, width)
        )
        name = "bf16" if pays else "fp32"
        why = f"{unit} multiplies bf16" if pays else _why_not(unit, device, kind)
        note = f"Precision: {name} ({why})."
    else:
        name = requested
        note = f"Precision: {name}, as requested."
        if name == "bf16" and unit is None:
            note += f" This {device.type} has no instructions for bf16, so steps are slower."
    on_processor = device.type == "cpu"
    return Precision(name, kind == "conv" and (name == "bf16" or on_processor), note)


def _pays_on_processor(unit: str, kind: EncoderKind, side: int | None, width: int | None) -> bool:
    if kind == "conv":
        return (side or 0) >= _SMALLEST_SIDE
    # On other units transformers were not measured.
    return unit == _AMX and kind in _TRANSFORMERS and (width or 0) >= _LEAST_WIDTH


def _why_not(unit: str | None, device: torch.device, kind: EncoderKind) -> str:
    if unit is None:
        return f"this {device.type} has no instructions for bf16"
    if unit != _AMX and kind in _TRANSFORMERS:
        return f"whether {unit} saves time with transformers was not measured"
    return "bf16 saves no time with this encoder or image size"


def _unit(device: torch.device) -> str | None:
    """What multiplies bf16 on the device; None if nothing does.

    MPS has bf16, but whether it saves time was not measured: None.
    """
    if device.type == "cuda":
        capable = torch.cuda.get_device_capability(device)[0] >= 8
        return "the GPU" if capable else None
    return unit_of(capabilities()) if device.type == "cpu" else None


def unit_of(found: Mapping[str, object]) -> str | None:
    """The unit that multiplies bf16 among a processor's capabilities, the fastest first."""
    return next((unit for name, unit in _UNITS.items() if found.get(name)), None)


def capabilities() -> Mapping[str, object]:
    """What torch finds the processor capable of."""
    if hasattr(torch.cpu, "get_capabilities"):
        found: Mapping[str, object] = torch.cpu.get_capabilities()
        return found
    # torch before 2.13
    return {
        "amx_bf16": torch.cpu._is_amx_tile_supported(),
        "avx512_bf16": torch.cpu._is_avx512_bf16_supported(),
    }
