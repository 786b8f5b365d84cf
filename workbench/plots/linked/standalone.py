"""Linked maps in pages without a server: reports, and the frames of a notebook."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from workbench.plots.linked import assets


def html(document: Mapping[str, Any], title: str = "") -> str:
    """One HTML page with one map, that asks for nothing elsewhere. document: as ``payload`` gives
    it."""
    heading = f"<h1>{escape(title)}</h1>" if title else ""
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
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


def scripts(documents: Sequence[Mapping[str, Any]]) -> str:
    """The scripts that draw the maps of a page: once, after all their places. Pictures that several
    maps share are written once."""
    addresses: list[str] = []

    def shared(sheet: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if sheet is None:
            return None
        if sheet["address"] not in addresses:
            addresses.append(sheet["address"])
        return {**sheet, "address": addresses.index(sheet["address"])}

    maps = [
        {
            **single,
            "sheet": shared(single["sheet"]),
            "satellites": [
                {**around, "sheet": shared(around["sheet"])} for around in single["satellites"]
            ],
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
