"""Baselines that frozen features are compared with (pixels, word counts), and their shelf: files
of scores and features that are made once a data set, one file a baseline."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from workbench.evaluation.feature_scores import KNN, Scored
from workbench.evaluation.pixels import MOST_PIXELS as MOST_PIXELS
from workbench.evaluation.pixels import raw_input as raw_input
from workbench.evaluation.probe import ProbeChoice
from workbench.evaluation.protocols import PROTOCOLS
from workbench.evaluation.scores import VERSION
from workbench.records import Score

# kNN scores without a k were stored before it could be chosen; this was it then.
_NEIGHBOURS_BEFORE = 20
# Prefixes of the outcomes of each split in a file.
_TEST, _VALIDATION = "test|", "validation|"


def key(**parts: Any) -> str:
    """A file name from the ``parts`` (JSON) that decide the content, and the protocols' version."""
    import sklearn

    whole = json.dumps(parts | {"version": VERSION, "sklearn": sklearn.__version__}, sort_keys=True)
    name = str(parts.get("features", "scores")).replace(" ", "_")
    return f"{name}-{hashlib.sha256(whole.encode()).hexdigest()[:16]}.safetensors"


def neighbours_key(features: str, protocols: Sequence[str], neighbours: int) -> dict[str, int]:
    """The part of the scores' key that holds k of kNN. It is empty where the features have no kNN
    score, and at k = 20, so that files from before k could be chosen are found."""
    scored = KNN in protocols and KNN in PROTOCOLS.get(features, protocols)
    return {"neighbours": neighbours} if scored and neighbours != _NEIGHBOURS_BEFORE else {}


def read(path: Path) -> Scored | None:
    """The scores in ``path``, or None if there are none that can be read."""
    stored = read_arrays(path)
    if stored is None:
        return None
    arrays, document = stored
    validation = document.pop("validation")
    of_validation = None if validation is None else _from_json(validation, arrays, _VALIDATION)
    return _from_json(document, arrays, _TEST, of_validation)


def write(path: Path, scored: Scored) -> None:
    """Write ``scored`` to ``path``."""
    arrays = {f"{_TEST}{name}": values for name, values in scored.outcomes.items()}
    document = _to_json(scored) | {"validation": None}
    if scored.validation is not None:
        outcomes = scored.validation.outcomes
        arrays |= {f"{_VALIDATION}{name}": values for name, values in outcomes.items()}
        document["validation"] = _to_json(scored.validation)
    write_arrays(path, arrays, document)


def _to_json(scored: Scored) -> dict[str, Any]:
    return {
        "scores": list(scored.scores),
        "choices": {name: asdict(choice) for name, choice in scored.choices.items()},
        "notes": list(scored.notes),
    }


def _from_json(
    document: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]],
    prefix: str,
    validation: Scored | None = None,
) -> Scored:
    stored = {n.removeprefix(prefix): part for n, part in arrays.items() if n.startswith(prefix)}
    scores: list[Score] = document["scores"]
    for row in scores:
        if row["protocol"] == KNN:
            row.setdefault("neighbours", _NEIGHBOURS_BEFORE)
    # Arrays in a file have no order, and rows of gains follow that of the scores.
    order = [_outcome_of(row) for row in scores]
    outcomes = {n: stored[n] for n in dict.fromkeys([*order, *stored]) if n in stored}
    choices = {name: ProbeChoice(**choice) for name, choice in document["choices"].items()}
    return Scored(tuple(scores), outcomes, choices, tuple(document["notes"]), validation)


def _outcome_of(row: Score) -> str:
    level = row.get("labels_per_class")
    return row["protocol"] if level is None else f"{row['protocol']}/{level}"


def read_arrays(path: Path) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]] | None:
    """Arrays by name, and the document stored with them; None if the file is absent or damaged."""
    try:
        with safe_open(str(path), framework="numpy") as stored:
            names, document = list(stored.keys()), json.loads(stored.metadata()["known"])
            return {name: stored.get_tensor(name) for name in names}, document
    except (FileNotFoundError, SafetensorError, KeyError, TypeError, ValueError):
        return None


def write_arrays(
    path: Path, arrays: Mapping[str, npt.NDArray[Any]], document: Mapping[str, Any] | None = None
) -> None:
    """Write ``path`` whole or not at all; other runs may write the same at the same time."""
    plain = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part")
    try:
        metadata = {"known": json.dumps(dict(document or {}))}
        save_file(plain, str(temporary), metadata=metadata)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
