"""A small home with a finished run on images, one on texts and a stopped one; and ways to damage
its files."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_HOMES = Path(__file__).with_name("homes")
if str(_HOMES) not in sys.path:
    sys.path.insert(0, str(_HOMES))

from make_home import open_home  # noqa: E402

from workbench import paths  # noqa: E402
from workbench.store.store import Store  # noqa: E402

_KEPT = _HOMES / "c494baf"
PARTS = ("contrastive", "words", "stopped")
_CHECKS_KEPT = ("check_000000", "check_000010")


@dataclass(frozen=True)
class SmallHome:
    """folder: holds ``home`` and ``sources``. parts: the id of the run that plays each part."""

    folder: Path
    parts: dict[str, str]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def run_folder(self, part: str) -> Path:
        return paths.run_dir(self.home, self.parts[part])

    def data_folder(self, part: str) -> Path:
        row = Store.open(self.home).run(self.parts[part])
        return paths.cache_dir(self.home) / str(row.fingerprint)


def small_home(folder: Path) -> SmallHome:
    """A copy of the kept home below ``folder`` with three of its runs and few of their checks."""
    home, parts = open_home(_KEPT, folder)
    kept = {name: parts[name] for name in PARTS}
    store = Store.open(home)
    for row in store.runs():
        if row.id not in kept.values():
            store.update(row.id, state="finished")
            store.delete_run(row.id)
            shutil.rmtree(paths.run_dir(home, row.id))
    for check in home.glob("runs/*/check_*"):
        if check.stem not in _CHECKS_KEPT:
            check.unlink()
    return SmallHome(folder, kept)


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _noise(path: Path) -> None:
    path.write_bytes(random.Random(0).randbytes(path.stat().st_size))


def _remove(path: Path) -> None:
    path.unlink()


DAMAGE: dict[str, Callable[[Path], None]] = {
    "half": _half,
    "empty": _empty,
    "noise": _noise,
    "removed": _remove,
}
