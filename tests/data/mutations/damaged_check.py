"""The check of one damaged input: every way to read it ends with an answer or in our own words."""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from mutations import damaged_bytes, damaged_runs
from mutations.check import Outcome
from workbench.config import DataConfig
from workbench.data import originals, prepare
from workbench.data.inspection import inspect
from workbench.data.peek import peek
from workbench.data.report import report
from workbench.data.sources.foreign_errors import UnreadableSource
from workbench.diagnostics.files import diagnose
from workbench.errors import DamageError, RequestError

# From a source of chance and an empty folder to an input in it.
DAMAGED: Mapping[str, Callable[[Random, Path], Path]] = {
    **damaged_bytes.DAMAGED,
    "damaged runs": damaged_runs.runs,
}

_RANKS = {"refused": 1, "read": 2}
# Python's and libraries' words that no message may hold.
_FOREIGN = ("Traceback", "Error(", "object has no attribute", "0x7f", "b'\\x")


def check(path: Path, home: Path) -> Outcome:
    """Read the input in all ways; the worst end counts."""
    began = time.monotonic()
    results = []
    at_border = False
    for read in _ways(path, home):
        try:
            read()
            results.append(("read", ""))
        except (RequestError, DamageError) as error:
            at_border = at_border or isinstance(error, UnreadableSource)
            results.append((_refusal(error), str(error)))
        except Exception as error:  # noqa: BLE001  each of them is a fault that is counted
            last = traceback.extract_tb(error.__traceback__)
            ours = [frame for frame in last if "workbench" in frame.filename]
            places = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(ours[-3:]))
            results.append(("raw error", f"{type(error).__name__}: {error}"[:300] + f" ({places})"))
    shutil.rmtree(home, ignore_errors=True)
    # A fault counts before a refusal, and that before an answer.
    result, message = min(results, key=lambda one: _RANKS.get(one[0], 0))
    return Outcome(result, message, time.monotonic() - began, at_border)


def _refusal(error: RequestError | DamageError) -> str:
    if not error.remedy or not (error.field or isinstance(error, DamageError)):
        return "no field or no remedy"
    return "foreign words" if any(word in str(error) for word in _FOREIGN) else "refused"


def _ways(path: Path, home: Path) -> list[Callable[[], object]]:
    if path.name.startswith("embeddings."):
        return [lambda: diagnose(path)]
    if path.parent.parent.name == "runs":
        return damaged_runs.ways(path)
    config = DataConfig(str(path))

    def prepared() -> None:
        data = prepare(config, home)
        report(data, None).to_json()
        if data.info.modality == "image":
            originals.originals(config, data, [0, 1])

    return [prepared, lambda: inspect(config, home).to_json(), lambda: peek(config)]
