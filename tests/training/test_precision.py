"""bf16 by what the device can do."""

from __future__ import annotations

import pytest
import torch

from workbench import registry
from workbench.training import device, precision

CPU = torch.device("cpu")


def _able_to(monkeypatch: pytest.MonkeyPatch, **found: bool) -> None:
    monkeypatch.setattr(precision, "capabilities", lambda: found)


@pytest.mark.parametrize(
    ("found", "unit"),
    [
        ({"amx_bf16": True, "avx512_bf16": True}, "AMX"),
        ({"amx_bf16": False, "avx512_bf16": True}, "AVX-512 BF16"),
        ({"neon": True, "bf16": True}, "Arm BF16"),
        ({"neon": True, "bf16": True, "sve_bf16": True}, "Arm SVE BF16"),
        ({"avx512_f": True, "avx2": True}, None),
        ({}, None),
    ],
)
def test_what_multiplies_bf16(found: dict[str, bool], unit: str | None) -> None:
    assert precision.unit_of(found) == unit


def test_this_processor_tells_what_it_can() -> None:
    assert isinstance(precision.capabilities().get("avx512_bf16", False), bool)


@pytest.mark.parametrize("unit", ["amx_bf16", "avx512_bf16", "bf16"])
def test_convolutions_are_bf16_where_the_processor_multiplies_it(
    monkeypatch: pytest.MonkeyPatch, unit: str
) -> None:
    _able_to(monkeypatch, **{unit: True})
    assert precision.choose("auto", CPU, "conv", 32).name == "bf16"
    assert precision.choose("auto", CPU, "conv", 8).name == "fp32"
    assert "saves no time" in precision.choose("auto", CPU, "conv", 8).note


@pytest.mark.parametrize(("unit", "name"), [("amx_bf16", "bf16"), ("avx512_bf16", "fp32")])
def test_transformers_are_bf16_where_that_was_measured_to_pay(
    monkeypatch: pytest.MonkeyPatch, unit: str, name: str
) -> None:
    _able_to(monkeypatch, **{unit: True})
    for kind in ("vit", "text"):
        assert precision.choose("auto", CPU, kind, width=192).name == name
        for narrow in (128, None):
            assert precision.choose("auto", CPU, kind, width=narrow).name == "fp32"
    assert precision.choose("auto", CPU, "bag", width=512).name == "fp32"
    # What was not measured is not called useless.
    said = precision.choose("auto", CPU, "text", width=512).note
    assert ("was not measured" in said) == (name == "fp32")
    assert "saves no time" not in said


def test_encoders_tell_their_width() -> None:
    assert registry.encoder("text_small")().token_width == 512
    assert registry.encoder("text_mini")(dim=128).token_width == 128
    assert registry.encoder("small_conv")().token_width is None


def test_without_such_instructions_auto_is_fp32_and_bf16_is_slow_aloud(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _able_to(monkeypatch)
    chosen = precision.choose("auto", CPU, "conv", 32)
    assert (chosen.name, chosen.channels_last) == ("fp32", True)
    assert "no instructions for bf16" in chosen.note
    wanted = precision.choose("bf16", CPU, "conv", 32)
    assert wanted.name == "bf16"
    assert "steps are slower" in wanted.note
    _able_to(monkeypatch, avx512_bf16=True)
    assert precision.choose("bf16", CPU, "vit", 32).note == "Precision: bf16, as requested."


def test_the_placement_has_the_threads_of_torch() -> None:
    placed = device.choose("cpu", "fp32", "text", None)
    assert placed.threads == torch.get_num_threads()
    assert f"cpu, {placed.threads} threads" in placed.notes[0]
