"""The record of one damaged thing in a home: what, where, and how it can be mended."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# The folder of a home that receives what cannot be made again.
ASIDE = "damaged"

Action = Literal[
    "rebuild store",
    "mend row",
    "add row",
    "write configuration",
    "take encoder from checkpoint",
    "draw map again",
    "fit map again",
    "give map up",
    "make thumbnails again",
    "remove cached result",
    "move aside",
    "prepare data again",
    "remove leftover",
]
# What each action does, for whoever is asked.
WORDS: dict[Action, str] = {
    "rebuild store": "copy all that can be read into a new store; the old file is moved aside",
    "mend row": "write the configuration from the run's folder, and leave out what is unreadable",
    "add row": "enter the run again, from the configuration in its folder",
    "write configuration": "write the configuration from the store",
    "take encoder from checkpoint": "take the trained encoder out of the run's checkpoint",
    "draw map again": "draw the PCA map again from the run's representations",
    "fit map again": "have the UMAP map made again in the background",
    "give map up": "leave the run without a UMAP map: what it is made from is lost",
    "make thumbnails again": "make the small pictures again from the data",
    "remove cached result": "remove it; it is made again when it is needed",
    "move aside": "move it to the folder 'damaged' of the home; it cannot be made again",
    "prepare data again": "prepare the data again from their source",
    "remove leftover": "remove what a killed process left unfinished",
}


@dataclass(frozen=True)
class Finding:
    """One damaged thing.

    subject: the id of a run, the fingerprint of a data set, or empty. path: the file or folder.
    problem: what is wrong, in a sentence. action: how it can be mended, None if it cannot. advice:
    what a person can do where mending does not bring all back, else empty.
    """

    subject: str
    path: Path
    problem: str
    action: Action | None
    advice: str = ""


def as_json(finding: Finding) -> dict[str, object]:
    """A finding as ``workbench doctor --json`` gives it."""
    return {
        "subject": finding.subject,
        "path": os.fspath(finding.path),
        "problem": finding.problem,
        "mending": None if finding.action is None else WORDS[finding.action],
        "advice": finding.advice,
    }


def as_text(finding: Finding) -> str:
    """A finding in one line or two."""
    mending = "cannot be mended" if finding.action is None else f"mending: {WORDS[finding.action]}"
    advice = f"\n  {finding.advice}" if finding.advice else ""
    return f"{finding.problem}\n  {mending}{advice}"
