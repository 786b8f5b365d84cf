"""Sentences that people read are plain: short, and without turns that have to be read twice."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 25
BANNED = (
    "told apart",
    "cannot be told",
    "held against",
    "is looked at",
    "are looked at",
    "beside which",
    "lies near",
    "looking is choosing",
    "foretell",
    "read nothing into",
    "what hangs on",
    "wants other",
    "stands where",
    "is told only",
    "std times sqrt",
    "isotropic data",
    "blows up the smallest",
    "few directions are no fault",
    "is an observation",
    "the more are looked at",
    "flatters",
    "keep the test closed",
    "explained little of the order",
    "read out differently",
    "an order is told",
    "chosen by this",
    "tells what should not matter",
    "that is, is not known",
    "make it again.",
    "moved to the answer",
    "was never shown",
    "seeds given",
    "what lies near",
)


def strings(source: str) -> Iterator[str]:
    """The strings of a module, without docstrings; values within an f-string are one word."""
    tree = ast.parse(source)
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in joined for part in node.values}
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in joined:
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values
        )
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in parts | docstrings:
            yield text


def sentences(text: str) -> list[str]:
    lines = re.sub(r"\*\*|`", "", text).split("\n")
    return [part for line in lines for part in re.split(r"(?<=[.!?:;])\s+", line) if part]


def faults(source: str) -> list[str]:
    out = []
    for text in strings(source):
        out += [f"'{turn}': {text}" for turn in BANNED if turn in text.lower()]
        out += [line for line in sentences(text) if len(line.split()) > LONGEST]
    return out


def test_a_long_sentence_and_a_banned_turn_are_found() -> None:
    long = " ".join(["word"] * (LONGEST + 1))
    assert faults(f"x = '{long}.'") == [f"{long}."]
    assert faults(f"x = '{long[:-5]}. More.'") == []
    assert len(faults("x = f'{a} and {b}: not told apart.'")) == 1
    assert faults("'A docstring: not told apart.'") == []


@pytest.mark.parametrize("folder", ["workbench", "pages"])
def test_what_people_read_is_plain(folder: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in sorted((ROOT / folder).rglob("*.py"))
        if (found := faults(path.read_text("utf-8")))
    }
    assert wrong == {}
