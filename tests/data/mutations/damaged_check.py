"""The check of one damaged input: every way to read it ends with an answer or in our own words."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from mutations.check import Outcome
from workbench.config import DataConfig
from workbench.data import originals, prepare
from workbench.data.inspection import inspect
from workbench.data.peek import peek
from workbench.data.report import report
from workbench.data.sources.foreign_errors import UnreadableSource
from workbench.diagnostics.files import diagnose
from workbench.errors import RequestError

# Python's and libraries' words that no message may hold.
_FOREIGN = ("Traceback", "Error(", "object has no attribute", "0x7f", "b'\\x")


def check(path: Path, home: Path) -> Outcome:
    """Read the input in all ways; the first that ends badly counts."""
    began = time.monotonic()
    results = []
    at_border = False
    for read in _ways(path, home):
        try:
            read()
            results.append(("read", ""))
        except RequestError as error:
            at_border = at_border or isinstance(error, UnreadableSource)
            results.append((_refusal(error), str(error)))
        except Exception as error:  # noqa: BLE001  each of them is a fault that is counted
            results.append(("raw error", f"{type(error).__name__}: {error}"[:400]))
    shutil.rmtree(home, ignore_errors=True)
    bad = [one for one in results if one[0] not in ("read", "refused")]
    result, message = bad[0] if bad else results[0]
    return Outcome(result, message, time.monotonic() - began, at_border)


def _refusal(error: RequestError) -> str:
    if not error.field or not error.remedy:
        return "no field or no remedy"
    return "foreign words" if any(word in str(error) for word in _FOREIGN) else "refused"


def _ways(path: Path, home: Path) -> list[Callable[[], object]]:
    if path.name.startswith("embeddings."):
        return [lambda: diagnose(path)]
    config = DataConfig(str(path))

    def prepared() -> None:
        data = prepare(config, home)
        report(data, None).to_json()
        if data.info.modality == "image":
            originals.originals(config, data, [0, 1])

    return [prepared, lambda: inspect(config, home).to_json(), lambda: peek(config)]
