"""The eigenvalue spectra that a run kept when it was scored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from workbench import damage
from workbench.plots.spectrum import RunSpectra
from workbench.stored_runs.checks import SPACES
from workbench.stored_runs.stored_run import StoredRun


def read_spectra(run: StoredRun) -> RunSpectra | None:
    """The spectra of h and z, trained and untrained; None for a run that was not scored."""
    path = run.files.spectrum
    if not path.exists():
        return None
    document = damage.read_json(path)
    with damage.reading(path):
        return parse_spectra(document)


def parse_spectra(document: Mapping[str, object]) -> RunSpectra:
    """The spectra of a run, from JSON. Raises ContentError if it is something else."""
    # How many samples they are of stands there too.
    spectra = {space: document[space] for space in SPACES if space in document}
    for parts in spectra.values():
        if not isinstance(parts, dict) or not all(map(_is_spectrum, parts.values())):
            raise damage.ContentError("it holds no spectra")
    return cast(RunSpectra, spectra)


def _is_spectrum(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, int | float) for value in values)
