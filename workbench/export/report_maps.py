"""The report's maps: linked ones where the runs share data, drawn by the app's own script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.export.report_html import captioned
from workbench.maps.map_files import StoredMap
from workbench.maps.trust import sentence
from workbench.plots import words
from workbench.plots.linked import MOST_PANELS, Colouring, MapPanel, payload, standalone

if TYPE_CHECKING:
    from workbench.export.report_page import Material


_Shown = tuple[Mapping[str, Any], str, StoredMap]


def maps_section(material: Material, titles: Sequence[str]) -> Iterator[str]:
    """Maps by kind, up to four linked ones in a row, and behind all of them what draws them."""
    documents: list[dict[str, Any]] = []
    for kind, found in material.maps.items():
        there = [
            (run, title, one)
            for run, title, one in zip(material.runs, titles, found, strict=True)
            if one is not None
        ]
        if not there:
            continue
        yield f"<h2>Embedding maps ({kind.upper()})</h2>"
        yield f'<p class="soft">{_about(kind)}</p>'
        yield '<div class="maps">'
        # Runs of different data have no samples in common that could be linked.
        together = MOST_PANELS if material.samples is not None else 1
        for at in range(0, len(there), together):
            documents.append(_document(material, there[at : at + together]))
            yield standalone.place(len(documents) - 1)
        for title, one in zip(titles, found, strict=True):
            if one is None:
                yield captioned(title, ["There is no such map of this run."], "")
        yield "</div>"
    if documents:
        yield standalone.scripts(documents)


def _document(material: Material, there: Sequence[_Shown]) -> dict[str, Any]:
    rows = there[0][2].rows
    samples = material.samples
    texts = samples.texts if samples else None
    colourings = []
    if samples is not None and samples.labels is not None:
        colourings.append(Colouring("label", samples.labels[rows], samples.classes))
    pictured = material.pictured is not None and np.array_equal(rows, material.pictured)
    return payload(
        [_panel(*one) for one in there],
        colourings,
        material.pictures if pictured else None,
        rows=rows,
        texts=[texts[row] for row in rows] if texts else None,
        # A canvas is printed with the page, and these maps are small.
        renderer="canvas",
    )


def _panel(run: Mapping[str, Any], title: str, found: StoredMap) -> MapPanel:
    said = [*found.notes]
    if found.trust is not None:
        said.append(sentence(found.trust))
    if found.residual is not None:
        said.append(f"Turned onto the first map, which leaves {found.residual:.0%} unlike it.")
    verdict = words.verdict(run.get("verdict"), str(run["status"]))
    return MapPanel(title, found.xy, found.rows, verdict, " ".join(said))


def _about(kind: str) -> str:
    if kind == "pca":
        return (
            "The two strongest directions, with every map turned and scaled onto the first; "
            "training and validation samples only. Rest on a point to see the same sample in every "
            "map, click a class to see it alone."
        )
    return (
        "UMAP keeps neighbours together; distances between groups and their sizes mean little, and "
        "it cannot show collapse: read the check beside it."
    )
