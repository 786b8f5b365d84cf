"""CSV and TSV: every kind of bent file is read as its writer meant it, or refused with the line."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from data_making import put, sentences

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.sources.row_files import delimited
from workbench.data.sources.row_files.row_file import RowFile
from workbench.errors import RequestError

SEPARATORS = [",", ";", "\t", "|"]
TEXTS = [f"{text[:-1].lower()} {index}" for index, text in enumerate(sentences(40))]
LABELS = [("delivery", "billing", "praise")[index % 3] for index in range(40)]
COUNT = len(TEXTS)


def lines_of(separator: str, change: Callable[[int, str], str] = lambda _, text: text) -> list[str]:
    """A header and 40 rows of a text and a label, each text as ``change`` makes it."""
    rows = zip(TEXTS, LABELS, strict=True)
    return [f"text{separator}label"] + [
        f"{change(index, text)}{separator}{label}" for index, (text, label) in enumerate(rows)
    ]


def read(source: Path, content: str | list[str], name: str = "posts.csv") -> RowFile:
    text = content if isinstance(content, str) else "\n".join(content)
    file = delimited.read(put(source / name, text.encode()))
    assert all(len(values) == file.account.taken for values in file.columns.values())
    return file


def noted(file: RowFile, *words: str) -> bool:
    return any(all(word in note for word in words) for note in file.notes)


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize(
    "change",
    [
        lambda index, text: f'"{text}' if index % 9 == 3 else text,
        lambda index, text: f'{text}"' if index % 9 == 3 else text,
        lambda index, text: f'"{text}' if index == COUNT - 1 else text,
        lambda index, text: (
            f'"{text}' if index % 9 == 3 else f'{text}"' if index % 9 == 5 else text
        ),
        lambda index, text: f'"so" {text}' if index % 9 == 3 else text,
        lambda index, text: text.replace(" ", ' "', 1),
        lambda index, text: f'{text} 5" 3"',
    ],
    ids=["opens", "closes", "opens last", "opens and closes", "first word", "middle", "inches"],
)
def test_quotes_that_quote_nothing_are_text(
    source: Path, separator: str, change: Callable[[int, str], str]
) -> None:
    file = read(source, lines_of(separator, change))
    assert file.columns["text"] == [change(index, text) for index, text in enumerate(TEXTS)]
    assert file.columns["label"] == LABELS
    assert file.account.found == COUNT
    assert not file.account.left_out


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_quote_that_never_closes_swallows_no_row_of_a_file_with_real_quotes(
    source: Path, separator: str
) -> None:
    def change(index: int, text: str) -> str:
        return f'"{text}{separator} indeed"' if index % 2 else f'"{text}' if index == 22 else text

    file = read(source, lines_of(separator, change))
    assert file.account.found == file.account.taken == COUNT
    assert file.columns["text"][21] == f"{TEXTS[21]}{separator} indeed"
    assert file.columns["text"][22] == f'"{TEXTS[22]}'
    assert noted(file, "1 rows", "quotes that do not close", "line 24")


def test_a_quote_that_never_closes_in_a_file_of_long_texts_is_refused_with_the_line(
    source: Path,
) -> None:
    def change(index: int, text: str) -> str:
        return f'"{text},\nand more of it"' if index != 22 else f'"{text}, yes'

    with pytest.raises(RequestError, match=r"quotes in line 46 of 'posts\.csv' do not close") as e:
        read(source, lines_of(",", change))
    assert TEXTS[22][:20] in e.value.message
    assert e.value.remedy


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("separator", SEPARATORS)
def test_what_csv_writes_comes_back(
    source: Path, separator: str, escaped: bool, quoting: int
) -> None:
    pieces = [
        "order",
        '"so"',
        f"a{separator} b",
        '5"',
        "C:\\new",
        "\n",
        "card",
        '"',
        "# no",
        "a,b;c",
    ]
    for seed in range(4):
        draw = random.Random(seed)
        rows = [
            [str(index), f"{' '.join(draw.choices(pieces, k=5))} {text}", label]
            for index, (text, label) in enumerate(zip(TEXTS, LABELS, strict=True))
        ]
        out = io.StringIO()
        writer = csv.writer(
            out,
            delimiter=separator,
            quoting=quoting,
            doublequote=not escaped,
            escapechar="\\" if escaped else None,
        )
        writer.writerows([["id", "text", "label"], *rows])
        file = read(source, out.getvalue(), "posts.tsv" if separator == "\t" else "posts.csv")
        assert list(map(list, zip(*file.columns.values(), strict=True))) == rows
        assert file.account.found == COUNT


@pytest.mark.parametrize("separator", SEPARATORS)
def test_quotes_within_quotes_may_be_doubled_or_escaped(source: Path, separator: str) -> None:
    for marks in [('""', '""'), ('\\"', '\\"'), ('""', '\\"')]:

        def change(index: int, text: str, marks: tuple[str, str] = marks) -> str:
            mark = marks[index % 2]
            return f'"he said {mark}hi{separator} there{mark} C:\\new {text}"'

        file = read(source, lines_of(separator, change))
        assert file.columns["text"] == [
            f'he said "hi{separator} there" C:\\new {text}' for text in TEXTS
        ]


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("copies", [1, 150])
def test_escapes_without_quotes_around_are_taken_away_if_all_quotes_have_them(
    source: Path, separator: str, copies: int
) -> None:
    def change(index: int, text: str) -> str:
        return f'\\"so\\" {text} C:\\new' if index % 9 == 3 else text

    head, *rows = lines_of(separator, change)
    # In a long file none of the first lines has any.
    rows = lines_of(separator)[1:] * (copies - 1) + rows
    texts = read(source, [head, *rows]).columns["text"]
    assert texts[-COUNT + 3] == f'"so" {TEXTS[3]} C:\\new'
    rows[-1] = f'a "bare" one{separator}praise'
    texts = read(source, [head, *rows]).columns["text"]
    assert texts[-COUNT + 3] == f'\\"so\\" {TEXTS[3]} C:\\new'


def test_long_texts_with_blank_lines_of_tabs_are_one_row_each(source: Path) -> None:
    texts = [f"{text}\n\t\n \t\n\nso it is" for text in TEXTS]
    rows = [f'"{text}"\t{label}' for text, label in zip(texts, LABELS, strict=True)]
    file = read(source, ["text\tlabel", *rows], "posts.tsv")
    assert file.columns["text"] == texts
    assert file.account.found == COUNT


def test_quotes_of_a_tsv_are_text_unless_they_protect_something(source: Path) -> None:
    plain = lines_of("\t", lambda index, text: f'"{text}"' if index % 9 == 3 else text)
    assert read(source, plain, "posts.tsv").columns["text"][3] == f'"{TEXTS[3]}"'
    doubled = lines_of("\t", lambda index, text: f'"{text} ""so"""' if index % 9 == 3 else text)
    assert read(source, doubled, "posts.tsv").columns["text"][3] == f'{TEXTS[3]} "so"'
    everywhere = ['"' + line.replace("\t", '"\t"') + '"' for line in lines_of("\t")]
    assert read(source, everywhere, "posts.tsv").columns["text"] == TEXTS
    empty = lines_of("\t", lambda index, text: '""' if index == 7 else text)
    assert read(source, empty, "posts.tsv").columns["text"][7] is None


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("rows", ["all", "some", "two", "header", "header and some"])
def test_separators_too_many_at_the_end_are_no_column(
    source: Path, separator: str, rows: str
) -> None:
    lines = lines_of(separator)
    for index in range(len(lines)):
        if index == 0:
            lines[0] += separator if "header" in rows else ""
        elif rows in ("all", "two") or ("some" in rows and index % 5 == 0):
            lines[index] += separator * (2 if rows == "two" else 1)
    file = read(source, lines)
    assert file.columns == {"text": TEXTS, "label": LABELS}
    assert file.account.found == COUNT
    assert noted(file, "separator too many")


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize(
    "above",
    [
        "# exported 2024-01-01\n",
        "# exported, by me; a|b\n# in two lines\n",
        "// exported\n",
        "Export of all tickets\n",
        "Export of all tickets\n\n",
        "Export of all tickets\nDate: 2024-01-01, all of them\n\n",
        "\n\n",
        "sep={}\n",
        '"sep={}"\n',
        "\ufeffSEP={}\n",
        "Tickets{}{}{}\n{}{}{}\n",
    ],
)
def test_lines_above_the_header_are_skipped_and_named(
    source: Path, separator: str, above: str
) -> None:
    rows = [f"{index}{separator}{line}" for index, line in enumerate(lines_of(separator))]
    rows[0] = f"id{separator}{lines_of(separator)[0]}"
    for lines in (lines_of(separator), rows):
        if "Tickets" in above and lines is not rows:
            continue
        head = above.replace("{}{}{}", separator * 2).replace("{}", separator)
        file = read(source, head + "\n".join(lines))
        assert file.columns["text"] == TEXTS
        assert file.columns["label"] == LABELS
        assert file.account.found == COUNT
        words = above.strip().split("\n")[0].split("{")[0]
        assert noted(file, "above the header", words) or not words or "sep" in above.lower()


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_title_may_stand_above_a_header_with_a_separator_too_many(
    source: Path, separator: str
) -> None:
    header, *rows = lines_of(separator)
    ended = [f"{row}{separator}" for row in rows]
    for lines in (
        ["Export of all tickets", header + separator, *rows],
        ["Export of all tickets", "", header + separator, *ended],
    ):
        file = read(source, lines)
        assert file.columns == {"text": TEXTS, "label": LABELS}
        assert file.account.found == COUNT


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_row_after_a_blank_line_is_no_header(source: Path, separator: str) -> None:
    lines = lines_of(separator)
    lines[2] = lines[2].replace(LABELS[1], f" {LABELS[1]} ")
    for every in (1, 3):
        spaced = [f"\n{line}" if at % every == 1 % every else line for at, line in enumerate(lines)]
        file = read(source, spaced)
        assert file.account.found == COUNT
        assert file.columns["text"] == TEXTS
    # Neither column tells by its values what is a name.
    for place in (1, 2, 3):
        pairs = [f"{text}{separator}{text} indeed" for text in TEXTS]
        pairs.insert(0, f"question{separator}answer")
        pairs.insert(place, "")
        assert read(source, pairs).columns["question"] == TEXTS


