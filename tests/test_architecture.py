"""The rules of the house that show only when modules are loaded (test_floors.py reads them)."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import workbench
from workbench import paths

PACKAGE = Path(workbench.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("torch", "umap", "sklearn", "datasets", "numba")


def in_fresh_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_server_imports_nothing_heavy() -> None:
    modules = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in (PACKAGE / "app").rglob("*.py")
        if path.stem not in ("__init__", "entry")
    ]
    modules += ["workbench.engine.client", "workbench.jobs.launch"]
    pages = [path.read_text("utf-8") for path in paths.pages_dir().glob("*.py")]
    for text in pages:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.module:
                modules.append(node.module)
    code = f"import importlib, sys\nfor m in {sorted(set(modules))!r}: importlib.import_module(m)\n"
    code += f"print([m for m in {HEAVY!r} if m in sys.modules])"
    assert in_fresh_process(code).splitlines()[-1] == "[]"


def test_every_declaration_loads_without_torch() -> None:
    code = (
        "import sys\nfrom workbench.requests import catalogue\n"
        "for kind in ('tasks', 'encoders', 'augmentations', 'presets', 'datasets'):\n"
        "    assert catalogue.entries(kind)\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    assert in_fresh_process(code) == "[]"


def test_every_room_loads_first() -> None:
    """A circle between rooms shows only when a room is the first to be imported."""
    rooms = sorted({path.parent.name for path in FILES if path.parent != PACKAGE})
    modules = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in FILES
        if path.stem != "__init__" and "_pages" not in path.parts
    ]
    assert len(rooms) > 10
    chosen = modules[:: max(1, len(modules) // 12)]
    # Each is the first after the workbench was forgotten; other packages stay, as they are slow.
    code = (
        "import importlib, sys\n"
        f"for first in {chosen!r}:\n"
        "    for name in [name for name in sys.modules if name.split('.')[0] == 'workbench']:\n"
        "        del sys.modules[name]\n"
        "    importlib.import_module(first)"
    )
    in_fresh_process(code)


def test_core_dependencies_are_few_and_pinned() -> None:
    required = importlib.metadata.requires("ssl-workbench") or []
    core = [line for line in required if "extra ==" not in line]
    assert len(core) <= 21
    pins = (PACKAGE.parent / "constraints.txt").read_text("utf-8").lower()
    for line in core:
        name = line.split(">")[0].split("=")[0].split("<")[0].strip().lower()
        assert f"{name}==" in pins, name


def test_no_page_is_long() -> None:
    for page in paths.pages_dir().glob("*.py"):
        assert len(page.read_text("utf-8").splitlines()) <= 150, page
