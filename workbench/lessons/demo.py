"""The runs that are stored with the workbench: the quiz of the Start page, and all lessons.

``sample_data/make_demo.py`` makes them all anew.
"""

from __future__ import annotations

from workbench.lessons import lessons, variants
from workbench.lessons.base import Variant

_DATA, _STEPS = "sample:digits", 300

# Which stored runs the Start page shows, and which belong to lessons alone.
START, LESSONS = "demo", "lessons"
QUIZ: tuple[Variant, ...] = (
    Variant("simclr", "SimCLR", _DATA, "simclr", _STEPS),
    Variant("rotation", "Rotation", _DATA, "rotation", _STEPS),
    Variant(
        "vicreg",
        "VICReg without its covariance term",
        _DATA,
        "vicreg",
        _STEPS,
        preset="vicreg_no_covariance",
    ),
)


def all_variants() -> list[Variant]:
    """Every stored run once, the quiz first; of several variants that are one run, the first."""
    distinct: list[Variant] = []
    for variant in (*QUIZ, *variants()):
        if not any(same_run(variant, other) for other in distinct):
            distinct.append(variant)
    return distinct


def same_run(one: Variant, other: Variant) -> bool:
    """Whether two variants are one run under two names."""
    return _without_name(one) == _without_name(other)


def mapped_variants() -> list[Variant]:
    """The stored runs whose UMAP is shown somewhere; of the others no map is kept."""
    shown = list(QUIZ)
    for lesson in lessons().values():
        if any(block.kind in ("maps", "again") for block in lesson.blocks):
            shown += lesson.variants
    return shown


def _without_name(variant: Variant) -> dict[str, object]:
    return {k: v for k, v in vars(variant).items() if k not in ("key", "name")}
