"""Visitors of a server that others reach: the room code, and what is somebody else's on pages."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import pytest
from coroutines import run_in_thread
from page_reading import button, labels, press, texts
from run_making import write_posts
from starlette.types import Message
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.app import room, room_code, settings, upload_gate
from workbench.app.border import GuardedApp
from workbench.app.hosts import AllowedHosts
from workbench.app.shared import browser
from workbench.app.start import class_view
from workbench.app.throttle import Throttle
from workbench.config import DataConfig
from workbench.data import prepare, uploads
from workbench.errors import RequestError
from workbench.store import limits, owners, upload_owners
from workbench.store.store import Store

ENTRY = Path(room.__file__).with_name("entry.py")
SHARED = "0.0.0.0"
ADA, BOB = "a" * 32, "b" * 32
Open = Callable[..., AppTest]


@pytest.fixture
def sit_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Look with the browser that holds this secret."""
    return lambda secret: monkeypatch.setattr(browser, "secret", lambda: secret)


@pytest.fixture
def upload(tmp_path: Path) -> tuple[Path, str]:
    """A home, and the path of a table that the browser ADA brought and prepared."""
    home = (tmp_path / "home").resolve()
    posts = write_posts(tmp_path / "posts.csv", [12] * 60)
    content = Path(posts.source).read_bytes()
    path = uploads.store([("secret-posts.csv", content)], paths.uploads_dir(home))
    upload_owners.record(Store.open(home), path.parent.name, owners.visitor_of(ADA), 0.01)
    prepare(DataConfig(str(path)), home)
    return home, str(path)


@pytest.mark.parametrize("page", ["data", "pretrain", "augment"])
def test_an_upload_is_opened_by_who_brought_it_and_by_nobody_else(
    open_page: Open, upload: tuple[Path, str], sit_at: Callable[[str], None], page: str
) -> None:
    home, path = upload
    sit_at(BOB)
    app = open_page(home, page, host=SHARED, data=path)
    assert "an upload of somebody else, or are not here" in texts(app)
    options = [option for box in app.selectbox for option in box.options]
    assert not any("secret-posts" in text for text in (*options, *labels(app)))


def test_what_was_prepared_before_is_listed_for_who_brought_it(
    open_page: Open, upload: tuple[Path, str], sit_at: Callable[[str], None]
) -> None:
    home, _ = upload
    sit_at(BOB)
    assert "Nothing has been prepared" in texts(
        open_page(home, "data", host=SHARED, source="Prepared before")
    )
    settings.use(settings.AppSettings(home, SHARED))
    sit_at(ADA)
    mine = open_page(home, "data", host=SHARED, source="Prepared before")
    assert "secret-posts" in texts(mine)
    sit_at(BOB)
    assert "secret-posts" in texts(open_page(home, "data", source="Prepared before")), "local user"
    sit_at(ADA)
    press(open_page(home, "data", host=SHARED, source="Prepared before"), "Remove it")
    assert not list(paths.uploads_dir(home).iterdir())
    assert upload_owners.records(Store.open(home)) == []


def test_a_fingerprint_in_the_address_opens_no_data_of_somebody_else(
    open_page: Open, upload: tuple[Path, str], sit_at: Callable[[str], None], tmp_path: Path
) -> None:
    home, _ = upload
    (folder,) = [path.parent for path in paths.cache_dir(home).glob("*/info.json")]
    sit_at(BOB)
    missing = str(paths.uploads_dir(home) / "0123456789abcdef" / "x.csv")
    upload_owners.record(Store.open(home), "0123456789abcdef", owners.visitor_of(BOB), 0.01)
    app = open_page(home, "pretrain", host=SHARED, data=missing, fingerprint=folder.name)
    assert "not prepared from this source" in texts(app)


@pytest.mark.parametrize(
    ("label", "state"), [("Stop", "queued"), ("Delete this run", "stopped"), ("Resume", "stopped")]
)
def test_a_click_counts_only_if_the_visitor_may_at_that_moment(
    open_page: Open, own: Path, sit_at: Callable[[str], None], label: str, state: str
) -> None:
    store = Store.open(own)
    run_id = store.add_run(store.runs()[-1].config, digest="d", owner=owners.visitor_of(ADA))
    store.update(run_id, state=state)
    sit_at(ADA)
    app = open_page(own, "runs", host=SHARED, run=run_id)
    assert not button(app, label).disabled
    sit_at(BOB)
    button(app, label).click().run()
    assert not app.exception
    assert store.run(run_id).state == state


