"""The report's page: what was gathered in, HTML out. Pure; every text from outside is escaped."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench import __version__, comparison
from workbench.export import report_numbers
from workbench.export.report_agreement import agreement_section
from workbench.export.report_html import bullets, chart
from workbench.export.report_maps import maps_section
from workbench.maps.map_files import Samples, StoredMap
from workbench.plots import checks_figure, curves_figure, spectrum_figure
from workbench.plots.linked import Sheet

_STYLE = Path(__file__).with_name("report.css")


@dataclass(frozen=True)
class Material:
    """What a report is made of; lists are in the order of ``runs``. metrics: as the store gives
    them. maps: {"pca": [...], "umap": [...]}, None where a run has none. samples: labels and texts
    of the data, None if the runs saw different data. pictures: thumbnails of the samples
    ``pictured``, None for texts and for different data."""

    runs: Sequence[Mapping[str, Any]]
    comparison: Mapping[str, Any]
    metrics: Sequence[Mapping[str, Sequence[tuple[float, float]]]]
    spectra: Sequence[Mapping[str, Any] | None]
    maps: Mapping[str, Sequence[StoredMap | None]]
    samples: Samples | None
    pictures: Sheet | None = None
    pictured: npt.NDArray[np.int64] | None = None


def page(material: Material, now: float | None = None) -> str:
    """The whole document. now: seconds since the epoch, for the date on the page."""
    from plotly.offline import get_plotlyjs

    runs = material.runs
    titles = unique_titles(runs)
    heading = escape(titles[0]) if len(runs) == 1 else f"{len(runs)} runs side by side"
    body = [
        f"<h1>{heading}</h1>",
        f'<p class="soft">Data: {escape(_data(material))}. {escape(_devices(runs))}</p>',
        bullets(material.comparison["sentences"]),
        report_numbers.overview(runs, titles),
        *report_numbers.gains(runs, material.comparison),
        *report_numbers.decisions(material.comparison),
        *maps_section(material, titles),
        *agreement_section(material.comparison.get("agreement")),
        *_checks(material, titles),
        *_learning(material, titles),
        report_numbers.differences(material.comparison, titles),
        report_numbers.scores(runs, titles),
        _notes(runs, titles),
        _footer(runs, time.time() if now is None else now),
    ]
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{heading} · SSL Workbench</title>",
            f"<style>{_STYLE.read_text('utf-8')}</style>",
            f"<script>{get_plotlyjs()}</script></head><body>",
            *body,
            "</body></html>",
        ]
    )


def unique_titles(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The runs' titles; where two are the same, with their ids."""
    titles = [comparison.title(run) for run in runs]
    return [
        title if titles.count(title) == 1 else f"{title}, {run['id']}"
        for title, run in zip(titles, runs, strict=True)
    ]


def _checks(material: Material, titles: Sequence[str]) -> Iterable[str]:
    yield "<h2>Collapse check</h2>"
    reasons = [
        f"{title}: {(run.get('verdict') or {}).get('reason') or 'not checked'}"
        for run, title in zip(material.runs, titles, strict=True)
    ]
    yield bullets(reasons)
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


def _notes(runs: Sequence[Mapping[str, Any]], titles: Sequence[str]) -> str:
    parts = []
    for run, title in zip(runs, titles, strict=True):
        said = [str(note) for note in run.get("notes", ())]
        if run.get("reason"):
            said.insert(0, f"{run['status']}: {run['reason']}")
        if said:
            parts.append(f"<details><summary>{escape(title)}</summary>{bullets(said)}</details>")
    return f"<h2>What was decided for you</h2>{''.join(parts)}" if parts else ""


def _footer(runs: Sequence[Mapping[str, Any]], now: float) -> str:
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(now))
    created = [run["created"] for run in runs if run.get("created")]
    ran = ""
    if created:
        days = sorted({time.strftime("%Y-%m-%d", time.localtime(moment)) for moment in created})
        ran = f" The runs are of {' and '.join([days[0], *days[-1:][: len(days) > 1]])}."
    versions = {
        f"{name} {version}"
        for run in runs
        for name, version in (run.get("versions") or {}).items()
        if name in ("workbench", "torch", "python")
    }
    return (
        f"<footer>Written {made} by SSL Workbench {escape(__version__)}.{ran} "
        f"Runs: {escape(', '.join(str(run['id']) for run in runs))}. "
        f"Made with {escape(', '.join(sorted(versions)))}.</footer>"
    )


def _data(material: Material) -> str:
    """Names of the data sets; of a path its last part, since reports are passed on."""
    if material.samples is not None and material.samples.title:
        return material.samples.title
    sources = [str(run["config"]["data"].get("source", "")) for run in material.runs]
    names = [source.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1] for source in sources]
    return " and ".join(dict.fromkeys(names))


def _devices(runs: Sequence[Mapping[str, Any]]) -> str:
    devices = sorted({str((run.get("training") or {}).get("device", "")) for run in runs} - {""})
    return f"Trained on {' and '.join(devices)}." if devices else ""
