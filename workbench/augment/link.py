"""A list of augmentations as one line of text, for the address of a page.

    random_resized_crop scale-0.3..1~horizontal_flip~gaussian_blur off p-0.5

``~`` separates steps. A step is its name, ``off`` if it is switched off, and ``OPTION-VALUE`` for
every option that differs from its default. The name of a preset stands for its steps as they suit
the data; ``none`` stands for no step. In an address a space is written ``+``, and nothing else
needs an escape.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench import options, registry
from workbench.augment import presets
from workbench.augment.base import Augmentation
from workbench.augment.canonical_form import canonical_form
from workbench.config import AugmentStep
from workbench.data.dataset import DataInfo
from workbench.errors import RequestError, unknown_name
from workbench.options import OptionSpec

_FIELD = "augment"
_NONE, _OFF = "none", "off"
_MOST_STEPS = 40

Check = Callable[[str], object]


@dataclass(frozen=True)
class Placed:
    """A step in its place in a list. on: False if it is switched off; it keeps its place."""

    step: AugmentStep
    on: bool = True


def to_text(steps: Sequence[AugmentStep]) -> str:
    """The text of ``steps``, all of them on; ``from_text`` gives equal steps back."""
    return write([Placed(step) for step in steps])


def from_text(text: str, info: DataInfo, check: Check | None = None) -> tuple[AugmentStep, ...]:
    """The steps that are on in ``text``, as ``RunConfig.augment`` takes them; see ``read``."""
    return tuple(placed.step for placed in read(text, info, check) if placed.on)


def write(placed: Sequence[Placed]) -> str:
    """The text of steps, including those that are switched off."""
    return "~".join(_step(each) for each in placed) or _NONE


def read(text: str, info: DataInfo, check: Check | None = None) -> tuple[Placed, ...]:
    """The steps that ``text`` names, in canonical form.

    check: called with the path of every file that an option names, before that file is opened. It
    raises RequestError if the sender of the text may not read the file. Without it no file may be
    named: texts come from addresses, which anyone can write.
    Raises RequestError for an unknown name, one for the other kind of data, or an option that is
    unknown or out of range.
    """
    parts = text.split("~")
    if len(parts) > _MOST_STEPS:
        raise RequestError(
            f"{len(parts)} steps are too many.",
            field=_FIELD,
            remedy=f"Give at most {_MOST_STEPS} steps.",
        )
    if len(parts) == 1 and parts[0].split() in ([], [_NONE]):
        return ()
    return tuple(placed for part in parts for placed in _placed(part.split(), info, check))


def _step(placed: Placed) -> str:
    """The text of one step."""
    words = [_quoted(placed.step.name)]
    if not placed.on:
        words.append(_OFF)
    words += [f"{name}-{_value(value)}" for name, value in placed.step.options.items()]
    return " ".join(words)


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "..".join(options.word(part) for part in value)
    return _quoted(value) if isinstance(value, str) else options.word(value)


def _quoted(value: str) -> str:
    """``value`` with escapes for spaces and ``~``, which separate words and steps."""
    return urllib.parse.quote(value).replace("~", "%7E")


def _placed(words: Sequence[str], info: DataInfo, check: Check | None) -> list[Placed]:
    """The steps that one part between two ``~`` stands for: several where it names a preset."""
    if not words:
        raise RequestError(
            "a step between two '~' is empty.",
            field=_FIELD,
            remedy="Give a name between them, or leave one '~' out.",
        )
    name, rest = urllib.parse.unquote(words[0]), [word for word in words[1:] if word != _OFF]
    on = _OFF not in words[1:]
    if name in registry.presets():
        if rest:
            raise RequestError(
                "a preset has no options.",
                field=name,
                remedy="Name the preset alone, or its steps with their options.",
            )
        return [Placed(step, on) for step in _preset(name, info)]
    cls = _augmentation(name, info)
    given = _given(cls, rest)
    _check_files(cls, given, check)
    options.build(cls, given, prefix=f"{name}.")
    return [Placed(canonical_form(AugmentStep(name, given)), on)]


def _preset(name: str, info: DataInfo) -> tuple[AugmentStep, ...]:
    try:
        return presets.steps(name, info)
    except RequestError as error:
        raise RequestError(error.message, field=_FIELD, remedy=error.remedy) from error


def _augmentation(name: str, info: DataInfo) -> type[Augmentation]:
    """The augmentation called ``name``. Raises RequestError unless it is for this kind of data."""
    registered = registry.augmentations()
    fitting = {other for other, cls in registered.items() if info.modality in cls.modalities}
    if name not in registered:
        raise unknown_name("augmentation", name, fitting, field=_FIELD)
    if name not in fitting:
        raise RequestError(
            f"'{name}' is for {' and '.join(registered[name].modalities)} data, and "
            f"'{info.name}' is {info.modality} data.",
            field=_FIELD,
            remedy=f"Give one of {', '.join(sorted(fitting))}.",
        )
    return registered[name]


def _given(cls: type[Augmentation], words: Sequence[str]) -> dict[str, str]:
    """The values of ``OPTION-VALUE`` by option, as ``options.build`` reads them."""
    specs = {spec.name: spec for spec in options.options_of(cls)}
    given = {}
    for word in words:
        name, hyphen, value = word.partition("-")
        if not hyphen:
            raise RequestError(
                f"'{word}' is not OPTION-VALUE.",
                field=cls.name,
                remedy=f"Its options are {', '.join(specs) or 'none'}; write, for instance, p-0.5.",
            )
        given[name] = _option_text(specs.get(name), value)
    return given


def _option_text(spec: OptionSpec | None, value: str) -> str:
    """A value as ``options.build`` reads it; spec: None for an unknown option."""
    if spec is not None and spec.type == "range":
        return value.replace("..", ",")
    return urllib.parse.unquote(value)


def _check_files(cls: type[Augmentation], given: Mapping[str, str], check: Check | None) -> None:
    """Call ``check`` with every file that ``given`` names; see ``read``."""
    for spec in options.options_of(cls):
        path = given.get(spec.name) if spec.path else None
        if not path:
            continue
        if check is None:
            raise RequestError(
                "no file of this machine may be named here.",
                field=f"{cls.name}.{spec.name}",
                remedy="Leave the option out.",
            )
        check(path)
