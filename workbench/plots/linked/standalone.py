"""Linked maps in pages without a server: reports, and the frames of a notebook."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from workbench.plots.linked import assets
from workbench.plots.linked.document import MapDocument, SatellitesDocument, SheetDocument

# The first line of a page's head: whatever its text is, the page loads and sends nothing.
POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; worker-src blob:; base-uri 'none'; form-action 'none'\">"
)


def html(document: MapDocument, title: str = "") -> str:
    """One HTML page with one map, that asks for nothing elsewhere."""
    heading = f"<h1>{escape(title)}</h1>" if title else ""
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            POLICY,
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title or 'Embedding maps')}</title>",
            f"<style>{assets.page_css()}</style></head><body><main>",
            heading,
            place(0),
            scripts([document]),
            "</main></body></html>",
        ]
    )


def place(number: int) -> str:
    """The place of map ``number`` on a page."""
    return (
        f'<div data-linked-map="{number}"></div>'
        "<noscript>The map is drawn by JavaScript, which is off.</noscript>"
    )


def scripts(documents: Sequence[MapDocument]) -> str:
    """The scripts that draw the maps of a page: once, after all their places. Pictures that several
    maps share are written once."""
    addresses: list[str | int] = []

    def numbered(sheet: SheetDocument | None) -> SheetDocument | None:
        if sheet is None:
            return None
        if sheet["address"] not in addresses:
            addresses.append(sheet["address"])
        return {**sheet, "address": addresses.index(sheet["address"])}

    def numbered_satellites(around: SatellitesDocument) -> SatellitesDocument:
        return {**around, "sheet": numbered(around["sheet"])}

    maps: list[MapDocument] = [
        {
            **single,
            "sheet": numbered(single["sheet"]),
            "satellites": [numbered_satellites(around) for around in single["satellites"]],
        }
        for single in documents
    ]
    document = {"html": assets.html(), "css": assets.css(), "addresses": addresses, "maps": maps}
    # Nothing in the data may end the script that holds it.
    data = json.dumps(document, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<script type="application/json" id="linked-map-data">{data}</script>\n'
        f'<script type="module">\n{assets.script()}\n{assets.page_script()}</script>'
    )
