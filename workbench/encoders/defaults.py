"""The encoder that a run gets when its request names none."""

from __future__ import annotations

from workbench import registry
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
