"""Stored runs of a class's experiment: they stand in for seeds that did not get their turn.

``sample_data/make_class_runs.py`` makes them. They lie in one file of the demo home, and of each
run only what is pooled is kept.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

from workbench.lessons import evidence, lessons
from workbench.lessons.base import Lesson
from workbench.lessons.seeds import PooledRun
from workbench.records import Gain

FILE = "class_runs.json"
# Pairs are pooled in the order in which they ended. Stored ones come after all of the class.
_AFTER_ALL = 1e12


class StoredSeed(TypedDict):
    """One run as the file has it. digest: of its configuration. gains: by nearest neighbours."""

    lesson: str
    variant: str
    seed: int
    digest: str
    gains: list[Gain]


def stored_pairs(home: Path, lesson: Lesson) -> tuple[list[PooledRun], list[PooledRun]]:
    """The stored runs of both configurations of the lesson's experiment, by ascending seed.

    home: the demo home. Runs of another configuration, and seeds with one run only, are left out.
    Read once in a process: pages ask every three seconds, and making 48 configurations takes 50 ms.
    """
    first, second = _pairs(home, lesson.name)
    return list(first), list(second)


@lru_cache(maxsize=32)
def _pairs(home: Path, name: str) -> tuple[tuple[PooledRun, ...], tuple[PooledRun, ...]]:
    lesson = lessons()[name]
    if not lesson.pooled:
        return (), ()
    pooled = dict(zip(lesson.pooled, lesson.seeded_pair(), strict=True))
    found: dict[str, dict[int, PooledRun]] = {key: {} for key in lesson.pooled}
    for one in _document(home):
        if one["lesson"] == lesson.name and one["variant"] in pooled:
            config = evidence.config_of(pooled[one["variant"]], home, one["seed"])
            if config.digest() == one["digest"]:
                run: PooledRun = {
                    "config": config.to_json(),
                    "scores": [],
                    "gains": one["gains"],
                    "ended": _AFTER_ALL,
                }
                found[one["variant"]][one["seed"]] = run
    first, second = (found[key] for key in lesson.pooled)
    both = sorted(first.keys() & second.keys())
    return tuple(first[seed] for seed in both), tuple(second[seed] for seed in both)


def _document(home: Path) -> list[StoredSeed]:
    if not (home / FILE).exists():
        return []
    document: list[StoredSeed] = json.loads((home / FILE).read_text("utf-8"))
    return document
