"""The run that new samples are tried on, with the samples that they are compared with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from workbench.data.dataset import Dataset
from workbench.evaluation import new_samples
from workbench.evaluation.new_samples import ReferenceSamples, Yardstick
from workbench.stored_runs import reference_samples
from workbench.stored_runs.stored_run import StoredRun


@dataclass(frozen=True)
class Reference:
    """samples: the run's training and validation samples. scale: how unusual a distance is."""

    run: StoredRun
    data: Dataset
    samples: ReferenceSamples
    scale: Yardstick

    @property
    def nouns(self) -> str:
        return "images" if self.data.info.modality == "image" else "texts"

    def without(self, position: int) -> Reference:
        """Without the training sample at ``position`` among ``samples``; all of it for -1."""
        return replace(self, samples=new_samples.without(self.samples, position))


def read(run: StoredRun, data: Dataset) -> Reference:
    """Raises RequestError if the run kept no embeddings."""
    samples, scale = _read(run.home, run.id, run.embeddings.stamp, _run=run, _data=data)
    return Reference(run, data, samples, scale)


@st.cache_resource(max_entries=8, show_spinner="Reading what the run knows")
def _read(
    home: Path, run_id: str, stamp: float, *, _run: StoredRun, _data: Dataset
) -> tuple[ReferenceSamples, Yardstick]:
    samples = reference_samples.read(_run, _data)
    return samples, new_samples.yardstick(samples)