def test_a_comment_sign_may_stand_before_the_names(source: Path) -> None:
    lines = lines_of("\t")
    lines[0] = f"# {lines[0]}"
    assert read(source, lines).columns == {"text": TEXTS, "label": LABELS}


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize(("change", "fields"), [("more", 3), ("fewer", 1)])
def test_rows_with_another_number_of_fields_are_counted_and_the_first_is_named(
    source: Path, separator: str, change: str, fields: int
) -> None:
    lines = lines_of(separator)
    for index in (7, 20, 33):
        lines[index] = (
            f"{lines[index]}{separator}more"
            if change == "more"
            else lines[index].split(separator)[0]
        )
    file = read(source, lines)
    assert file.account.found == COUNT
    assert file.account.left_out == {"with another number of fields": 3}
    assert noted(file, "3 rows of 'posts.csv'", f"line 8 with {fields}", TEXTS[6][:20])


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_file_whose_rows_do_not_fit_its_header_is_refused_with_the_count_and_the_line(
    home: Path, source: Path, separator: str
) -> None:
    lines = lines_of(separator, lambda _, text: text.replace(" ", separator, 1))
    path = put(source / "posts.csv", "\n".join(lines).encode())
    with pytest.raises(RequestError, match="40 of 40 rows") as caught:
        prepare(DataConfig(str(path)), home)
    assert "line 2 with 3" in caught.value.message
    assert "there are no rows" not in caught.value.message
    assert caught.value.field == "--data"


