"""The families of pretext tasks: their titles, their order on the screen, and how they are read."""

from __future__ import annotations

from dataclasses import dataclass

# One embedding of each sample, trained to be compared with those of other samples.
_JOINT = "joint embedding"


@dataclass(frozen=True)
class Family:
    """A group of tasks.

    name: what a task declares as its ``family``. title: what the screen shows. readout: how the
    representations are read out. Tasks with different readouts are not ranked by one number:
    embeddings that are trained to be compared suit nearest neighbours, others need a trained
    classifier (MAE on ImageNet: linear 46, nearest neighbours 11).
    """

    name: str
    title: str
    readout: str


# In the order in which the screen shows them.
FAMILIES = (
    Family("contrastive", "Contrastive: find what belongs together", _JOINT),
    Family(
        "non-contrastive",
        "Non-contrastive: agree with yourself, without counterexamples",
        _JOINT,
    ),
    Family("redundancy", "Redundancy reduction: agree, and use every dimension", _JOINT),
    Family("clustering", "Clustering: agree on a cluster", _JOINT),
    Family("distillation", "Distillation: follow a slow teacher network", _JOINT),
    Family("masked", "Masked: fill in what is hidden", "masked"),
    Family("predictive", "Predictive: answer a question about the input", "predictive"),
    Family("language", "Language: find or write words", "language"),
    Family("reference", "Reference: uses the labels", "reference"),
)


def family_of(name: str) -> Family:
    """The family called ``name``; a plugin's own family is named and read out by its name."""
    by_name = {family.name: family for family in FAMILIES}
    return by_name.get(name) or Family(name, name.capitalize(), name)


def place_of(name: str) -> int:
    """The place of the family on the screen; unknown families come last."""
    names = [family.name for family in FAMILIES]
    return names.index(name) if name in names else len(names)
