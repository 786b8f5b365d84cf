"""Finds tasks, encoders, augmentations and presets by looking into their packages.

To add one is to add a file. A class is registered if a module of the package defines it, if it
has a ``name``, and if its ``declares`` is the kind. ``--plugin FILE.py`` and the entry point group
``workbench.plugins`` add the user's own. Loading a declaration never imports torch.

The packages are imported by name, because the modules in them import the registry.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import shlex
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.declared import Declared, Kind, Modality
from workbench.errors import RequestError, unknown_name

if TYPE_CHECKING:
    from workbench.augment.base import Augmentation
    from workbench.augment.presets import AugmentPreset
    from workbench.encoders.base import Encoder
    from workbench.tasks.base import Task
    from workbench.tasks.broken import BrokenPreset

# Plugins import Declared and Modality from here.
__all__ = (
    "Declared",
    "Modality",
    "augmentation",
    "augmentations",
    "broken",
    "broken_preset_of",
    "encoder",
    "encoders",
    "load_plugin",
    "plugin_file",
    "presets",
    "task",
    "tasks",
)

_PACKAGES: dict[Kind, str] = {
    "task": "workbench.tasks",
    "encoder": "workbench.encoders",
    "augmentation": "workbench.augment",
}
_PRESETS = "workbench.augment.presets"
_FLAGS: dict[Kind, str] = {
    "task": "--task",
    "encoder": "--encoder",
    "augmentation": "--augment",
}


D = TypeVar("D", bound=Declared)
_plugins: dict[str, ModuleType] = {}


def tasks() -> dict[str, type[Task]]:
    """All pretext tasks by name."""
    return _classes("task")


def encoders() -> dict[str, type[Encoder]]:
    """All encoders by name."""
    return _classes("encoder")


def augmentations() -> dict[str, type[Augmentation]]:
    """All augmentations by name."""
    return _classes("augmentation")


def presets() -> dict[str, AugmentPreset]:
    """All augmentation presets by name."""
    return {preset.name: preset for preset in importlib.import_module(_PRESETS).PRESETS}


def broken() -> dict[str, BrokenPreset]:
    """All presets that break a task on purpose, by name, those of one task together."""
    return {
        preset.name: dataclasses.replace(preset, task=cls.name, modalities=cls.modalities)
        for cls in tasks().values()
        for preset in cls.broken
    }


def broken_preset_of(config: Mapping[str, Any]) -> BrokenPreset | None:
    """The preset whose every setting a run's configuration (as JSON) has, or None.

    It does not matter how the settings came into the configuration. If several presets fit, the
    one with the most settings is given.
    """
    fitting = [preset for preset in broken().values() if preset.matches(config)]
    return max(fitting, key=lambda preset: len(preset.options) + len(preset.train), default=None)


def task(name: str) -> type[Task]:
    """The task called ``name``; RequestError with the nearest names if there is none."""
    return _get("task", name, tasks())


def encoder(name: str) -> type[Encoder]:
    return _get("encoder", name, encoders())


def augmentation(name: str) -> type[Augmentation]:
    return _get("augmentation", name, augmentations())


def load_plugin(path: str) -> None:
    """Add what the Python file at ``path`` declares. Runs that file: only the user's own.

    Raises RequestError if there is no such file, or if it does not run.
    """
    file = Path(path).expanduser().resolve()
    if not file.is_file():
        raise RequestError(
            f"no file at '{path}'.", field="--plugin", remedy="Give the path of a Python file."
        )
    if str(file) in _plugins:
        return
    name = f"workbench_plugin_{len(_plugins)}_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RequestError(
            f"'{path}' is not a Python file.", field="--plugin", remedy="Give a file ending in .py."
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[spec.name]
        raise RequestError(
            f"'{path}' does not run: {type(error).__name__}: {error}.",
            field="--plugin",
            remedy=f"Mend it; this shows where: python {shlex.quote(str(file))}",
        ) from error
    _plugins[str(file)] = module
    _classes.cache_clear()


def plugin_file(declared: type[Declared]) -> str | None:
    """The file that ``load_plugin`` took this class from; None if it comes with a package."""
    return next(
        (file for file, module in _plugins.items() if module.__name__ == declared.__module__), None
    )


@cache
def _classes(kind: Kind) -> dict[str, Any]:
    """The classes of this kind by name, sorted. Raises RequestError if two have one name."""
    package = importlib.import_module(_PACKAGES[kind])
    modules = [
        importlib.import_module(f"{package.__name__}.{info.name}")
        for info in pkgutil.iter_modules(package.__path__)
    ]
    modules += _plugins.values()
    modules += [
        point.load() for point in importlib.metadata.entry_points(group="workbench.plugins")
    ]
    classes: dict[str, type[Declared]] = {}
    for module in modules:
        for declared in _declared_in(module, kind):
            if declared.name in classes:
                raise RequestError(
                    f"two {kind}s are called '{declared.name}'.",
                    field="--plugin",
                    remedy=f"Rename the one in {module.__file__}.",
                )
            classes[declared.name] = declared
    return dict(sorted(classes.items()))


def _declared_in(module: ModuleType, kind: Kind) -> list[type[Declared]]:
    """The named classes of this kind that the module itself defines, in order of their names."""
    return [
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, Declared)
        and member.__module__ == module.__name__
        and member.name
        and member.declares == kind
    ]


def _get(kind: Kind, name: str, known: dict[str, type[D]]) -> type[D]:
    if name not in known:
        raise unknown_name(kind, name, known, field=_FLAGS[kind])
    return known[name]
