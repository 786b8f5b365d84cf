"""Arrays that follow from a prepared data set: made once and kept in its folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]


def load_or_make(path: Path, make: Callable[[], Arrays]) -> Arrays:
    """The arrays in the npz file ``path``. Where there is none, or it is damaged, they are made and
    written: the file whole or not at all, for other processes may write the same at that time."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (FileNotFoundError, BadZipFile, EOFError, ValueError):
        pass
    made = make()
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with temporary.open("wb") as file:
            np.savez(file, **dict(made))  # type: ignore[arg-type]
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return made
