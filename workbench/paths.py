"""Paths: of what lies in a home, of the pages and of the sample data."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent


def default_home() -> Path:
    """The home directory of runs: ``WORKBENCH_HOME``, or the user's data directory."""
    home = os.environ.get("WORKBENCH_HOME")
    return Path(home).expanduser() if home else Path(platformdirs.user_data_dir("ssl-workbench"))


def make_home(home: Path) -> None:
    """Make ``home`` if it is not there, with permissions 0700. Raises OSError.

    A folder that was there keeps its permissions: its owner may share it on purpose. Only the
    default home is narrowed, once and aloud, because earlier versions made it readable by others.
    """
    make_folder(home)
    if sys.platform == "win32" or home != Path(platformdirs.user_data_dir("ssl-workbench")):
        return
    status = home.stat()
    if status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) & 0o077:
        home.chmod(0o700)
        sys.stderr.write(f"Other users could read '{home}'. Now only you can (0700).\n")


def make_folder(folder: Path) -> None:
    """Make ``folder`` and its missing parents, which no other user may enter (0700)."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(exist_ok=True)


def private_opener(path: str, flags: int) -> int:
    """The ``opener`` of ``open``: a file that it makes can be read by no other user (0600)."""
    return os.open(path, flags, 0o600)


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
