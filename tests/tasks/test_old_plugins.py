"""A plugin written for the imports of version 0.1 loads without torch, and trains."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

from workbench.tasks.base import IllustrationData

PLUGIN = Path(__file__).with_name("plugin_in_the_old_form.py")


def test_it_is_registered_without_torch() -> None:
    code = (
        "import sys\n"
        "from workbench import registry\n"
        f"registry.load_plugin({str(PLUGIN)!r})\n"
        "task = registry.task('upside')\n"
        "print(task.family, [row['name'] for row in task.describe()['options']],\n"
        "      registry.plugin_file(task), 'torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == f"a family of its own ['hidden'] {PLUGIN} False", done.stderr


def test_it_trains(case_of: Any) -> None:
    spec = importlib.util.spec_from_file_location("plugin_in_the_old_form", PLUGIN)
    assert spec is not None
    assert spec.loader is not None
    plugin = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = plugin
    spec.loader.exec_module(plugin)
    case = case_of(plugin.Upside(hidden=16), "conv", "gray 28")
    module = case.build()
    views = case.views(module)
    out = case.loss(module, views)
    out.loss.backward()
    assert torch.isfinite(out.loss)
    shown = case.task.illustrate(views, case.batch, IllustrationData(case.info))
    assert len(shown.rows) == case.batch.size
