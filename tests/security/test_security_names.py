"""Names that are Markdown, HTML, formulas and code are shown as they were written, on every page
and in the report, and make no browser ask another host."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from app_process import App
from google.protobuf.json_format import MessageToDict
from session_folders import made_once
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parent))
import hostile_home
from hostile_home import HOST, HOSTILE, PIECES

from workbench import paths
from workbench.app import settings
from workbench.app.plain import plain
from workbench.export import snippets
from workbench.export.report.page import page as report_page
from workbench.export.report.writer import gather
from workbench.store.store import Store
from workbench.stored_runs.stored_run import StoredRun

# What must not stand in Markdown without a backslash before it.
ALIVE = re.compile(
    r"(?<!\\)(?:\\\\)*(?:!?\[[pax]\]|\$x|`b|\*\*c|<img|<a |:red\[)|:material/home|:smile:"
)
# Elements whose text is no Markdown, and fields that are not shown or are shown as they are.
NO_MARKDOWN = {"html", "code", "text", "plotlyChart", "arrowDataFrame", "bidiComponent", "pageLink"}
NO_TEXT = {
    "id",
    "value",
    "default",
    "rawValue",
    "rawValues",
    "formId",
    "elementId",
    "placeholder",
    "jsonArgs",
}
PLAIN_OPTIONS = {"selectbox", "multiselect"}
SECTIONS = ("gains", "scores", "next", "pair", "groups", "agreement", "near", "curves", "spectra")
SECTIONS += ("checks", "differences", "table-compare-0", "outside")
OPENED = dict.fromkeys(SECTIONS, "true")
FOREIGN_NAMES = {
    "runs": {"run": HOSTILE},
    "compare": {"runs": HOSTILE},
    "learn": {"lesson": HOSTILE},
    "augment": {"augment": HOSTILE, "data": HOSTILE},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = made_once(
        tmp_path_factory, "hostile-home", lambda own: hostile_home.make(own / "home")
    )
    return folder / "home"


@pytest.fixture(scope="module")
def runs(home: Path) -> dict[str, StoredRun]:
    """The finished runs by task, and the failed one."""
    rows = Store.open(home).runs()
    named = {row.config["task"] if row.state == "finished" else "failed": row for row in rows}
    return {name: StoredRun(home, row) for name, row in named.items()}


def open_page(home: Path, page: str, **query: str) -> AppTest:
    settings.use(settings.AppSettings(home))
    try:
        app = AppTest.from_file(
            str(Path(settings.__file__).with_name("entry.py")), default_timeout=120
        )
        for name, value in query.items():
            app.query_params[name] = value
        app.switch_page(str(paths.pages_dir() / f"{page}.py"))
        app.run()
    finally:
        settings.use(None)
    assert not app.exception
    return app


def markdown(app: AppTest) -> Iterator[str]:
    """All text of a page that Streamlit reads as Markdown."""
    for table in app.table:
        frame = table.value
        yield from map(str, [*frame.columns, *frame.index, *frame.to_numpy().ravel()])
    for element in app._tree:
        proto = getattr(element, "proto", None)
        kind = str(element.type)
        if proto is None or _camel(kind) in NO_MARKDOWN or not hasattr(proto, "DESCRIPTOR"):
            continue
        yield from _strings(MessageToDict(proto), kind)


def _strings(value: Any, kind: str, field: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in NO_TEXT and not (name == "options" and kind in PLAIN_OPTIONS):
                yield from _strings(inner, kind, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, kind, field)
    elif isinstance(value, str):
        yield value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def alive(app: AppTest) -> list[str]:
    return [text[:300] for text in markdown(app) if ALIVE.search(text)]


@pytest.mark.parametrize("task", ["simclr", "mlm", "failed"])
def test_the_page_of_a_run(home: Path, runs: dict[str, StoredRun], task: str) -> None:
    app = open_page(home, "runs", run=runs[task].id)
    assert plain(hostile_home.name(task)) in [heading.value for heading in app.subheader]
    assert alive(app) == []


def test_compare_with_all_its_sections(home: Path, runs: dict[str, StoredRun]) -> None:
    ids = ",".join(runs[task].id for task in ("simclr", "rotation"))
    app = open_page(home, "compare", runs=ids, **OPENED)
    assert sum(plain(HOSTILE) in text for text in markdown(app)) > 5
    assert alive(app) == []


@pytest.mark.parametrize("look", ["Samples", "Mistakes", "Settings"])
def test_inspect(home: Path, runs: dict[str, StoredRun], look: str) -> None:
    app = open_page(home, "inspect", run=runs["mlm"].id, look=look, sample="1", cell="0-1")
    assert alive(app) == []


@pytest.mark.parametrize("page", ["runs", "try", "learn"])
def test_other_pages(home: Path, page: str) -> None:
    assert alive(open_page(home, page)) == []


@pytest.mark.parametrize("page", ["runs", "compare", "learn"])
def test_names_in_the_address(home: Path, page: str) -> None:
    app = open_page(home, page, **{**FOREIGN_NAMES[page], "class": HOSTILE, "experiment": HOSTILE})
    assert alive(app) == []


@pytest.mark.parametrize(
    "text", [*PIECES, "# h", "> q", "- l", "1. l", "a\n\n# b", "::: d", "&lt;"]
)
def test_the_escaping_is_one_line_and_leaves_nothing_alive(text: str) -> None:
    shown = plain(text)
    assert "\n" not in shown
    assert not ALIVE.search(shown)
    assert not re.match(r"(#|>|-\s|\d+\.|&)", shown)
    # Only backslashes and a joiner without width are added.
    assert re.sub(r"\\(?=\W|_)|\u2060", "", shown) == " ".join(text.split())


def test_the_report_asks_for_nothing_and_shows_names_as_text(runs: dict[str, StoredRun]) -> None:
    text = report_page(gather([runs["simclr"], runs["rotation"]]))
    assert '<meta http-equiv="Content-Security-Policy"' in text
    scripts = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "&lt;img src=x onerror" in scripts
    assert "<img src=x" not in scripts
    assert "<a href=" not in scripts
    # A name in a script must not end it.
    for script in re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL):
        assert f"<a href='http://{HOST}" not in script


def test_code_that_opens_a_run_holds_no_foreign_text(runs: dict[str, StoredRun]) -> None:
    run = runs["simclr"]
    compile(snippets.python_lines(run, images=True), "lines", "exec")
    notebook = json.loads(snippets.notebook(run, images=True))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            assert not ALIVE.search("".join(cell["source"]))


@pytest.mark.browser
def test_a_browser_asks_no_other_host(
    home: Path, runs: dict[str, StoredRun], browser: Any, tmp_path: Path
) -> None:
    """Seen with a real browser: every address that is asked for, and what the console reports."""
    page = browser.new_page()
    page.set_default_timeout(60_000)
    asked: list[str] = []
    console: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: console.append(message.text))
    ids = f"{runs['simclr'].id},{runs['rotation'].id}"
    report = tmp_path / "report.html"
    report.write_text(report_page(gather([runs["simclr"]])), encoding="utf-8")
    app = App(home)
    addresses = (
        f"{app.url}/runs?run={runs['simclr'].id}",
        f"{app.url}/compare?{urlencode({'runs': ids, **OPENED})}",
        report.as_uri(),
    )
    try:
        for address in addresses:
            page.goto(address)
            page.get_by_text("<img src=x onerror=alert(1)>").first.wait_for(timeout=60_000)
            page.wait_for_load_state("networkidle")
            assert page.locator("img[alt=p], img[src=x], .katex").count() == 0
            assert page.locator(f"a[href*='{HOST}']").count() == 0
    finally:
        page.close()
        app.end()
    own = ("http://127.0.0.1:", "data:", "blob:", "file:")
    assert [address for address in asked if not address.startswith(own)] == []
    assert [text for text in console if "Content Security Policy" in text] == []
