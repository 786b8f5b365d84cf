"""Scripts of ``benchmarks/`` use what the workbench has: no test runs them to their end."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = sorted((Path(__file__).parents[1] / "benchmarks").glob("*.py"))


def imported(tree: ast.AST) -> Iterator[tuple[str, str, str]]:
    """(module, name in it, name in the script) of what is imported from the workbench."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "workbench":
            for alias in node.names:
                yield str(node.module), alias.name, alias.asname or alias.name


def found(module: str, name: str) -> object | None:
    """What ``from module import name`` gives; None if there is nothing."""
    if hasattr(importlib.import_module(module), name):
        return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]
    try:
        return importlib.import_module(f"{module}.{name}")
    except ImportError:
        return None


def missing(text: str) -> list[str]:
    """Names that a script takes from the workbench, and that it does not have."""
    tree = ast.parse(text)
    modules: dict[str, ModuleType] = {}
    lost = []
    for module, name, own in imported(tree):
        what = found(module, name)
        if what is None:
            lost.append(f"{module}.{name}")
        elif isinstance(what, ModuleType):
            modules[own] = what
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = modules.get(node.value.id)
            if module is not None and not hasattr(module, node.attr):
                lost.append(f"{module.__name__}.{node.attr}")
    return lost


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_names_nothing_that_is_gone(script: Path) -> None:
    assert missing(script.read_text("utf-8")) == []


def test_what_is_gone_is_found() -> None:
    gone = "from workbench.evaluation import knn\nfrom workbench import paths, nothing\n"
    assert missing(f"{gone}knn.predict(1)\nknn.guess(2)\npaths.run_dir(3)\n") == [
        "workbench.nothing",
        "workbench.evaluation.knn.guess",
    ]
