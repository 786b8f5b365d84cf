"""The eigenvalue spectra that a run kept when it was scored."""

from __future__ import annotations

import json

from workbench.plots.spectrum import RunSpectra
from workbench.stored_runs.stored_run import StoredRun


def read_spectra(run: StoredRun) -> RunSpectra | None:
    """The spectra of h and z, trained and untrained; None for a run that was not scored."""
    path = run.files.spectrum
    if not path.exists():
        return None
    spectra: RunSpectra = json.loads(path.read_text("utf-8"))
    return spectra
