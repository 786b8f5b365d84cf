"""Nearest neighbours on the Compare page: sheets and the blind vote."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawn_runs import draw
from page_reading import html as page
from page_reading import labels, press, texts
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.app.compare import blind_vote
from workbench.data import prepare_arrays
from workbench.errors import StoreError
from workbench.store.store import Store
from workbench.stored_runs import votes

Open = Callable[..., AppTest]


@pytest.fixture
def compare_at(open_page: Open) -> Open:
    """Opens the page with all runs of a home and this view of their neighbours."""

    def make(home: Path, view: str) -> AppTest:
        runs = ",".join(row.id for row in Store.open(home).runs())
        query = {"runs": runs, "near": "true", "near-view": view}
        return open_page(home, "compare", **query)

    return make


def reveal(app: AppTest) -> None:
    (switch,) = [toggle for toggle in app.toggle if toggle.label == "Show the result already"]
    switch.set_value(True).run()
    assert not app.exception


def fingerprint(home: Path) -> str:
    return str(Store.open(home).runs()[0].config["data"]["fingerprint"])


def test_nothing_is_looked_up_before_it_is_opened(open_page: Open, drawn_home: Path) -> None:
    runs = ",".join(row.id for row in Store.open(drawn_home).runs())
    assert "<img" not in page(open_page(drawn_home, "compare", runs=runs))


def test_a_sheet_shows_neighbours_and_other_samples(compare_at, drawn_home: Path) -> None:
    app = compare_at(drawn_home, "Neighbours")
    first = page(app)
    assert first.count("pixels only") == 6
    assert first.count("SimCLR (seed 0)") == 6
    assert 'alt="neighbour 6"' in first
    press(app, "Other samples")
    assert page(app) != first


def test_votes_are_stored_and_nothing_is_revealed_before_ten(compare_at, own: Path) -> None:
    app = compare_at(own, "Blind vote")
    hidden = ("pixels only", "untrained", "SimCLR", "Rotation")
    for count in range(10):
        assert f"{count} of " in texts(app)
        assert "preferred" not in texts(app)
        assert not any(name in page(app) for name in hidden)
        press(app, ("Row A", "Row B", "Cannot tell")[count % 3])
    assert "95 % Wilson interval" in texts(app)
    assert "no clear difference from chance" in texts(app)
    stored = votes.votes_on(Store.open(own), fingerprint(own))
    assert len(stored) == 10
    assert len({vote.voter for vote in stored}) == 1
    assert sum(vote.choice == "" for vote in stored) == 3
    press(app, "Row A")
    assert len(votes.votes_on(Store.open(own), fingerprint(own))) == 11


def test_two_people_get_the_same_questions(compare_at, own: Path) -> None:
    first, second = (compare_at(own, "Blind vote") for _ in range(2))
    assert page(first) == page(second)
    press(first, "Row A")
    assert page(first) != page(second)
    press(second, "Row B")
    assert page(first) == page(second)
    stored = votes.votes_on(Store.open(own), fingerprint(own))
    assert len({vote.row for vote in stored}) == 1
    assert len({vote.choice for vote in stored}) == 2
    reveal(second)
    assert "Votes of 2 people" in texts(second)


def test_where_votes_cannot_be_stored_they_count_and_that_is_said(
    compare_at, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bool:
        raise StoreError("the run store cannot be written: read-only.")

    monkeypatch.setattr(blind_vote.votes, "keep", refuse)
    app = compare_at(own, "Blind vote")
    press(app, "Row A")
    assert "1 of " in texts(app)
    assert "cannot be stored" in texts(app)
    reveal(app)
    assert "preferred in 1 of 1" in texts(app)


def test_stored_demo_runs_have_neighbours_too(compare_at, tmp_path: Path) -> None:
    app = compare_at(tmp_path, "Neighbours")
    assert "kept its embeddings" not in texts(app)
    (explained,) = [one for one in app.markdown if "its nearest neighbours" in one.value]
    assert "by cosine in the representation" in explained.help


def test_without_labels_the_page_opens_with_neighbours_and_the_vote(
    open_page: Open, own: Path
) -> None:
    images = np.random.default_rng(0).integers(0, 255, (40, 12, 12, 3)).astype(np.uint8)
    source, data = prepare_arrays(images, own)
    runs = [draw(own, data, task, source=source) for task in ("simclr", "rotation")]
    predicted = {("trained", "brightness"): 0.97, ("random init", "brightness"): 0.885}
    predicted |= {("trained", "colour"): 0.5, ("random init", "colour"): -0.25}
    shared = {"protocol": "nuisance probe", "metric": "r2", "representation": "h", "n": 4}
    rows = [
        {**shared, "features": kind, "target": target, "split": "validation"}
        | {"value": value, "low": value, "high": value}
        for (kind, target), value in predicted.items()
    ]
    Store.open(own).merge_summary(runs[0], {"validation_scores": rows})
    app = open_page(own, "compare", runs=",".join(runs), details="Scores")
    assert (
        "**SimCLR (seed 0)**: the features explain 97% of the differences in brightness and 50% "
        "of the differences in colour. The untrained encoder explains 88% and 0%."
    ) in texts(app)
    assert "**Rotation (seed 0)**: the features" not in texts(app)
    order = [element.type for element in app.main]
    first_html = order.index("html")
    assert order.index("multiselect") < first_html < order.index("table")
    assert "bidi_component" not in order[:first_html]
    assert page(app).count("untrained encoder") == 3
    assert [one.value for one in app.subheader] == ["What does each run find similar?"]
    assert "Row A" not in labels(app), "the vote is folded"
    voting = open_page(own, "compare", runs=",".join(runs), vote="true")
    assert "Row A" in labels(voting)
    shown = texts(app) + str([table.value for table in app.table])
    for wrong in ("on test samples", "indistinguishable", "test split", "Test scores"):
        assert wrong not in shown
    # Where there are labels, the table comes first.
    labelled = ",".join(row.id for row in Store.open(own).runs() if row.id not in runs)
    assert "<img" not in page(open_page(own, "compare", runs=labelled))


def test_four_runs_without_labels_share_a_sentence_and_a_short_sheet(
    open_page: Open, own: Path
) -> None:
    """Nothing that takes labels is offered."""
    images = np.random.default_rng(1).integers(0, 255, (40, 12, 12, 3)).astype(np.uint8)
    source, data = prepare_arrays(images, own)
    tasks = ("simclr", "rotation", "byol", "mae")
    runs = [draw(own, data, task, source=source) for task in tasks]
    store = Store.open(own)
    for number, run in enumerate(runs):
        rows = [
            {"protocol": "nuisance probe", "metric": "r2", "representation": "h", "n": 4}
            | {"features": kind, "target": "brightness", "split": "validation"}
            | {"value": value, "low": value, "high": value}
            for kind, value in (("trained", 0.6 + number / 10), ("random init", 0.5))
        ]
        store.merge_summary(run, {"validation_scores": rows})
        note = {"notes": [f"The map shows {number} directions."]}
        (paths.run_dir(own, run) / "map.json").write_text(json.dumps({"pca": note, "umap": note}))
    app = open_page(own, "compare", runs=",".join(runs), pair="true")
    sheet, *_ = [one for one in page(app).split("\n") if "untrained encoder" in one]
    assert sheet.count("untrained encoder") == 2, "two samples"
    assert sheet.count("<img") == 2 * (1 + 6 * 4), "six rows of four neighbours"
    assert (
        "The features of 4 runs explain 60% to 90% of the differences in brightness. "
        "Untrained encoders explain 50%."
    ) in texts(app)
    assert texts(app).count("the features explain") == 0
    notes = [one.value for one in app.caption if "The map shows" in one.value]
    assert [one.count("The map shows") for one in notes] == [4], "one caption"
    folded = [one.label for one in app.expander]
    assert "Two runs, sample by sample: what moved" in folded
    assert "Right in one, wrong in the other" not in texts(app)
    assert "Hide test scores" not in [one.label for one in app.toggle]
