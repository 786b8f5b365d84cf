"""What lies near what on the Compare page: sheets and the blind vote."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from page_reading import html as page
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.app import settings
from workbench.app.compare import blind_vote
from workbench.errors import StoreError
from workbench.store.store import Store
from workbench.stored_runs import votes

ENTRY = Path(settings.__file__).with_name("entry.py")


@pytest.fixture
def voting_home(finished_home: Path, tmp_path: Path) -> Path:
    own = tmp_path / "own"
    shutil.copytree(finished_home, own, ignore=shutil.ignore_patterns("*.lock", "engine.json"))
    return own


@pytest.fixture
def compare_at() -> Iterator[object]:
    def make(home: Path, view: str) -> AppTest:
        settings.use(settings.AppSettings(home))
        app = AppTest.from_file(str(ENTRY), default_timeout=90).run()
        app.query_params["runs"] = ",".join(row.id for row in Store.open(home).runs())
        app.session_state["near"] = True
        app.session_state["near-view"] = view
        return app.switch_page(str(paths.pages_dir() / "compare.py")).run()

    yield make
    settings.use(None)


def said(app: AppTest) -> str:
    return "\n".join(str(e.value) for kind in (app.markdown, app.caption) for e in kind)


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def reveal(app: AppTest) -> None:
    (switch,) = [toggle for toggle in app.toggle if toggle.label == "Show the result already"]
    switch.set_value(True).run()
    assert not app.exception


def fingerprint(home: Path) -> str:
    return str(Store.open(home).runs()[0].config["data"]["fingerprint"])


def test_nothing_is_looked_up_before_it_is_opened(finished_home: Path) -> None:
    settings.use(settings.AppSettings(finished_home))
    app = AppTest.from_file(str(ENTRY), default_timeout=90).run()
    app.query_params["runs"] = ",".join(row.id for row in Store.open(finished_home).runs())
    app.switch_page(str(paths.pages_dir() / "compare.py")).run()
    settings.use(None)
    assert not app.exception
    assert "<img" not in page(app)


def test_a_sheet_shows_neighbours_and_other_samples(compare_at, finished_home: Path) -> None:
    app = compare_at(finished_home, "Neighbours")
    assert not app.exception
    first = page(app)
    assert first.count("pixels only") == 6
    assert first.count("SimCLR (seed 0)") == 6
    assert 'alt="neighbour 6"' in first
    press(app, "Other samples")
    assert page(app) != first


def test_votes_are_stored_and_nothing_is_revealed_before_ten(compare_at, voting_home: Path) -> None:
    app = compare_at(voting_home, "Blind vote")
    assert not app.exception
    hidden = ("pixels only", "untrained", "SimCLR", "Rotation")
    for count in range(10):
        assert f"{count} of " in said(app)
        assert "preferred" not in said(app)
        assert not any(name in page(app) for name in hidden)
        press(app, ("Row A", "Row B", "Cannot tell")[count % 3])
    assert "95 % Wilson interval" in said(app)
    assert "cannot be told from chance" in said(app)
    stored = votes.votes_on(Store.open(voting_home), fingerprint(voting_home))
    assert len(stored) == 10
    assert len({vote.voter for vote in stored}) == 1
    assert sum(vote.choice == "" for vote in stored) == 3
    press(app, "Row A")
    assert len(votes.votes_on(Store.open(voting_home), fingerprint(voting_home))) == 11


def test_two_people_get_the_same_questions(compare_at, voting_home: Path) -> None:
    first, second = (compare_at(voting_home, "Blind vote") for _ in range(2))
    assert page(first) == page(second)
    press(first, "Row A")
    assert page(first) != page(second)
    press(second, "Row B")
    assert page(first) == page(second)
    stored = votes.votes_on(Store.open(voting_home), fingerprint(voting_home))
    assert len({vote.row for vote in stored}) == 1
    assert len({vote.choice for vote in stored}) == 2
    reveal(second)
    assert "Votes of 2 people" in said(second)


def test_where_votes_cannot_be_stored_they_count_and_that_is_said(
    compare_at, voting_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bool:
        raise StoreError("the run store cannot be written: read-only.")

    monkeypatch.setattr(blind_vote.votes, "keep", refuse)
    app = compare_at(voting_home, "Blind vote")
    press(app, "Row A")
    assert "1 of " in said(app)
    assert "cannot be stored" in said(app)
    reveal(app)
    assert "preferred in 1 of 1" in said(app)


def test_stored_demo_runs_have_neighbours_too(compare_at, tmp_path: Path) -> None:
    app = compare_at(tmp_path, "Neighbours")
    assert not app.exception
    assert "kept its embeddings" not in said(app)
    assert "by cosine in the representation" in said(app)
