"""Tables of the pages: every column that the glossary has a word for explains itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from workbench.app import tables
from workbench.app.compare import run_tables
from workbench.app.runs.table import COLUMNS
from workbench.lessons import glossary

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "workbench" / "app").rglob("*.py"), *(ROOT / "pages").glob("*.py")]


def calls_of(name: str) -> list[tuple[str, ast.Call]]:
    """Calls of ``st.NAME`` in the pages, each with where it stands."""
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"st.{name}"
    ]


def test_every_table_takes_its_help_from_the_glossary() -> None:
    calls = calls_of("dataframe")
    assert len(calls) > 10
    without = []
    for place, call in calls:
        given = [ast.unparse(k.value) for k in call.keywords if k.arg == "column_config"]
        if not given or not ("help_of" in given[0] or "tables.column_help" in given[0]):
            without.append(place)
    assert not without, f"st.dataframe without tables.column_help: {without}"


def literal_titles() -> list[str]:
    """Words that are keys of dictionaries in the modules that draw tables: columns among them."""
    paths = {ROOT / place.partition(":")[0] for place, _ in calls_of("dataframe")}
    paths.add(ROOT / "workbench" / "app" / "compare" / "overview.py")
    return [
        key.value
        for path in sorted(paths)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    ]


# Keys that hold a word of the glossary and name something else.
_OTHERWISE = {"clustering", "loss"}


@pytest.mark.parametrize(
    "title",
    sorted({*literal_titles(), *(c.title for c in COLUMNS), *run_tables.TITLES} - _OTHERWISE),
)
def test_a_column_that_holds_a_word_of_the_glossary_has_its_sentence(title: str) -> None:
    words = [word for word in glossary.TERMS if re.search(rf"\b{re.escape(word)}\b", title, re.I)]
    if words:
        assert glossary.column_sentence(title), f"{title!r} holds {words}"


def test_a_name_that_people_gave_is_not_explained() -> None:
    assert glossary.column_sentence("SimCLR with a large batch (seed 0)") is None
    assert tables.column_help(["SimCLR (seed 0)"]) == {}


def test_a_score_and_its_readout_are_both_explained() -> None:
    sentence = glossary.column_sentence("TF-IDF (simple classifier)")
    assert sentence == f"{glossary.TERMS['TF-IDF']} {glossary.TERMS['simple classifier']}"
    assert tables.words_of(["steps", "gain"]) == f"- gain: {glossary.TERMS['gain']}"
    assert tables.words_of(["steps"]) is None
