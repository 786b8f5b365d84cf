"""One way to write a step down, so that equal requests are equal."""

from __future__ import annotations

from workbench import options, registry
from workbench.config import AugmentStep


def canonical(step: AugmentStep) -> AugmentStep:
    """The step with typed, JSON-able options, of which only those unlike the defaults are kept.

    Raises RequestError for an unknown augmentation or option, or a value out of range.
    """
    cls = registry.augmentation(step.name)
    built = options.build(cls, step.options, prefix=f"--augment {step.name}.")
    plain = options.values_of(cls())
    values = options.values_of(built)
    return AugmentStep(step.name, {k: v for k, v in values.items() if v != plain[k]})
