"""The canonical form of a step, so that equal requests are equal."""

from __future__ import annotations

from workbench import options, registry
from workbench.config import AugmentStep


def canonical_form(step: AugmentStep) -> AugmentStep:
    """The step with typed options, as JSON values; options equal to their default are left out.

    Raises RequestError for an unknown augmentation or option, or a value out of range.
    """
    cls = registry.augmentation(step.name)
    built = options.build(cls, step.options, prefix=f"--augment {step.name}.")
    plain = options.values_of(cls())
    values = options.values_of(built)
    return AugmentStep(step.name, {k: v for k, v in values.items() if v != plain[k]})
