"""docs/how-to/add-a-page.md and add-a-column-to-the-runs-table.md are run as they stand."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path

import pytest
from how_to import PACKAGE, HowTo, copy_of_package, run_python

from workbench.app.runs import table
from workbench.store.store import Store

PAGE, COLUMN = HowTo("add-a-page"), HowTo("add-a-column-to-the-runs-table")


def test_a_page_takes_its_file_its_folder_and_a_line_of_the_entry(tmp_path: Path) -> None:
    """The test that opens every page opens this one, unchanged."""
    copy = copy_of_package(tmp_path)
    shutil.copytree(PACKAGE.parent / "pages", copy / "pages")
    names = re.findall(r"Put this into `([\w/]+\.py)`", PAGE.text)
    *files, listed = PAGE.blocks("python")
    (line,) = re.findall(r"^    st\.Page\(.*\),\n", listed, re.M)
    for name, text in zip(names, files, strict=True):
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text(text, "utf-8")
    entry = copy / "workbench" / "app" / "entry.py"
    before = '    st.Page(_PAGES / "learn.py"'
    assert before in entry.read_text("utf-8")
    entry.write_text(entry.read_text("utf-8").replace(before, line + before), "utf-8")
    tests = str(Path(__file__).with_name("test_pages.py"))
    chosen = ["-p", "no:cacheprovider", "-k", "empty_home and disk", "-vv", tests]
    printed = run_python(["-m", "pytest", *chosen], tmp_path, PYTHONPATH=str(copy))
    assert "test_a_page_opens_in_an_empty_home[disk] PASSED" in printed


def test_a_column_is_an_entry_of_columns(
    open_page, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = COLUMN.blocks("python")
    names = dict(vars(table))
    exec(block, names)
    monkeypatch.setattr(table, "COLUMNS", (*table.COLUMNS, names["COLUMNS"][-1]))
    store = Store.open(own)
    store.merge_summary(store.runs()[0].id, {"training": {"samples_per_second": 640.0}})
    (frame,) = [element.value for element in open_page(own, "runs", view="Table").dataframe]
    assert list(frame)[-1] == "samples a second"
    assert frame["samples a second"][0] == 640.0


def test_the_page_on_columns_names_what_a_column_has() -> None:
    assert COLUMN.parts() == [field.name for field in dataclasses.fields(table.Column)]
    titles = [column.title for column in table.COLUMNS]
    assert len(set(titles)) == len(titles)