def test_a_title_is_not_mistaken_for_a_row_and_a_row_not_for_a_header(source: Path) -> None:
    # The header of two names is right; the rows have a comma within each text.
    lines = [
        "text,label",
        *(f"{text}, yes,{label}" for text, label in zip(TEXTS, LABELS, strict=True)),
    ]
    with pytest.raises(RequestError, match="the header, which has 2"):
        read(source, lines)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", SEPARATORS)
def test_line_ends_of_all_systems_and_blank_lines(
    source: Path, separator: str, ending: str
) -> None:
    for between in (ending, ending * 2, f"{ending}  {ending}"):
        file = read(source, between.join(lines_of(separator)) + ending * 3)
        assert file.columns == {"text": TEXTS, "label": LABELS}
        assert file.account.found == COUNT


def test_a_carriage_return_within_a_row_does_not_end_it(source: Path) -> None:
    file = read(source, lines_of(",", lambda _, text: text.replace(" ", " \r", 1)))
    assert file.columns["text"] == [text.replace(" ", "  ", 1) for text in TEXTS]
    assert noted(file, "40 carriage returns")


def test_texts_over_several_lines_are_one_row_each(source: Path) -> None:
    def change(index: int, text: str) -> str:
        return f'"Dear team, {text}\n\nthanks, bye"' if index % 3 == 0 else text

    file = read(source, lines_of(",", change))
    assert file.columns["text"][3] == f"Dear team, {TEXTS[3]}\n\nthanks, bye"
    assert file.account.found == file.account.taken == COUNT
    assert noted(file, "14 rows", "several lines")


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_separator_within_a_text_does_not_fill_the_column_after_the_last_separator(
    source: Path, separator: str
) -> None:
    """All lines end with a separator, so the header has a blank name at its end."""
    lines = [line + separator for line in lines_of(separator)]
    lines[4] = f"one {separator}{lines[4]}"
    file = read(source, lines)
    assert file.account.left_out == {"with another number of fields": 1}
    assert file.columns == {"text": [*TEXTS[:3], *TEXTS[4:]], "label": [*LABELS[:3], *LABELS[4:]]}


