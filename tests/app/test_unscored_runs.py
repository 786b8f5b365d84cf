"""Runs whose training time allowed no scores: no page calls their labelled data unlabelled."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_reading import html, texts

from workbench import paths
from workbench.store.store import Store


@pytest.fixture
def unscored(own: Path) -> Path:
    """The runs of ``own`` without scores and predictions."""
    store = Store.open(own)
    for row in store.runs():
        store.merge_summary(
            row.id,
            {
                "scores": [],
                "gains": [],
                "validation_scores": [],
                "validation_gains": [],
                "unscored": True,
            },
        )
        for file in paths.run_dir(own, row.id).glob("predictions*"):
            file.unlink()
    return own


@pytest.mark.parametrize(
    ("page", "query", "words"),
    [
        ("runs", {}, "No score: the encoder is too slow for scores in this training time."),
        ("runs", {"run": "{0}"}, "No score: the encoder is too slow"),
        ("compare", {"runs": "{0},{1}", "details": "Scores"}, "too short for scores"),
        ("compare", {"runs": "{0},{1}", "pair": "true"}, "Next: run longer"),
        ("inspect", {"run": "{0}", "look": "Mistakes"}, "too short for scores, so no class"),
    ],
)
def test_no_page_calls_their_data_unlabelled(
    open_page, unscored: Path, page: str, query: dict[str, str], words: str
) -> None:
    ids = [row.id for row in Store.open(unscored).runs()]
    app = open_page(unscored, page, **{k: v.format(*ids) for k, v in query.items()})
    shown = f"{texts(app)}\n{html(app)}"
    assert words in shown
    assert "no labels" not in shown.casefold()
