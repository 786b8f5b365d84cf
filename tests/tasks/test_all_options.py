"""What every task declares, every choice of its options, and every encoder it allows."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch

from workbench import options, registry

TASKS = list(registry.tasks().values())


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


def variants() -> list[Any]:
    """Every value of every option that has few."""
    out = []
    for cls in TASKS:
        for spec in options.options_of(cls):
            values = spec.choices or ((True, False) if spec.type == "bool" else ())
            out += [
                pytest.param(cls, {spec.name: value}, id=f"{cls.name} {spec.name}={value}")
                for value in values
                if value != spec.default
            ]
    return out


@pytest.mark.parametrize(("cls", "values"), variants())
def test_every_choice_of_an_option_trains(cls, values, case_of):
    data = "text" if cls.modalities == ("text",) else "colour 32"
    case = case_of(cls(**values), cls.needs.encoders[0], data)
    module = case.build()
    case.step(module)
    assert torch.isfinite(case.loss(module, case.views(module)).loss)


def allowed() -> list[Any]:
    """Every task with every registered encoder that it takes."""
    return [
        pytest.param(cls, name, id=f"{cls.name} {name}")
        for cls in TASKS
        for name, encoder in registry.encoders().items()
        if encoder.kind in cls.needs.encoders
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("cls", "name"), allowed())
def test_every_task_trains_every_encoder_it_allows(cls, name, case_of):
    kind = registry.encoder(name).kind
    case = case_of(cls(), kind, "gray 28" if kind in ("conv", "vit") else "text")
    case.encoder = name
    module = case.build()
    for _ in range(3):
        case.step(module)
        assert torch.isfinite(case.loss(module, case.views(module)).loss)


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