def test_zero_bytes_are_left_out_and_counted(source: Path) -> None:
    file = read(source, "\n".join(lines_of(",")).replace(" 7,", " \0007\0,") + "\0" * 50)
    assert file.columns == {"text": TEXTS, "label": LABELS}
    assert noted(file, "52 zero bytes", "line 9")


@pytest.mark.parametrize("quotes", ["", '"'])
def test_one_column_of_texts_with_commas(source: Path, quotes: str) -> None:
    for extra in (lambda index: ", so it is" * (index % 3), lambda index: ", so it is"):
        texts = [f"{text}{extra(index)}" for index, text in enumerate(TEXTS)]
        file = read(source, ["text", *(f"{quotes}{text}{quotes}" for text in texts)])
        assert file.columns == {"text": texts}
        assert noted(file, "one column")


def test_columns_of_one_name_are_kept_apart(source: Path) -> None:
    header = "text,label,label_2,label,,column7,"
    rows = [f"{text},{label},b,c,d,e,f" for text, label in zip(TEXTS, LABELS, strict=True)]
    file = read(source, [header, *rows])
    names = ["text", "label", "label_2", "label_3", "column5", "column7", "column7_2"]
    assert list(file.columns) == names
    assert [values[0] for values in file.columns.values()] == [TEXTS[0], LABELS[0], *"bcdef"]
    assert noted(file, "2 columns 'label'", "label_3")


def test_a_header_repeated_in_the_middle_is_no_row(source: Path) -> None:
    lines = lines_of(",")
    file = read(source, lines + lines)
    assert file.columns["label"] == LABELS * 2
    assert file.account.left_out == {"repeating the header": 1}


