"""Whatever an address says, its page opens: it shows a note at most, and never an exception."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.app import settings

ENTRY = Path(settings.__file__).with_name("entry.py")
PAGES = sorted(path.stem for path in paths.pages_dir().glob("*.py"))
DATA = "sample:digits"
# Values that nobody writes by hand. Bytes that are no UTF-8 arrive as the replacement letter.
HOSTILE = {
    "zero byte": "\0",
    "replaced letters": "\ufffd\ufeff\u202e",
    "path": "../../../etc/passwd",
    "long": "x" * 20_000,
    "number": "-1",
    "large number": "9" * 400,
    "other digits": "٣",
    "fraction": "nan",
    "document": '{"a": [[[',
    "list": ",,,a=,=b,1-,-1-2,",
    "markup": "<img src=x onerror=alert(1)>![p](http://host.example/x.png)",
    "unknown user": "~nobody-of-this-name/x",
}
# Every parameter of an address that a page, or the widgets bound to addresses, read.
PARAMETERS = (
    "data", "label", "group", "image", "text", "size", "samples", "length", "channels", "fit",
    "folders", "split_column", "unsplit", "dedupe", "fingerprint", "source", "view", "split",
    "colour", "class", "run", "runs", "equal", "experiment", "chosen", "page", "task", "tasks",
    "show", "say", "step", "sample", "cell", "space", "steps", "aug", "augment", "a", "b", "seed",
    "seconds", "encoder", "preset", "options", "lesson", "kind", "outside", "embeddings", "room",
)  # fmt: skip


# The rest is the long form: ``pytest -m slow tests/app/test_page_addresses.py``.
KINDS = [
    kind if kind == "zero byte" else pytest.param(kind, marks=pytest.mark.slow) for kind in HOSTILE
]


def open_address(home: Path, page: str, query: dict[str, str]) -> AppTest:
    settings.use(settings.AppSettings(home))
    app = AppTest.from_file(str(ENTRY), default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(str(paths.pages_dir() / f"{page}.py"))
    try:
        return app.run()
    finally:
        settings.use(None)


def check(app: AppTest, query: dict[str, str]) -> None:
    words = [f"{one.message} {one.stack_trace[-3:]}" for one in app.exception]
    assert not words, f"{ {n: v[:40] for n, v in query.items()} }: {words}"
    # Python's own words reach nobody.
    shown = " ".join(str(one.value) for one in (*app.error, *app.warning, *app.info))
    assert not re.search(r"Traceback|\w+Error\b|Errno|surrogates", shown), shown


@pytest.mark.parametrize(
    "page", [one if one == "data" else pytest.param(one, marks=pytest.mark.slow) for one in PAGES]
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_opens_whatever_its_data_are_called(drawn_home: Path, page: str, kind: str) -> None:
    for source in (HOSTILE[kind], f"hub:{HOSTILE[kind]}"):
        query = {"data": source}
        check(open_address(drawn_home, page, query), query)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_opens_whatever_its_parameters_hold(drawn_home: Path, page: str, kind: str) -> None:
    query = dict.fromkeys(PARAMETERS, HOSTILE[kind]) | {"data": DATA}
    check(open_address(drawn_home, page, query), query)
