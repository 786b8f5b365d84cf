"""Paths: of what lies in a home, of the pages and of the sample data."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent


def default_home() -> Path:
    """The home directory of runs: ``WORKBENCH_HOME``, or the user's data directory."""
    home = os.environ.get("WORKBENCH_HOME")
    return Path(home).expanduser() if home else Path(platformdirs.user_data_dir("ssl-workbench"))


def pages_dir() -> Path:
    """The folder of the pages: inside the package in a wheel, next to it in a checkout."""
    packed = _PACKAGE / "_pages"
    return packed if packed.is_dir() else _PACKAGE.parent / "pages"


def sample_data_dir() -> Path:
    """The folder of the sample data: inside the package in a wheel, next to it in a checkout."""
    packed = _PACKAGE / "_sample_data"
    return packed if packed.is_dir() else _PACKAGE.parent / "sample_data"


def demo_home() -> Path:
    """The read-only home of the stored demo runs."""
    return sample_data_dir() / "demo"


def runs_dir(home: Path) -> Path:
    """One folder for each run; ``run_folder.py`` names the files in it."""
    return home / "runs"


def run_dir(home: Path, run_id: str) -> Path:
    return runs_dir(home) / run_id


def cache_dir(home: Path) -> Path:
    """One folder for each prepared data set, named by its fingerprint."""
    return home / "data"


def uploads_dir(home: Path) -> Path:
    """One folder for each upload, with its files."""
    return home / "uploads"
