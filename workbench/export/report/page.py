"""The report's page: ``Material`` in, HTML out. Pure; every text from outside is escaped."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench import __version__, comparison
from workbench.comparison.records import ComparisonRecord
from workbench.comparison.run_fields import data_name, task_title
from workbench.comparison.sentences import CLOSED
from workbench.export.report import tables
from workbench.export.report.agreement import agreement_section
from workbench.export.report.html import bullets, chart, folded
from workbench.export.report.maps import map_sections
from workbench.plots import checks_figure, curves_figure, spectrum_figure, style
from workbench.plots.curves import Curve
from workbench.plots.linked import Sheet, standalone
from workbench.plots.spectrum import RunSpectra
from workbench.records import RunRecord
from workbench.stored_runs.map_files import MapSamples, StoredMap

_STYLE = Path(__file__).with_name("report.css")
# A chart that was folded away when it was drawn takes its width when it is unfolded.
_RESIZE = (
    '<script>document.addEventListener("toggle", () => '
    'dispatchEvent(new Event("resize")), true);</script>'
)


@dataclass(frozen=True)
class Material:
    """What a report is made of; lists are in the order of ``runs``. metrics: each run's curves,
    [(step, value), ...] by name. maps: by kind (pca, umap), None where a run has none. samples:
    labels and texts of the data, None if the runs saw different data. pictures: thumbnails of the
    samples ``pictured``, None for texts and for different data. neighbours: the sheet of neighbours
    as HTML, for runs without labels, else empty."""

    runs: Sequence[RunRecord]
    comparison: ComparisonRecord
    metrics: Sequence[Mapping[str, Sequence[tuple[float, float]]]]
    spectra: Sequence[RunSpectra | None]
    maps: Mapping[str, Sequence[StoredMap | None]]
    samples: MapSamples | None
    pictures: Sheet | None = None
    pictured: npt.NDArray[np.int64] | None = None
    neighbours: str = ""


def page(material: Material, now: float | None = None) -> str:
    """The whole document. now: seconds since the epoch, for the date on the page."""
    from plotly.offline import get_plotlyjs

    runs = material.runs
    titles = comparison.unique_titles(runs)
    heading = escape(titles[0]) if len(runs) == 1 else f"{len(runs)} runs side by side"
    maps = map_sections(material, titles)
    body = [
        f"<h1>{heading}</h1>",
        f'<p class="soft">Data: {escape(_data(material))}. {escape(_devices(runs))}</p>',
        bullets(_answer(material.comparison)),
        tables.next_step(material.comparison),
        f'<p class="soft">{escape(material.comparison["sentences"][-1])}</p>',
        _neighbours(material),
        tables.overview(runs, titles),
        maps.first,
        *tables.gains(runs, material.comparison),
        "<h2>Details</h2>",
        *_details(material, titles, maps.others),
        maps.script,
        _RESIZE,
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


def _answer(compared: ComparisonRecord) -> list[str]:
    """The first sentences: whether test scores are hidden, what is unfair, and what was found."""
    sentences = compared["sentences"][:-1]
    found = [*compared["problems"], *compared["headline"]] or sentences
    hidden = [line for line in sentences if line == CLOSED and line not in found]
    return [*hidden, *found]


def _neighbours(material: Material) -> str:
    if not material.neighbours:
        return ""
    about = "At the left a sample, at its right its nearest neighbours."
    return f'<h2>What does each run find similar?</h2><p class="soft">{about}</p>' + (
        material.neighbours
    )


def _details(material: Material, titles: Sequence[str], maps: Mapping[str, str]) -> Iterator[str]:
    """What stands folded below the answer."""
    compared, runs = material.comparison, material.runs
    answer = _answer(compared)
    rest = [line for line in compared["sentences"][:-1] if line not in answer]
    yield folded("What was shown and what was not", [bullets(rest)] if rest else [])
    yield folded("Decision for each task", tables.decisions(compared))
    yield from (folded(title, [inner]) for title, inner in maps.items())
    agreement = agreement_section(compared.get("agreement"))
    yield folded("Do they find the same samples similar?", agreement)
    yield folded("Collapse check", _checks(material, titles))
    yield folded(
        "Spectrum: how many directions the representations use", _spectra(material, titles)
    )
    yield folded("Loss", _losses(material, titles))
    yield folded("What differs between the runs", [tables.differences(compared, titles)])
    yield tables.scores(runs, titles)
    yield folded("What was decided for you", _notes(runs, titles))


def _checks(material: Material, titles: Sequence[str]) -> Iterable[str]:
    yield bullets(
        [f"{title}: {_reason(run)}" for run, title in zip(material.runs, titles, strict=True)]
    )
    checked = {
        title: metrics
        for title, metrics in zip(titles, material.metrics, strict=True)
        if any(name.startswith("check.") for name in metrics)
    }
    if checked:
        yield chart(checks_figure(checked, shades=_shades(material, titles)))


def _spectra(material: Material, titles: Sequence[str]) -> Iterable[str]:
    spectra = {t: s for t, s in zip(titles, material.spectra, strict=True) if s is not None}
    if spectra:
        yield chart(spectrum_figure(spectra, shades=_shades(material, titles)))


def _reason(run: RunRecord) -> str:
    verdict = run.get("verdict")
    return (verdict["reason"] if verdict else "") or "not checked"


def _losses(material: Material, titles: Sequence[str]) -> Iterable[str]:
    """A chart for each task: every loss has a scale of its own."""
    by_task: dict[str, dict[str, Curve]] = {}
    for title, run, metrics in zip(titles, material.runs, material.metrics, strict=True):
        if metrics.get("loss"):
            by_task.setdefault(task_title(run["config"]), {})[title] = metrics["loss"]
    chance = {t: run.get("chance") for t, run in zip(titles, material.runs, strict=True)}
    shades = _shades(material, titles)
    for task, losses in by_task.items():
        levels = {title: chance[title] for title in losses}
        yield chart(curves_figure(losses, chance=levels, name=f"loss of {task}", shades=shades))
    if len(by_task) > 1:
        yield '<p class="soft">Each task has its own loss and scale: do not compare them.</p>'


def _shades(material: Material, titles: Sequence[str]) -> dict[str, int]:
    of_id = {run["id"]: title for run, title in zip(material.runs, titles, strict=True)}
    groups = comparison.group_runs(material.runs)
    return style.shades(
        {of_id[run["id"]]: str(number) for number, group in enumerate(groups) for run in group.runs}
    )


def _notes(runs: Sequence[RunRecord], titles: Sequence[str]) -> Iterable[str]:
    for run, title in zip(runs, titles, strict=True):
        lines = [str(note) for note in run.get("notes", ())]
        if run.get("reason"):
            lines.insert(0, f"{run['status']}: {run['reason']}")
        if lines:
            yield f"<p><strong>{escape(title)}</strong></p>{bullets(lines)}"


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
    made = f"Made with {escape(', '.join(sorted(versions)))}." if versions else ""
    return (
        f"<footer>Written {written} by SSL Workbench {escape(__version__)}.{dates} "
        f"Runs: {escape(', '.join(str(run['id']) for run in runs))}. "
        f"{made}</footer>"
    )


def _data(material: Material) -> str:
    """Names of the data sets. Of a path only the last part, since reports are passed on."""
    if material.samples is not None and material.samples.title:
        return material.samples.title
    return " and ".join(dict.fromkeys(data_name(run["config"]["data"]) for run in material.runs))


def _devices(runs: Sequence[RunRecord]) -> str:
    devices = sorted({str((run.get("training") or {}).get("device", "")) for run in runs} - {""})
    return f"Trained on {' and '.join(devices)}." if devices else ""
