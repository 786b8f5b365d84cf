"""What ``workbench doctor`` says of this machine: what is there, and what to do about the rest."""

from __future__ import annotations

import importlib.metadata
import shutil
from pathlib import Path
from typing import Any

from workbench import __version__, paths
from workbench.errors import StoreError
from workbench.jobs import hardware
from workbench.store.store import Store

_PACKAGES = ("streamlit", "torch", "umap-learn", "scikit-learn", "datasets", "plotly", "tokenizers")
_LITTLE_DISK = 2 << 30


def facts(home: Path) -> dict[str, Any]:
    """Versions, hardware, disk and store, with a list of problems that each name their remedy."""
    problems = []
    versions = {"workbench": __version__}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            problems.append(f"{name} is not installed. Run: pip install ssl-workbench")
    warning = hardware.gpu_without_cuda()
    if warning:
        problems.append(warning)
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    if free < _LITTLE_DISK:
        problems.append(f"Only {free / 1e9:.1f} GB are free in {home}. Make room, or give --home.")
    runs = 0
    try:
        runs = len(Store.open(home).runs())
    except StoreError as error:
        problems.append(str(error))
    return {
        "versions": versions,
        "hardware": hardware.facts(),
        "home": str(home),
        "free_bytes": free,
        "runs": runs,
        "sample_data": paths.sample_data_dir().is_dir(),
        "problems": problems,
    }


def as_text(found: dict[str, Any]) -> str:
    """The facts for a terminal."""
    lines = [f"{name} {version}" for name, version in found["versions"].items()]
    lines += [f"{name}: {value}" for name, value in found["hardware"].items()]
    lines += [
        f"home: {found['home']} ({found['runs']} runs, {found['free_bytes'] / 1e9:.0f} GB free)"
    ]
    lines += found["problems"] or ["No problems found."]
    return "\n".join(lines)
