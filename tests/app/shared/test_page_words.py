"""Errors in the page's words: options of the shell become fields, and nothing else does."""

from __future__ import annotations

import pytest

from workbench.app.shared import messages


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Start the app with --data-root DIR.", "--data-root DIR"),
        ("Give --data or --split none.", "'Data' or 'made here' at 'Splits are'"),
        ("Give --split none-of-these.", "'Splits are' none-of-these"),
        (
            "--fit crop or --fit squash changes this.",
            "'cutting the edges' or 'squeezing' at 'Pictures are made square by' changes this.",
        ),
        ("Give --text COLUMN.", "'Texts are in'."),
        ("Give --sizes.", "--sizes"),
    ],
)
def test_only_whole_options_become_fields(text: str, shown: str) -> None:
    assert shown in messages.words(text)
