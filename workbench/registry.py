"""How tasks, encoders, augmentations and presets are found: by looking into their packages.

To add one is to add a file: every public subclass of the kind's base class that a module of the
package defines and that has a ``name`` is registered. ``--plugin FILE.py`` and the entry point
group ``workbench.plugins`` add the user's own. Loading a declaration never imports torch.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import shlex
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from workbench.errors import RequestError, unknown_name
from workbench.options import options_of

if TYPE_CHECKING:
    from workbench.augment.base import Augmentation
    from workbench.augment.presets import AugmentPreset
    from workbench.encoders.base import Encoder
    from workbench.tasks.base import Task
    from workbench.tasks.broken import BrokenPreset

Modality = Literal["image", "text"]
Kind = Literal["task", "encoder", "augmentation", "preset"]

_PACKAGES: dict[Kind, str] = {
    "task": "workbench.tasks",
    "encoder": "workbench.encoders",
    "augmentation": "workbench.augment",
}
_FLAGS: dict[Kind, str] = {
    "task": "--task",
    "encoder": "--encoder",
    "augmentation": "--augment",
    "preset": "--augment",
}


class Declared:
    """What every registered thing says of itself; its options are its dataclass fields.

    name: what the user types. title: what the screen shows. summary: one plain sentence.
    family: the group it is shown in. modalities: what data it is for. reference: paper or source.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    family: ClassVar[str] = ""
    modalities: ClassVar[tuple[Modality, ...]] = ()
    reference: ClassVar[str] = ""

    @classmethod
    def describe(cls) -> dict[str, Any]:
        """The object that ``workbench list ... --json`` gives."""
        modality: Any = cls.modalities[0] if len(cls.modalities) == 1 else list(cls.modalities)
        return {
            "name": cls.name,
            "title": cls.title,
            "modality": modality,
            "family": cls.family,
            "summary": cls.summary,
            "reference": cls.reference,
            "options": [spec.to_json() for spec in options_of(cls)],
        }


D = TypeVar("D", bound=Declared)
_plugins: dict[str, ModuleType] = {}


def tasks() -> dict[str, type[Task]]:
    """All pretext tasks by name."""
    from workbench.tasks.base import Task

    return _found("task", Task)


def encoders() -> dict[str, type[Encoder]]:
    """All encoders by name."""
    from workbench.encoders.base import Encoder

    return _found("encoder", Encoder)


def augmentations() -> dict[str, type[Augmentation]]:
    """All augmentations by name."""
    from workbench.augment.base import Augmentation

    return _found("augmentation", Augmentation)


def presets() -> dict[str, AugmentPreset]:
    """All augmentation presets by name."""
    from workbench.augment.presets import PRESETS

    return {preset.name: preset for preset in PRESETS}


def broken() -> dict[str, BrokenPreset]:
    """All presets that break a task on purpose, by name."""
    from workbench.tasks.broken import BROKEN

    return {preset.name: preset for preset in BROKEN}


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
    _found.cache_clear()


def plugin_file(declared: type[Declared]) -> str | None:
    """The file that ``load_plugin`` took this class from; None if it comes with a package."""
    return next(
        (file for file, module in _plugins.items() if module.__name__ == declared.__module__), None
    )


@cache
def _found(kind: Kind, base: type[D]) -> dict[str, type[D]]:
    package = importlib.import_module(_PACKAGES[kind])
    modules = [
        importlib.import_module(f"{package.__name__}.{info.name}")
        for info in pkgutil.iter_modules(package.__path__)
    ]
    modules += _plugins.values()
    modules += [
        point.load() for point in importlib.metadata.entry_points(group="workbench.plugins")
    ]
    found: dict[str, type[D]] = {}
    for module in modules:
        for _, member in inspect.getmembers(module, inspect.isclass):
            if issubclass(member, base) and member.name and member.__module__ == module.__name__:
                if member.name in found:
                    raise RequestError(
                        f"two {kind}s are called '{member.name}'.",
                        field="--plugin",
                        remedy=f"Rename the one in {module.__file__}.",
                    )
                found[member.name] = member
    return dict(sorted(found.items()))


def _get(kind: Kind, name: str, known: dict[str, type[D]]) -> type[D]:
    if name not in known:
        raise unknown_name(kind, name, known, field=_FLAGS[kind])
    return known[name]
