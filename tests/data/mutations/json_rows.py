"""JSONL, one object a line, and JSON, one list of objects, with lines that are odd or broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from mutations.made import Known, Made, labels, mark, sentence, splits


@dataclass
class Draft:
    """The records while they are mutated. entries: an object each, or a line as it is. known: of
    each, None for an entry that is no sample."""

    entries: list[dict[str, Any] | str]
    known: list[Known | None]
    whole: bool = False
    line_end: str = "\n"
    codec: str = "utf-8"
    blank_every: int = 0
    ascii: bool = True
    lone: bool = False
    named: bool = True
    clear: bool = True
    strays: int = 0
    indent: int | None = None
    joined: bool = False
    numbers: list[int] = field(default_factory=list)

    def some(self, random: Random) -> list[int]:
        """One to three places of entries that are objects."""
        places = [at for at, entry in enumerate(self.entries) if isinstance(entry, dict)]
        return random.sample(places, random.randint(1, 3))


Mutation = Callable[[Draft, Random], None]


def make(random: Random, folder: Path) -> Made:
    """Objects with text and label and none to three mutations."""
    count = random.randint(24, 40)
    drawn = labels(random, count)
    draft = Draft(
        [{"text": sentence(random, at), "label": drawn[at]} for at in range(count)],
        [Known(label=name) for name in drawn],
        whole=random.random() < 0.3,
        numbers=list(range(count)),
    )
    names = random.sample(list(MUTATIONS), random.choice([0, 1, 1, 1, 2, 2, 3]))
    for name in names:
        MUTATIONS[name](draft, random)
    path = folder / ("table.json" if draft.whole else random.choice(["t.jsonl", "t.ndjson"]))
    path.write_bytes(_text(draft).encode(draft.codec))
    samples = {
        mark(number): known
        for number, known in zip(draft.numbers, draft.known, strict=True)
        if known is not None
    }
    return Made(
        path, len(draft.entries), samples, draft.clear, tuple(names), draft.named, draft.strays
    )


def _text(draft: Draft) -> str:
    written = [
        entry
        if isinstance(entry, str)
        else json.dumps(entry, ensure_ascii=draft.ascii or draft.lone, indent=draft.indent)
        for entry in draft.entries
    ]
    if draft.whole:
        return "[" + f",{draft.line_end}".join(written) + "]"
    lines = []
    for at, line in enumerate(written):
        if draft.blank_every and at % draft.blank_every == 1:
            lines.append("")
        lines.append(line)
    text = draft.line_end.join(lines) + draft.line_end
    joined = draft.joined and all(isinstance(entry, dict) for entry in draft.entries)
    return text.replace(f"}}{draft.line_end}{{", "}{", 1) if joined else text


def _broken(draft: Draft, random: Random) -> None:
    """Lines that are no JSON. In a list they would break the whole file: there they are numbers."""
    draft.clear = False
    for at in draft.some(random):
        broken = random.choice(['{"text": "torn', "no json at all", "{'text': 'x'}", "{}}"])
        draft.entries[at] = "17" if draft.whole else broken
        draft.known[at] = None


def _no_objects(draft: Draft, random: Random) -> None:
    draft.clear = False
    for at in draft.some(random):
        draft.entries[at] = random.choice(["17", '["a", "b"]', '"words only"', "null", "true"])
        draft.known[at] = None


def _no_text(draft: Draft, random: Random) -> None:
    for at in draft.some(random):
        entry = draft.entries[at]
        if isinstance(entry, dict):
            draft.entries[at] = random.choice(
                [{"label": entry["label"]}, {**entry, "text": None}, {**entry, "text": ""}]
            )
            draft.known[at] = None


def _no_label(draft: Draft, random: Random) -> None:
    for at in draft.some(random):
        entry, known = draft.entries[at], draft.known[at]
        if isinstance(entry, dict) and known is not None:
            entry.pop("label", None)
            draft.known[at] = Known(known.split, None)


def _relabelled(change: Callable[[int, int], Any]) -> Mutation:
    """Labels of another type. change: from the class as a number and the place to the value."""

    def mutate(draft: Draft, random: Random) -> None:
        draft.named = False
        numbers: dict[str, int] = {}
        for at, (entry, known) in enumerate(zip(draft.entries, draft.known, strict=True)):
            if isinstance(entry, dict) and "label" in entry and known is not None and known.label:
                number = numbers.setdefault(known.label, len(numbers))
                entry["label"] = change(number, at)

    return mutate


def _yes_or_no(draft: Draft, random: Random) -> None:
    draft.named = False
    for at, (entry, known) in enumerate(zip(draft.entries, draft.known, strict=True)):
        if isinstance(entry, dict) and "label" in entry and known is not None and known.label:
            yes = known.label == "cat"
            entry["label"] = yes
            draft.known[at] = Known(known.split, str(yes))


def _mixed_labels(draft: Draft, random: Random) -> None:
    draft.clear = False
    _relabelled(lambda number, at: number if at % 2 else str(number))(draft, random)


def _nested(draft: Draft, random: Random) -> None:
    for at, entry in enumerate(draft.entries):
        if isinstance(entry, dict):
            entry["about"] = {"place": {"row": at}, "marks": [1, "b"]}


def _deep(draft: Draft, random: Random) -> None:
    draft.clear = False
    place = draft.some(random)[0]
    draft.entries[place] = '{"text": ' + "[" * 50_000 + "]" * 50_000 + "}"
    draft.known[place] = None


def _surrogates(draft: Draft, random: Random) -> None:
    draft.lone = True
    for at in draft.some(random):
        entry = draft.entries[at]
        if isinstance(entry, dict) and draft.known[at] is not None:
            entry["text"] += " \ud800 end"


def _split_key(draft: Draft, random: Random) -> None:
    drawn = splits(random, len(draft.entries))
    for at, entry in enumerate(draft.entries):
        known = draft.known[at]
        if isinstance(entry, dict):
            entry["split"] = drawn[at]
            if known is not None:
                draft.known[at] = Known(drawn[at], known.label)


def _line_separators(draft: Draft, random: Random) -> None:
    draft.ascii = False
    for at in draft.some(random):
        entry = draft.entries[at]
        if isinstance(entry, dict) and draft.known[at] is not None:
            entry["text"] = f"one\u2028two \u0085 {entry['text']}"


def _numbers_as_texts(draft: Draft, random: Random) -> None:
    draft.clear = False
    for at in draft.some(random):
        entry, known = draft.entries[at], draft.known[at]
        if isinstance(entry, dict) and known is not None:
            entry["text"] = random.choice([17, 2.5, True, ["words", "more"], {"a": "b"}])
            draft.known[at] = None
            draft.strays += 1


def _pretty(draft: Draft, random: Random) -> None:
    """Objects over several lines, which is no JSONL; in a list it is usual."""
    draft.clear = draft.clear and draft.whole
    draft.indent = 2


def _side_by_side(draft: Draft, random: Random) -> None:
    """Two objects on one line."""
    if not draft.whole:
        draft.clear = False
        draft.joined = True


def _set(**values: Any) -> Mutation:
    def mutate(draft: Draft, random: Random) -> None:
        for name, value in values.items():
            setattr(draft, name, value)

    return mutate


MUTATIONS: dict[str, Mutation] = {
    "column split": _split_key,
    "no label in some": _no_label,
    "numbers as labels": _relabelled(lambda number, at: number),
    "fractions as labels": _relabelled(lambda number, at: float(number)),
    "yes or no as labels": _yes_or_no,
    "numbers and words as labels": _mixed_labels,
    "nested values beside": _nested,
    "lone surrogates": _surrogates,
    "line separators in texts": _line_separators,
    "no text in some": _no_text,
    "other values as texts": _numbers_as_texts,
    "broken lines": _broken,
    "entries that are no objects": _no_objects,
    "a value nested deeply": _deep,
    "objects over several lines": _pretty,
    "two objects on one line": _side_by_side,
    "CR LF": _set(line_end="\r\n"),
    "blank lines": _set(blank_every=3),
    "UTF-8 with a mark": _set(codec="utf-8-sig"),
    "UTF-16": _set(codec="utf-16"),
}
