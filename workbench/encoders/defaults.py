"""What the encoders of a kind declare together: their default, and the samples that they take."""

from __future__ import annotations

from workbench import registry
from workbench.declared import Modality
from workbench.encoders.base import EncoderKind


def default_encoder(kind: EncoderKind) -> str:
    """The name of the encoder that declares itself the default of its kind.

    Every kind has one. A subclass does not inherit the declaration.
    """
    return next(
        name
        for name, cls in registry.encoders().items()
        if cls.kind == kind and vars(cls).get("default_of_kind", False)
    )


def modalities(kind: EncoderKind) -> frozenset[Modality]:
    """What samples encoders of this kind take."""
    return frozenset(
        modality
        for cls in registry.encoders().values()
        if cls.kind == kind
        for modality in cls.modalities
    )
