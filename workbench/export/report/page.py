"""The report's page: ``Material`` in, HTML out. Pure; every text from outside is escaped."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench import __version__, comparison
from workbench.comparison.records import ComparisonRecord
from workbench.comparison.run_fields import data_name
from workbench.export.report import tables
from workbench.export.report.agreement import agreement_section
from workbench.export.report.html import bullets, chart
from workbench.export.report.maps import maps_section
from workbench.plots import checks_figure, curves_figure, spectrum_figure
from workbench.plots.linked import Sheet, standalone
from workbench.plots.spectrum import RunSpectra
from workbench.records import RunRecord
from workbench.stored_runs.map_files import MapSamples, StoredMap

_STYLE = Path(__file__).with_name("report.css")


@dataclass(frozen=True)
class Material:
    """What a report is made of; lists are in the order of ``runs``. metrics: each run's curves,
    [(step, value), ...] by name. maps: by kind (pca, umap), None where a run has none. samples:
    labels and texts of the data, None if the runs saw different data. pictures: thumbnails of the
    samples ``pictured``, None for texts and for different data."""

    runs: Sequence[RunRecord]
    comparison: ComparisonRecord
    metrics: Sequence[Mapping[str, Sequence[tuple[float, float]]]]
    spectra: Sequence[RunSpectra | None]
    maps: Mapping[str, Sequence[StoredMap | None]]
    samples: MapSamples | None
    pictures: Sheet | None = None
    pictured: npt.NDArray[np.int64] | None = None


def page(material: Material, now: float | None = None) -> str:
    """The whole document. now: seconds since the epoch, for the date on the page."""
    from plotly.offline import get_plotlyjs

    runs = material.runs
    titles = comparison.unique_titles(runs)
    heading = escape(titles[0]) if len(runs) == 1 else f"{len(runs)} runs side by side"
    body = [
        f"<h1>{heading}</h1>",
        f'<p class="soft">Data: {escape(_data(material))}. {escape(_devices(runs))}</p>',
        bullets(material.comparison["sentences"]),
        tables.overview(runs, titles),
        *tables.gains(runs, material.comparison),
        *tables.decisions(material.comparison),
        *maps_section(material, titles),
        *agreement_section(material.comparison.get("agreement")),
        *_checks(material, titles),
        *_learning(material, titles),
        tables.differences(material.comparison, titles),
        tables.scores(runs, titles),
        _notes(runs, titles),
        _footer(runs, time.time() if now is None else now),
    ]
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            standalone.POLICY,
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{heading} · SSL Workbench</title>",
            f"<style>{_STYLE.read_text('utf-8')}</style>",
            f"<script>{get_plotlyjs()}</script></head><body>",
            *body,
            "</body></html>",
        ]
    )


def _checks(material: Material, titles: Sequence[str]) -> Iterable[str]:
    yield "<h2>Collapse check</h2>"
    yield bullets(
        [f"{title}: {_reason(run)}" for run, title in zip(material.runs, titles, strict=True)]
    )
    checked = {
        title: metrics
        for title, metrics in zip(titles, material.metrics, strict=True)
        if any(name.startswith("check.") for name in metrics)
    }
    if checked:
        yield chart(checks_figure(checked))
    spectra = {t: s for t, s in zip(titles, material.spectra, strict=True) if s is not None}
    if spectra:
        yield "<h2>Spectrum: how many directions the representations use</h2>"
        yield chart(spectrum_figure(spectra))


def _reason(run: RunRecord) -> str:
    verdict = run.get("verdict")
    return (verdict["reason"] if verdict else "") or "not checked"


def _learning(material: Material, titles: Sequence[str]) -> Iterable[str]:
    losses = {
        title: metrics["loss"]
        for title, metrics in zip(titles, material.metrics, strict=True)
        if metrics.get("loss")
    }
    if not losses:
        return
    chance = {t: run.get("chance") for t, run in zip(titles, material.runs, strict=True)}
    yield "<h2>Loss</h2>"
    yield '<p class="soft">Losses of different tasks cannot be compared with each other.</p>'
    yield chart(curves_figure(losses, chance=chance))


def _notes(runs: Sequence[RunRecord], titles: Sequence[str]) -> str:
    parts = []
    for run, title in zip(runs, titles, strict=True):
        lines = [str(note) for note in run.get("notes", ())]
        if run.get("reason"):
            lines.insert(0, f"{run['status']}: {run['reason']}")
        if lines:
            parts.append(f"<details><summary>{escape(title)}</summary>{bullets(lines)}</details>")
    return f"<h2>What was decided for you</h2>{''.join(parts)}" if parts else ""


def _footer(runs: Sequence[RunRecord], now: float) -> str:
    written = time.strftime("%Y-%m-%d %H:%M", time.localtime(now))
    created = [run["created"] for run in runs if run.get("created")]
    dates = ""
    if created:
        days = sorted({time.strftime("%Y-%m-%d", time.localtime(moment)) for moment in created})
        dates = f" The runs are of {' and '.join([days[0], *days[-1:][: len(days) > 1]])}."
    versions = {
        f"{name} {version}"
        for run in runs
        for name, version in (run.get("versions") or {}).items()
        if name in ("workbench", "torch", "python")
    }
    return (
        f"<footer>Written {written} by SSL Workbench {escape(__version__)}.{dates} "
        f"Runs: {escape(', '.join(str(run['id']) for run in runs))}. "
        f"Made with {escape(', '.join(sorted(versions)))}.</footer>"
    )


def _data(material: Material) -> str:
    """Names of the data sets. Of a path only the last part, since reports are passed on."""
    if material.samples is not None and material.samples.title:
        return material.samples.title
    return " and ".join(dict.fromkeys(data_name(run["config"]["data"]) for run in material.runs))


def _devices(runs: Sequence[RunRecord]) -> str:
    devices = sorted({str((run.get("training") or {}).get("device", "")) for run in runs} - {""})
    return f"Trained on {' and '.join(devices)}." if devices else ""
