"""The report's page: what was gathered in, HTML out. Pure; every text from outside is escaped."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from workbench import __version__, comparison
from workbench.export import report_numbers
from workbench.export.report_agreement import agreement_section
from workbench.export.report_html import bullets, captioned, chart
from workbench.maps.stored import Samples, StoredMap
from workbench.maps.trust import sentence
from workbench.plots import (
    MapData,
    checks_figure,
    curves_figure,
    embedding_figure,
    spectrum_figure,
    style,
    words,
)

_STYLE = Path(__file__).with_name("report.css")
_MARKS = {"circle": "●", "square": "■", "triangle-up": "▲", "diamond": "◆"}


@dataclass(frozen=True)
class Material:
    """What a report is made of; lists are in the order of ``runs``. metrics: as the store gives
    them. maps: {"pca": [...], "umap": [...]}, None where a run has none. samples: labels and texts
    of the data, None if the runs saw different data."""

    runs: Sequence[Mapping[str, Any]]
    comparison: Mapping[str, Any]
    metrics: Sequence[Mapping[str, Sequence[tuple[float, float]]]]
    spectra: Sequence[Mapping[str, Any] | None]
    maps: Mapping[str, Sequence[StoredMap | None]]
    samples: Samples | None


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
        *_maps(material, titles),
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


def _maps(material: Material, titles: Sequence[str]) -> Iterable[str]:
    samples = material.samples
    labels, classes = (samples.labels, samples.classes) if samples else (None, ())
    texts = samples.texts if samples else None
    for kind, found in material.maps.items():
        if not any(one is not None for one in found):
            continue
        yield f"<h2>Embedding maps ({kind.upper()})</h2>"
        yield f'<p class="soft">{_about(kind)}</p>'
        if labels is not None:
            yield _legend(found, labels, classes)
        yield '<div class="maps">'
        for run, title, one in zip(material.runs, titles, found, strict=True):
            said = [words.verdict(run.get("verdict"), str(run["status"]))]
            if one is None:
                yield captioned(title, [*said, "There is no such map of this run."], "")
                continue
            said += one.notes
            if one.trust is not None:
                said.append(sentence(one.trust))
            if one.residual is not None:
                said.append(
                    f"Turned onto the first map, which leaves {one.residual:.0%} unlike it."
                )
            figure = embedding_figure(
                [MapData("", one.xy, one.rows)], labels, classes, texts=texts, height=320
            )
            figure.update_layout(showlegend=False, margin={"t": 4, "b": 4, "l": 4, "r": 4})
            yield captioned(title, said, chart(figure))
        yield "</div>"


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


def _legend(found: Sequence[StoredMap | None], labels: Any, classes: Sequence[str]) -> str:
    rows = np.concatenate([one.rows for one in found if one is not None])
    present = np.unique(np.asarray(labels)[rows]).tolist()
    entries = []
    for index in present:
        name = classes[index] if 0 <= index < len(classes) else "no label"
        mark = _MARKS.get(style.symbol(index), "✕")
        entries.append(
            f'<li><b style="color:{style.colour(index)}" aria-hidden="true">{mark}</b>'
            f"{escape(name)}</li>"
        )
    return f'<ul class="legend">{"".join(entries)}</ul>'


def _about(kind: str) -> str:
    if kind == "pca":
        return (
            "The two strongest directions, with every map turned and scaled onto the first. Same "
            "sample, same colour; training and validation samples only."
        )
    return (
        "UMAP keeps neighbours together; distances between groups and their sizes mean little, and "
        "it cannot show collapse: read the check beside it."
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
