"""CSV and TSV texts, written by hand and not by a library, so that each oddity is known."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from mutations.made import DOUBTFUL, Known, Made, labels, mark, sentence, splits


@dataclass
class Row:
    """One record. fields: as they stand in the file, quotes included."""

    number: int
    fields: list[str]
    known: Known
    has_text: bool = True


@dataclass
class Draft:
    """A table while it is mutated. fields of ``rows`` are in the order of ``header``."""

    separator: str
    header: list[str]
    rows: list[Row]
    before: list[str] = field(default_factory=list)
    line_end: str = "\n"
    last_end: bool = True
    blank_every: int = 0
    codec: str = "utf-8"
    bad_byte: bool = False
    header_more: str = ""
    row_more: str = ""
    tabbed: bool = False
    clear: bool = True
    strays: int = 0
    counted: bool = False

    def some(self, random: Random) -> list[Row]:
        """One to three of the rows."""
        samples = [row for row in self.rows if len(row.fields) > 1 and row.has_text]
        return random.sample(samples, random.randint(1, 3))


Mutation = Callable[[Draft, Random], None]


def make(random: Random, folder: Path) -> Made:
    """A table of texts and labels with none to three mutations, of different groups."""
    draft = _draft(random)
    groups = random.sample(list(MUTATIONS), random.choice([0, 1, 1, 1, 2, 2, 3]))
    # What changes texts comes first, what changes the file last.
    done = []
    for group in sorted(groups, key=list(MUTATIONS).index):
        name = random.choice(list(MUTATIONS[group]))
        MUTATIONS[group][name](draft, random)
        done.append(name)
    path = folder / ("table.tsv" if draft.tabbed else "table.csv")
    path.write_bytes(_bytes(draft))
    samples = {mark(row.number): row.known for row in draft.rows if row.has_text}
    return Made(path, len(draft.rows), samples, draft.clear, tuple(done), strays=draft.strays)


def _draft(random: Random) -> Draft:
    count = random.randint(24, 40)
    separator = random.choice([",", ",", ";", "\t", "|"])
    drawn = labels(random, count)
    rows = [
        Row(at, [sentence(random, at), drawn[at]], Known(label=drawn[at])) for at in range(count)
    ]
    tabbed = separator == "\t" and random.random() < 0.7
    return Draft(separator, ["text", "label"], rows, tabbed=tabbed)


def _bytes(draft: Draft) -> bytes:
    join = draft.separator.join
    first = draft.separator if draft.counted else ""
    lines = [*draft.before, first + join(draft.header) + draft.header_more]
    for at, row in enumerate(draft.rows):
        if draft.blank_every and at % draft.blank_every == 1:
            lines.append("")
        number = f"{at}{draft.separator}" if draft.counted else ""
        lines.append(number + join(row.fields) + draft.row_more)
    ends = [draft.line_end] * len(lines)
    if draft.line_end == "mixed":
        ends = ["\r\n" if at % 3 else "\n" for at in range(len(lines))]
    if not draft.last_end:
        ends[-1] = ""
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    # Code pages have letters with accents, and no accents alone.
    text = unicodedata.normalize("NFC", text) if draft.codec == "cp1252" else text
    data = text.encode(draft.codec)
    if draft.bad_byte:
        marked = [row for row in draft.rows if row.has_text]
        place = data.index(mark(marked[len(marked) // 2].number).encode())
        data = data[:place] + b"caf\xe9 " + data[place:]
    return data


def _quoted(text: str) -> str:
    if text in ("", '""'):
        return '""'
    return '"' + text.replace('"', '""') + '"'


def _all_quoted(draft: Draft, random: Random) -> None:
    draft.header = [_quoted(name) for name in draft.header]
    for row in draft.rows:
        row.fields = [_quoted(value) for value in row.fields]


def _with_quotes(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.fields[0] = _quoted(f'he said "{row.fields[0]}" twice')


def _escaped_quotes(draft: Draft, random: Random) -> None:
    draft.clear = False
    for row in draft.rows:
        if not row.has_text:
            continue
        text = row.fields[0]
        row.fields[0] = f'"he said \\"{text}\\" twice"'


def _never_closed(draft: Draft, random: Random) -> None:
    draft.clear = False
    for row in draft.some(random):
        row.fields[0] = '"' + row.fields[0]


def _within(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.fields[0] = f'the 5" nail and {row.fields[0]} of 3" or more'


def _around(draft: Draft, random: Random) -> None:
    draft.clear = False
    for row in draft.some(random):
        row.fields[0] = f'"well" {row.fields[0]} "so"'


def _spaces_beside(draft: Draft, random: Random) -> None:
    """Spaces between the separator and a quote. Between tabs, quotes may be text."""
    draft.clear = False
    for row in draft.rows:
        first, *others = row.fields
        row.fields = [_quoted(first), *(f" {_quoted(value)}" for value in others)]
        if draft.separator == "\t":
            row.known = Known(row.known.split, DOUBTFUL)


def _single_quotes(draft: Draft, random: Random) -> None:
    draft.clear = False
    for row in draft.some(random):
        row.fields[0] = f"'one{draft.separator} two, {row.fields[0]}'"
        row.known = Known(DOUBTFUL, DOUBTFUL)


def _unclosed_at_end(draft: Draft, random: Random) -> None:
    """A quote that opens in the last row alone."""
    draft.clear = False
    draft.rows[-1].fields[0] = '"' + draft.rows[-1].fields[0]


def _apostrophes(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.fields[0] = f"'tis {row.fields[0]}, it isn't".replace(",", "")


def _separator_inside(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.fields[0] = _quoted(f"one{draft.separator} two{draft.separator} {row.fields[0]}")


def _break_inside(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.fields[0] = _quoted(f"first line\n{row.fields[0]}\n\nlast line")


def _more_on_rows(draft: Draft, random: Random) -> None:
    draft.row_more = draft.separator


def _more_on_header(draft: Draft, random: Random) -> None:
    draft.header_more = draft.separator


def _more_on_both(draft: Draft, random: Random) -> None:
    draft.row_more = draft.header_more = draft.separator


def _extra_fields(draft: Draft, random: Random) -> None:
    draft.clear = False
    for row in draft.some(random):
        row.fields.append("more")
        row.known = Known(row.known.split, DOUBTFUL)


def _missing_fields(draft: Draft, random: Random) -> None:
    draft.clear = False
    for row in draft.some(random):
        row.fields.pop()
        row.known = Known(DOUBTFUL, DOUBTFUL)


def _empty_rows(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.fields = [""] * len(row.fields)
        row.has_text = False


def _empty_texts(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.fields[0] = random.choice(["", " ", '""'])
        row.has_text = False


def _empty_labels(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.fields[1] = ""
        row.known = Known(row.known.split, None)


def _spaced_labels(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.fields[1] = f" {row.fields[1]} "


def _composed_labels(draft: Draft, random: Random) -> None:
    for at, row in enumerate(draft.rows):
        name = f"caf\u00e9 {row.fields[1]}"
        row.fields[1] = unicodedata.normalize("NFD" if at % 3 else "NFC", name)
        row.known = Known(row.known.split, name)


def _numbers(draft: Draft, random: Random) -> None:
    draft.header.append("price")
    for row in draft.rows:
        row.fields.append(random.choice(["", "3.5", "7", "-1e3", "nan", "inf"]))


def _long_text(draft: Draft, random: Random) -> None:
    for row in draft.some(random):
        row.fields[0] = row.fields[0] + " and so on" * 2_000


def _comment(draft: Draft, random: Random) -> None:
    draft.clear = False
    draft.before = [random.choice(["# made by hand", "# one, two; three", "#"])]


def _sep_line(draft: Draft, random: Random) -> None:
    draft.before = [f"sep={draft.separator}"]


def _title(draft: Draft, random: Random) -> None:
    draft.clear = False
    draft.before = ["Reviews of the year 2024", ""][: random.randint(1, 2)]


def _numbered(draft: Draft, random: Random) -> None:
    """A column without a name that numbers the rows, as pandas writes it."""
    draft.counted = True


def _header_again(draft: Draft, random: Random) -> None:
    """The header once more between rows, as in files that were put together. It counts as a row."""
    draft.clear = False
    place = random.randint(5, len(draft.rows) - 5)
    again = Row(len(draft.rows), [name.strip('"') for name in draft.header], Known(), False)
    draft.rows.insert(place, again)
    draft.strays += 1


def _footer(draft: Draft, random: Random) -> None:
    """A line of another kind at the end. It counts as a row."""
    draft.clear = False
    draft.rows.append(Row(len(draft.rows), ["(all rows)"], Known(), False))
    draft.strays += 1


def _blank_first(draft: Draft, random: Random) -> None:
    draft.before = [""]


def _capitals(draft: Draft, random: Random) -> None:
    draft.header = [name.upper() for name in draft.header]


def _spaced_names(draft: Draft, random: Random) -> None:
    draft.header = [f" {name} " for name in draft.header]


def _one_name_twice(draft: Draft, random: Random) -> None:
    draft.clear = False
    draft.header += ["note", draft.header[1]]
    for row in draft.rows:
        row.fields += ["x", "y"]


def _blank_lines(draft: Draft, random: Random) -> None:
    draft.blank_every = random.randint(2, 9)


def _line_end(end: str) -> Mutation:
    def mutate(draft: Draft, random: Random) -> None:
        draft.line_end = end

    return mutate


def _no_last_end(draft: Draft, random: Random) -> None:
    draft.last_end = False


def _foreign(draft: Draft, codec: str) -> None:
    for at, row in enumerate(draft.rows):
        if at % 2:
            word = mark(row.number)
            row.fields[0] = row.fields[0].replace(word, f"\u00e4pfel {word}")
    draft.codec = codec


def _codec(codec: str) -> Mutation:
    return lambda draft, random: _foreign(draft, codec)


def _bad_byte(draft: Draft, random: Random) -> None:
    draft.clear = False
    _foreign(draft, "utf-8")
    draft.bad_byte = True


def _zero_byte(draft: Draft, random: Random) -> None:
    draft.clear = False
    for row in draft.some(random):
        row.fields[0] = row.fields[0].replace(" ", " \0", 1)


def _split_column(name: str, words: dict[str, str], gaps: bool = False) -> Mutation:
    def mutate(draft: Draft, random: Random) -> None:
        draft.header.append(name)
        drawn = splits(random, len(draft.rows))
        if gaps:
            draft.clear = False
            for at in random.sample(range(len(drawn)), 2):
                drawn[at] = ""
        for row, split in zip(draft.rows, drawn, strict=True):
            row.fields.append(words.get(split, split))
            row.known = Known(split or DOUBTFUL, row.known.label)

    return mutate


# By group and name. No two mutations of a group meet in one input.
MUTATIONS: dict[str, dict[str, Mutation]] = {
    "cells": {
        "empty texts": _empty_texts,
        "empty labels": _empty_labels,
        "spaces around labels": _spaced_labels,
        "labels in two normal forms": _composed_labels,
        "a column of numbers with gaps": _numbers,
        "a very long text": _long_text,
    },
    "splits": {
        "column split": _split_column("split", {}),
        "column Split with val": _split_column("Split", {"validation": "val"}),
        "column subset with dev": _split_column("subset", {"validation": "dev"}),
        "column split with gaps": _split_column("split", {}, gaps=True),
    },
    "quotes": {
        "all fields quoted": _all_quoted,
        "quotes doubled": _with_quotes,
        "quotes with backslashes": _escaped_quotes,
        "a quote never closed": _never_closed,
        "quotes within unquoted texts": _within,
        "quotes around the first and last word": _around,
        "spaces beside quotes": _spaces_beside,
        "single quotes around separators": _single_quotes,
        "a quote never closed in the last row": _unclosed_at_end,
        "apostrophes": _apostrophes,
        "separators within quotes": _separator_inside,
        "line breaks within quotes": _break_inside,
    },
    "fields": {
        "a separator after each row": _more_on_rows,
        "a separator after the header": _more_on_header,
        "a separator after all lines": _more_on_both,
        "a field too many in some rows": _extra_fields,
        "a field too few in some rows": _missing_fields,
        "rows of separators": _empty_rows,
    },
    "head": {
        "a comment before the header": _comment,
        "a line sep= before the header": _sep_line,
        "a blank line before the header": _blank_first,
        "names in capitals": _capitals,
        "names with spaces": _spaced_names,
        "one name twice": _one_name_twice,
        "a title before the header": _title,
        "a column without a name that counts": _numbered,
        "the header again": _header_again,
        "a line at the end": _footer,
    },
    "lines": {
        "CR LF": _line_end("\r\n"),
        "CR": _line_end("\r"),
        "CR CR LF": _line_end("\r\r\n"),
        "mixed line ends": _line_end("mixed"),
        "blank lines": _blank_lines,
        "no last line end": _no_last_end,
    },
    "encoding": {
        "UTF-8 with a mark": _codec("utf-8-sig"),
        "UTF-16": _codec("utf-16"),
        "UTF-16 without a mark": _codec("utf-16-le"),
        "Windows-1252": _codec("cp1252"),
        "UTF-8 with umlauts": _codec("utf-8"),
        "one bad byte": _bad_byte,
        "a zero byte": _zero_byte,
    },
}
