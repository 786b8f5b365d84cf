"""The report of ``workbench doctor`` on this machine: versions, hardware, problems and remedies."""

from __future__ import annotations

import importlib.metadata
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from workbench import __version__, paths
from workbench.errors import StoreError
from workbench.jobs import hardware
from workbench.store.store import Store

_PACKAGES = ("streamlit", "torch", "umap-learn", "scikit-learn", "datasets", "plotly", "tokenizers")
_LITTLE_DISK = 2 << 30


class DoctorReport(TypedDict):
    """What ``workbench doctor --json`` gives.

    versions: by package. hardware: as ``jobs.hardware.facts``. free_bytes: on the disk of ``home``.
    runs: how many the home has. sample_data: whether it is there. problems: each with its remedy.
    """

    versions: dict[str, str]
    hardware: Mapping[str, object]
    home: str
    free_bytes: int
    runs: int
    sample_data: bool
    problems: list[str]


def report(home: Path) -> DoctorReport:
    """Examine this machine and ``home``, which is made if it is not there."""
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
    paths.make_home(home)
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


def as_text(report: DoctorReport) -> str:
    """The report for a terminal."""
    lines = [f"{name} {version}" for name, version in report["versions"].items()]
    lines += [f"{name}: {value}" for name, value in report["hardware"].items()]
    lines += [
        f"home: {report['home']} ({report['runs']} runs, {report['free_bytes'] / 1e9:.0f} GB free)"
    ]
    lines += report["problems"] or ["No problems found."]
    return "\n".join(lines)