def test_row_numbers_without_a_name_have_a_column_of_their_own(source: Path) -> None:
    lines = lines_of(",")
    numbered = [lines[0], *(f'"{index}",{line}' for index, line in enumerate(lines[1:], 1))]
    file = read(source, numbered)
    assert list(file.columns) == ["row", "text", "label"]
    assert file.columns["text"] == TEXTS


@pytest.mark.parametrize("content", ["text,label", "text,label\n", "# none\ntext;label\n\n"])
def test_a_header_alone_is_refused_as_such(home: Path, source: Path, content: str) -> None:
    path = put(source / "posts.csv", content.encode())
    with pytest.raises(RequestError, match="names of columns only"):
        prepare(DataConfig(str(path)), home)


@pytest.mark.parametrize("content", ["", "\n\n  \n"])
def test_a_blank_file_is_refused(source: Path, content: str) -> None:
    with pytest.raises(RequestError, match="is empty"):
        read(source, content)


def test_blanks_after_separators_do_not_hide_quotes(source: Path) -> None:
    lines = ["label, text", *(f'{b}, "{a}, so it is"' for a, b in zip(TEXTS, LABELS, strict=True))]
    assert read(source, lines).columns["text"] == [f"{text}, so it is" for text in TEXTS]


def test_quotes_after_blanks_are_no_part_of_a_name(source: Path) -> None:
    lines = ['"text", "label"']
    lines += [f'"{text}", "{label}"' for text, label in zip(TEXTS, LABELS, strict=True)]
    assert read(source, lines).columns == {"text": list(TEXTS), "label": list(LABELS)}
    # Quotes around a part of a field are part of it.
    pairs = zip(TEXTS, LABELS, strict=True)
    lines = ["text,label", *(f'{text}, "{label}" or so' for text, label in pairs)]
    assert read(source, lines).columns["label"][0].strip() == f'"{LABELS[0]}" or so'


def test_what_stands_late_in_a_long_file_counts_too(source: Path) -> None:
    # The first lines alone would let quotes be text, or commas be the separator.
    rows = [f"{text} {index};{'ab'[index % 2]}" for index, text in enumerate(TEXTS * 130)]
    rows[-2] = '"one; two";a'
    file = read(source, ["text, all of it;label", *rows])
    assert file.account.found == file.account.taken == len(rows)
    assert file.columns["text, all of it"][-2] == "one; two"


def test_the_account_of_the_first_rows_is_of_these(source: Path) -> None:
    lines = lines_of(",")
    lines[3] += ",more"
    lines[30] += ",more"
    file = delimited.read(put(source / "posts.csv", "\n".join(lines).encode()), 10)
    assert file.account.found == 10
    assert file.account.left_out == {"with another number of fields": 1}
    assert noted(file, "1 rows of 'posts.csv'", "line 4")


def test_an_excel_file_called_csv_is_named(source: Path) -> None:
    with pytest.raises(RequestError, match="Excel"):
        delimited.read(put(source / "posts.csv", b"PK\x03\x04" + bytes(100)))


def test_one_change_to_a_good_file_harms_no_more_than_the_rows_it_touches(source: Path) -> None:
    texts = [f'{text}, "so" it is' if i % 3 else text for i, text in enumerate(TEXTS)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [("id", "text", "label"), *zip(map(str, range(COUNT)), texts, LABELS, strict=True)]
    )
    good = out.getvalue()
    refused = 0
    for seed in range(60):
        draw = random.Random(seed)
        place = draw.randrange(len("id,text,label\n"), len(good))
        piece = draw.choice(['"', '""', "\\", ",", "\n", "\r", "#", '",', ',"'])
        try:
            file = read(source, good[:place] + piece + good[place:])
        except RequestError:
            refused += 1
            continue
        rows = {row[0]: row[1:] for row in zip(*file.columns.values(), strict=True)}
        kept = sum(rows.get(str(i)) == (texts[i], LABELS[i]) for i in range(COUNT))
        assert kept >= COUNT - 2, (seed, piece)
    assert refused < 5
