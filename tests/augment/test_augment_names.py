"""No file but its own, and the presets, names an augmentation; the same for encoders.

Lessons may: each is a request, as a user writes one.
"""

from __future__ import annotations

import ast
from pathlib import Path

import workbench
from workbench import registry

PACKAGE = Path(workbench.__file__).parent
PRESETS = PACKAGE / "augment" / "presets.py"
# A kind of noise in that task, not the augmentation.
OTHER_MEANINGS = {("tasks/denoising.py", "salt_pepper")}
# A task that is one with its augmentations.
OWNERS = {"tasks/cutpaste.py"}


def strings(tree: ast.AST) -> set[str]:
    values = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {value for value in values if isinstance(value, str)}


def imported(tree: ast.AST) -> set[str]:
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in froms for alias in node.names}


def test_no_other_file_names_an_augmentation_or_an_encoder():
    declared = {**registry.augmentations(), **registry.encoders()}
    names = {name: cls.__module__ for name, cls in declared.items()}
    classes = {cls.__name__: cls.__module__ for cls in declared.values()}
    for task in registry.tasks():
        names.pop(task, None)
    faults = []
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(PACKAGE)
        if path == PRESETS or where.parts[0] == "lessons" or where.as_posix() in OWNERS:
            continue
        module = ".".join(("workbench", *where.with_suffix("").parts))
        tree = ast.parse(path.read_text("utf-8"))
        faults += [
            (where.as_posix(), name)
            for home, here in ((names, strings(tree)), (classes, imported(tree)))
            for name in here & set(home)
            if home[name] != module
        ]
    assert set(faults) <= OTHER_MEANINGS
