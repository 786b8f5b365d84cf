"""The report's maps: linked where the runs share data, drawn by the app's own script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.comparison import numbers
from workbench.export.report.html import captioned
from workbench.maps.trust import sentence
from workbench.plots import words
from workbench.plots.linked import MOST_PANELS, Colouring, MapPanel, payload, standalone
from workbench.plots.linked.document import MapDocument
from workbench.records import RunRecord
from workbench.stored_runs.map_files import StoredMap

if TYPE_CHECKING:
    from workbench.export.report.page import Material

# A run, its title and its map.
_Mapped = tuple[RunRecord, str, StoredMap]


@dataclass(frozen=True)
class MapSections:
    """HTML of the maps: the kind that is shown, the others by title, and the script that draws them
    all and stands once, after them."""

    first: str
    others: Mapping[str, str]
    script: str


def map_sections(material: Material, titles: Sequence[str]) -> MapSections:
    """Maps by kind, up to four linked ones in a row. UMAP is shown where all runs have one."""
    documents: list[MapDocument] = []
    sections: dict[str, str] = {}
    complete = {kind for kind, maps in material.maps.items() if None not in maps}
    kinds = sorted(material.maps, key=lambda kind: (kind not in complete, kind != "umap"))
    for kind in kinds:
        mapped = [
            (run, title, one)
            for run, title, one in zip(material.runs, titles, material.maps[kind], strict=True)
            if one is not None
        ]
        if mapped:
            parts = _of_kind(material, titles, kind, mapped, documents)
            sections[f"Embedding maps ({kind.upper()})"] = "".join(parts)
    script = standalone.scripts(documents) if documents else ""
    if not sections:
        return MapSections("", {}, script)
    title, *more = sections
    first = f"<h2>{title}</h2>{sections[title]}"
    return MapSections(first, {other: sections[other] for other in more}, script)


def _of_kind(
    material: Material,
    titles: Sequence[str],
    kind: str,
    mapped: Sequence[_Mapped],
    documents: list[MapDocument],
) -> Iterator[str]:
    """The maps of one kind; their documents are added to ``documents``."""
    yield '<div class="maps">'
    # Runs of different data have no samples in common that could be linked.
    together = MOST_PANELS if material.samples is not None else 1
    for at in range(0, len(mapped), together):
        documents.append(_document(material, mapped[at : at + together]))
        yield standalone.place(len(documents) - 1)
    for title, one in zip(titles, material.maps[kind], strict=True):
        if one is None:
            yield captioned(title, ["There is no such map of this run."], "")
    yield f'</div><p class="soft">{_about(kind)}</p>'


def _document(material: Material, mapped: Sequence[_Mapped]) -> MapDocument:
    """The linked map of these runs, as ``payload`` gives it."""
    rows = mapped[0][2].rows
    samples = material.samples
    texts = samples.texts if samples else None
    names = samples.names if samples else None
    colourings = []
    if samples is not None and samples.labels is not None:
        colourings.append(Colouring("label", samples.labels[rows], samples.classes))
    pictured = material.pictured is not None and np.array_equal(rows, material.pictured)
    return payload(
        [_panel(*one) for one in mapped],
        colourings,
        material.pictures if pictured else None,
        rows=rows,
        texts=[texts[row] for row in rows] if texts else None,
        names=[names[row] for row in rows] if names else None,
        # A canvas is printed with the page, and these maps are small.
        renderer="canvas",
    )


def _panel(run: RunRecord, title: str, stored: StoredMap) -> MapPanel:
    caption = [*stored.notes]
    if stored.trust is not None:
        caption.append(sentence(stored.trust))
    if stored.residual is not None:
        unlike = numbers.share(stored.residual)
        caption.append(f"Turned onto the first map, its layout differs by {unlike}.")
    verdict = words.verdict(run.get("verdict"), run["status"])
    return MapPanel(title, stored.xy, stored.rows, verdict, " ".join(caption))


def _about(kind: str) -> str:
    if kind == "pca":
        return (
            "The two strongest directions of training and validation samples. Each map is turned "
            "and scaled onto the first. Rest on a point to see the same sample on every map; click "
            "a class to see it alone."
        )
    return (
        "UMAP keeps neighbours together. Distances between groups, and their sizes, mean little. A "
        "map cannot show collapse: read the collapse check."
    )