def test_a_click_makes_no_map_of_somebody_else_again(
    open_page: Open, own: Path, sit_at: Callable[[str], None]
) -> None:
    store = Store.open(own)
    run_id = store.runs()[-1].id
    store.update(run_id, owner=owners.visitor_of(ADA), map_state="failed")
    sit_at(ADA)
    app = open_page(own, "runs", host=SHARED, run=run_id)
    assert not button(app, "Make it again").disabled
    sit_at(BOB)
    button(app, "Make it again").click().run()
    assert not app.exception
    assert store.run(run_id).map_state == "failed"


@pytest.mark.parametrize(
    "reads",
    [
        {"augment": [{"name": "synonym_replacement", "options": {"file": "/etc/passwd"}}]},
        {"eval": {"pretrained": "/etc"}},
        {"data": {"source": "/etc/passwd"}},
    ],
    ids=lambda reads: next(iter(reads)),
)
def test_a_click_runs_nothing_again_that_reads_other_files(
    open_page: Open, own: Path, reads: dict[str, object]
) -> None:
    store = Store.open(own)
    run_id = store.add_run({**store.runs()[-1].config, **reads}, digest="d", owner="Ada")
    store.update(run_id, state="stopped")
    app = open_page(own, "runs", host=SHARED, run=run_id)
    press(app, "Run again")
    assert "does not read paths outside" in texts(app)
    assert store.count(("queued",)) == 0


def test_the_room_code_opens_the_app_and_wrong_ones_are_slowed_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "address", lambda: "10.0.0.7")
    monkeypatch.setattr(room, "throttle", Throttle())
    settings.use(settings.AppSettings(tmp_path, SHARED, room="tulip42"))
    try:
        app = AppTest.from_file(str(ENTRY), default_timeout=60)
        app.run()
        assert labels(app) == ["Enter"], "nothing else is drawn"
        for code in ("", "wrong", "wröng", "wrong"):
            app.text_input[0].set_value(code)
            press(app, "Enter")
            assert labels(app) == ["Enter"]
        app.text_input[0].set_value("tulip42")
        press(app, "Enter")
        assert "Too many wrong codes" in texts(app)
        monkeypatch.setattr(room, "throttle", Throttle())
        press(app, "Enter")
        assert "Run this here" in labels(app)
        monkeypatch.setattr(browser, "address", lambda: browser.HERE)
        here = AppTest.from_file(app._script_path, default_timeout=60).run()
        assert "Run this here" in labels(here)
    finally:
        settings.use(None)


def test_an_upload_before_the_room_code_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(session: str) -> int:
        """The status of an upload in this session; its body must not be read."""
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            raise AssertionError("the body was read")

        scope = {"type": "http", "method": "PUT", "headers": [(b"host", b"localhost")]}
        scope["path"] = f"/_stcore/upload_file/{session}/file"
        run_in_thread(GuardedApp(ENTRY, AllowedHosts.of("localhost"))(scope, receive, send))
        return int(sent[0]["status"])

    monkeypatch.setattr(browser, "address", lambda: "10.0.0.7")
    monkeypatch.setattr(upload_gate, "_admitted", OrderedDict())
    settings.use(settings.AppSettings(tmp_path, SHARED, room="tulip42"))
    try:
        app = AppTest.from_file(str(ENTRY), default_timeout=60).run()
        assert put("test session id") == put("") == 403
        app.text_input[0].set_value("tulip42")
        press(app, "Enter")
        assert upload_gate.refusal("/_stcore/upload_file/test session id/file") is None
        assert put("another") == 403
    finally:
        settings.use(None)
    assert upload_gate.refusal("/_stcore/upload_file/another/file") is None, "no code is set"


