"""Edits of a list of augmentations, in words (``--augment``) or as a mapping (the notebook)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench import registry
from workbench.augment import presets
from workbench.augment.canonical_form import canonical_form
from workbench.config import AugmentStep
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError, unknown_name

_FLAG = "--augment"


def apply_edits(
    steps: Sequence[AugmentStep], edits: Sequence[str], info: DataInfo
) -> tuple[AugmentStep, ...]:
    """``steps`` after each edit in turn.

    ``PRESET`` replaces the list by the preset as it suits ``info``. ``NAME`` appends an
    augmentation. ``-NAME`` removes all steps of that name. ``NAME.OPTION=VALUE`` sets an option of
    the last step of that name. Raises RequestError for unknown names, absent steps, and values
    that are not allowed.
    """
    edited = tuple(canonical_form(step) for step in steps)
    for edit in edits:
        edited = _edit(edited, edit.strip(), info)
    return edited


def apply_options(
    steps: Sequence[AugmentStep], changes: Mapping[str, Mapping[str, Any]], info: DataInfo
) -> tuple[AugmentStep, ...]:
    """``steps`` with the options of each augmentation in ``changes`` set; absent ones are appended.

    Raises RequestError for unknown names and values that are not allowed.
    """
    edited = tuple(canonical_form(step) for step in steps)
    for name, options in changes.items():
        if _last(edited, name) is None:
            edited = (*edited, _fresh(name, info))
        edited = _set(edited, name, options)
    return edited


def _edit(steps: tuple[AugmentStep, ...], edit: str, info: DataInfo) -> tuple[AugmentStep, ...]:
    target, equals, value = edit.partition("=")
    if equals:
        name, dot, option = target.partition(".")
        if not dot or not option:
            raise RequestError(
                f"'{edit}' is not NAME.OPTION=VALUE.",
                field=_FLAG,
                remedy="Give an augmentation and its option, as random_resized_crop.scale=0.3,1.",
            )
        _check_present(steps, name)
        return _set(steps, name, {option: value})
    if edit.startswith("-"):
        name = edit.removeprefix("-")
        _check_present(steps, name)
        return tuple(step for step in steps if step.name != name)
    if edit in registry.presets():
        return presets.steps(edit, info)
    return (*steps, _fresh(edit, info))


def _fresh(name: str, info: DataInfo) -> AugmentStep:
    """A step with default options. Raises RequestError unless it is for this kind of data."""
    registered = registry.augmentations()
    if name not in registered:
        raise unknown_name(
            "augmentation or preset", name, {*registered, *registry.presets()}, field=_FLAG
        )
    if info.modality not in registered[name].modalities:
        fitting = [other for other, cls in registered.items() if info.modality in cls.modalities]
        raise RequestError(
            f"'{name}' is for {' and '.join(registered[name].modalities)} data, "
            f"and '{info.name}' is {info.modality} data.",
            field=_FLAG,
            remedy=f"Give one of {', '.join(fitting)}.",
        )
    return AugmentStep(name)


def _set(
    steps: tuple[AugmentStep, ...], name: str, options: Mapping[str, Any]
) -> tuple[AugmentStep, ...]:
    """``steps`` with ``options`` set in the last step called ``name``, which must be there."""
    place = _last(steps, name)
    assert place is not None
    changed = canonical_form(AugmentStep(name, {**steps[place].options, **options}))
    return (*steps[:place], changed, *steps[place + 1 :])


def _last(steps: Sequence[AugmentStep], name: str) -> int | None:
    """The place of the last step called ``name``, from 0; None if there is none."""
    return max((place for place, step in enumerate(steps) if step.name == name), default=None)


def _check_present(steps: Sequence[AugmentStep], name: str) -> None:
    """Raise RequestError if no step is called ``name``."""
    if _last(steps, name) is not None:
        return
    registered = registry.augmentations()
    if name not in registered:
        raise unknown_name("augmentation", name, registered, field=_FLAG)
    present = ", ".join(dict.fromkeys(step.name for step in steps)) or "none"
    raise RequestError(
        f"'{name}' is not in the list of augmentations.",
        field=_FLAG,
        remedy=f"Add it first with --augment {name}. The list holds: {present}.",
    )
