"""What frozen features must beat: pixels as they are, and word counts. And where scores of these
are kept, one file a baseline, so that they are made once a data set."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from workbench.evaluation.feature_scores import Scored
from workbench.evaluation.pixels import MOST_PIXELS as MOST_PIXELS
from workbench.evaluation.pixels import raw_input as raw_input
from workbench.evaluation.scores import VERSION

LSA_SIZE = 128
_MOST_WORDS = 30_000
# Whose outcomes an array of a file is.
_TEST, _VALIDATION = "test|", "validation|"


def word_features(
    texts: Mapping[str, Sequence[str]],
) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """TF-IDF and LSA of the texts of each split, and what was decided.

    tf-idf: sparse rows of length 1, of words and pairs of words, fitted on train (pieces of words
    would be six times as many on short messages, and win a point or two there). lsa: float32
    (n, up to 128), its strongest directions, rows of length 1. Neither, with a note, where the
    training texts hold no words.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    vectoriser = TfidfVectorizer(
        ngram_range=(1, 2),
        sublinear_tf=True,
        max_features=_MOST_WORDS,
        token_pattern=r"(?u)\b\w+\b",
        dtype=np.float32,
    )
    try:
        counts = {"train": vectoriser.fit_transform(texts["train"])}
    except ValueError:
        return {}, ("The training texts hold no words, so TF-IDF and LSA are left out.",)
    counts |= {s: vectoriser.transform(part) for s, part in texts.items() if s != "train"}
    size = min(LSA_SIZE, min(counts["train"].shape) - 1)
    if size < 1:
        return {"tf-idf": counts}, ("There are too few words for LSA.",)
    projection = TruncatedSVD(size, random_state=0).fit(counts["train"])
    lsa = {s: normalize(projection.transform(part)) for s, part in counts.items()}
    return {"tf-idf": counts, "lsa": lsa}, ()


def key(**parts: Any) -> str:
    """A file name for what ``parts`` (JSON) decide, and for this version of the protocols."""
    import sklearn

    whole = json.dumps(parts | {"version": VERSION, "sklearn": sklearn.__version__}, sort_keys=True)
    name = str(parts.get("features", "scores")).replace(" ", "_")
    return f"{name}-{hashlib.sha256(whole.encode()).hexdigest()[:16]}.safetensors"


def read(path: Path) -> Scored | None:
    """The scores in ``path``, or None if there are none that can be read."""
    found = read_arrays(path)
    if found is None:
        return None
    arrays, known = found
    validation = known.pop("validation")
    of_validation = None if validation is None else _scored(validation, arrays, _VALIDATION)
    return _scored(known, arrays, _TEST, of_validation)


def write(path: Path, scored: Scored) -> None:
    """Keep ``scored`` in ``path``."""
    arrays = {f"{_TEST}{name}": said for name, said in scored.outcomes.items()}
    known = _known(scored) | {"validation": None}
    if scored.validation is not None:
        arrays |= {f"{_VALIDATION}{n}": said for n, said in scored.validation.outcomes.items()}
        known["validation"] = _known(scored.validation)
    write_arrays(path, arrays, known)


def _known(scored: Scored) -> dict[str, Any]:
    return {
        "scores": list(scored.scores),
        "choices": dict(scored.choices),
        "notes": list(scored.notes),
    }


def _scored(
    known: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]],
    prefix: str,
    validation: Scored | None = None,
) -> Scored:
    mine = {n.removeprefix(prefix): said for n, said in arrays.items() if n.startswith(prefix)}
    # Files have no order, and rows of gains follow that of the scores.
    protocols = [_key_of(row) for row in known["scores"]]
    outcomes = {name: mine[name] for name in dict.fromkeys([*protocols, *mine]) if name in mine}
    return Scored(
        tuple(known["scores"]), outcomes, known["choices"], tuple(known["notes"]), validation
    )


def _key_of(row: Mapping[str, Any]) -> str:
    level = row.get("labels_per_class")
    return str(row["protocol"]) if level is None else f"{row['protocol']}/{level}"


def read_arrays(path: Path) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]] | None:
    """Arrays by name and what was written beside them; None if the file is absent or damaged."""
    try:
        with safe_open(str(path), framework="numpy") as stored:
            names, known = list(stored.keys()), json.loads(stored.metadata()["known"])
            return {name: stored.get_tensor(name) for name in names}, known
    except (FileNotFoundError, SafetensorError, KeyError, TypeError, ValueError):
        return None


def write_arrays(
    path: Path, arrays: Mapping[str, npt.NDArray[Any]], known: Mapping[str, Any] | None = None
) -> None:
    """Write ``path`` whole or not at all; runs beside this one may write the same."""
    plain = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part")
    try:
        save_file(plain, str(temporary), metadata={"known": json.dumps(dict(known or {}))})
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
