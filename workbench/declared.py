"""What every task, encoder and augmentation declares about itself."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from workbench.options import options_of

Modality = Literal["image", "text"]
Kind = Literal["task", "encoder", "augmentation"]


class Declared:
    """Base of tasks, encoders and augmentations. The options are the fields of the dataclass.

    declares: which of the three kinds the class is; the base class of the kind sets it.
    name: what the user types. title: what the screen shows. summary: one plain sentence.
    family: the group it is shown in. modalities: the data it works on. reference: paper or source.
    """

    declares: ClassVar[Kind | None] = None
    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    family: ClassVar[str] = ""
    modalities: ClassVar[tuple[Modality, ...]] = ()
    reference: ClassVar[str] = ""

    @classmethod
    def describe(cls) -> dict[str, Any]:
        """The object that ``workbench list ... --json`` gives."""
        return {
            "name": cls.name,
            "title": cls.title,
            "modality": modality_json(cls.modalities),
            "family": cls.family,
            "summary": cls.summary,
            "reference": cls.reference,
            "options": [spec.to_json() for spec in options_of(cls)],
        }


def modality_json(modalities: tuple[Modality, ...]) -> str | list[str]:
    """One modality as its name, several as a list of names."""
    return modalities[0] if len(modalities) == 1 else list(modalities)