def test_behind_a_proxy_without_headers_nobody_counts_as_sitting_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # nginx adds no header unless it is told to: all visitors come from the proxy's own machine.
    monkeypatch.setattr(room, "throttle", Throttle())
    settings.use(settings.AppSettings(tmp_path, room="tulip42", proxied=True))
    try:
        app = AppTest.from_file(str(ENTRY), default_timeout=60)
        assert labels(app.run()) == ["Enter"]
        app.text_input[0].set_value("tulip42")
        press(app, "Enter")
        assert "Run this here" in labels(app)
        app.switch_page(str(paths.pages_dir() / "data.py"))
        app.query_params["data"] = "/etc/passwd"
        assert "does not read paths outside" in texts(app.run())
    finally:
        settings.use(None)


def test_guessing_is_slow_per_address_and_takes_bounded_memory() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    tries = 0
    while now[0] < 600:
        if throttle.wait("x") == 0:
            assert not throttle.matches("x", str(tries), "right")
            tries += 1
        else:
            assert not throttle.matches("x", "right", "right"), "not looked at while it waits"
            now[0] += 1
    assert tries < 40
    assert throttle.matches("y", "right", "right")
    assert not throttle.matches("z", "", "")
    for number in range(5000):
        throttle.matches(str(number), "wrong", "right")
    assert len(throttle._wrong) <= 1000


@pytest.mark.parametrize("code", ["", "12345", "x" * 65])
def test_a_code_that_is_easily_guessed_is_refused(code: str) -> None:
    with pytest.raises(RequestError, match="--room"):
        room_code.parse(code)
    assert room_code.parse(None) == ""
    assert len({room_code.parse("auto") for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (None, browser.HERE), ("127.0.0.1", browser.HERE), ("::1", browser.HERE),
        ("::ffff:127.0.0.1", browser.HERE), ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("rubbish", "rubbish"),
    ],
)  # fmt: skip
def test_addresses_have_one_spelling(text: str | None, address: str) -> None:
    assert browser.plain_address(text) == address


def test_the_class_is_shown_to_whoever_has_the_token(
    open_page: Open, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(own)
    config = store.runs()[-1].config
    waiting = store.add_run(config, digest="d", owner="Ada")
    upload_owners.record(store, "0123", owners.visitor_of(BOB), 3.0)
    gone = paths.run_dir(own, "gone-123456")
    gone.mkdir()
    (gone / "log.txt").write_text("x" * 20_000)
    app = open_page(own, host=SHARED)
    assert "Your class" not in texts(app)
    app.session_state["admin"] = True
    app.run()
    people = app.dataframe[0].value.set_index("who")
    assert people.loc["Ada", "queued"] == 1
    assert people["MB of uploads"].max() == 3.0
    # A redraw takes the states from the store, and does not measure all folders again.
    assert store.move(waiting, ("queued",), "stopped")
    with monkeypatch.context() as patch:
        patch.setattr(class_view, "folder_bytes", None)
        app.run()
    assert app.dataframe[0].value.set_index("who").loc["Ada", "stopped or failed"] == 1
    assert store.move(waiting, ("stopped",), "queued")
    field = next(box for box in app.text_input if box.label.startswith("queued:"))
    field.set_value("none")
    press(app, "Set the limits")
    assert limits.value(store, "queued") == math.inf
    app.number_input[0].set_value(0)
    press(app, "List what is not needed")
    listed = [frame.value for frame in app.dataframe][-1]
    assert dict(zip(listed["name"], listed["MB"], strict=True))["gone-123456"] == 0.02
    assert gone.exists()
    press(app, "Remove them")
    assert not gone.exists()
    press(app, "Stop them all")
    assert store.run(waiting).state == "stopped"
    app.session_state["admin"] = False
    app.run()
    assert "Your class" not in texts(app)


def test_the_token_is_compared_whatever_its_letters(open_page: Open, own: Path) -> None:
    settings.use(None)
    app = open_page(own, host=SHARED)
    settings.use(settings.AppSettings(own, SHARED, token="right"))
    field = next(box for box in app.sidebar.text_input if box.label == "Token")
    field.set_value("wröng")
    press(app, "Manage the class")
    assert "This is not the token" in texts(app)
    field = next(box for box in app.sidebar.text_input if box.label == "Token")
    field.set_value("right")
    press(app, "Manage the class")
    assert "Your class" in texts(app)
