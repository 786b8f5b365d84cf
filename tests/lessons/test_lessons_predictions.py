"""Predictions: kept, changed until one looks, counted; by several processes at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.errors import RequestError
from workbench.lessons import predictions
from workbench.lessons.base import Choice
from workbench.store.store import Store

CHOICES = (Choice("a", "A"), Choice("b", "B"))


def test_a_prediction_changes_until_the_answer_is_seen(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    assert predictions.prediction_of(store, "collapse", "ada") is None
    assert predictions.predict(store, "collapse", "ada", "a", "Tuesday")
    assert predictions.predict(store, "collapse", "Ada", "b", "Tuesday")
    known = predictions.prediction_of(store, "collapse", "ada")
    assert known is not None
    assert (known.choice, known.group, known.revealed) == ("b", "Tuesday", False)
    assert predictions.reveal(store, "collapse", "ada").choice == "b"
    assert not predictions.predict(store, "collapse", "ada", "a", "Tuesday")
    known = predictions.prediction_of(Store.open(tmp_path), "collapse", "ada")
    assert known is not None
    assert (known.choice, known.revealed) == ("b", True)
    assert predictions.prediction_of(store, "umap", "ada") is None


def test_who_predicted_nothing_sees_no_answer(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="nothing is predicted"):
        predictions.reveal(Store.open(tmp_path), "collapse", "ada")


def test_a_class_is_counted_without_the_others(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    for voter, choice, group in (
        ("ada", "a", "Tuesday"), ("bob", "b", "Tuesday"), ("~1f", "b", "Tuesday"),
        ("cyd", "a", "Friday"), ("dan", "gone", "Tuesday"),
    ):  # fmt: skip
        predictions.predict(store, "collapse", voter, choice, group)
    predictions.predict(store, "collapse-2", "eve", "a", "Tuesday")
    given = predictions.all_predictions(store, "collapse", "Tuesday")
    assert {one.voter for one in given} == {"ada", "bob", "~1f", "dan"}
    counted = predictions.count_choices(given, CHOICES)
    assert [(count.choice.key, count.votes) for count in counted] == [("a", 1), ("b", 2)]
    assert sum(count.share for count in counted) == pytest.approx(1)
    assert [count.share for count in predictions.count_choices([], CHOICES)] == [0, 0]


def test_a_name_given_later_takes_over_what_the_browser_predicted(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    predictions.predict(store, "collapse", "~1f", "a", "Tuesday")
    predictions.reveal(store, "collapse", "~1f")
    predictions.adopt(store, "collapse", "~1f", "Ada")
    (only,) = predictions.all_predictions(store, "collapse", "Tuesday")
    assert (only.voter, only.choice, only.revealed) == ("ada", "a", True)
    predictions.predict(store, "collapse", "~2e", "b", "Tuesday")
    predictions.adopt(store, "collapse", "~2e", "Ada")
    known = predictions.prediction_of(store, "collapse", "ada")
    assert known is not None
    assert known.choice == "a", "a prediction under the name stays"
    predictions.adopt(store, "umap", "~2e", "Ada")
    assert predictions.prediction_of(store, "umap", "ada") is None


def test_keys_fit_into_the_store() -> None:
    assert len(predictions._key("prediction", "augmentations", "é" * 30)) <= 120


PREDICT = """
import sys
from pathlib import Path
from workbench.lessons import predictions
from workbench.store.store import Store
store, me = Store.open(Path(sys.argv[1])), sys.argv[2]
for turn in range(12):
    predictions.predict(store, "collapse", f"student {me}", "ab"[turn % 2], "Tuesday")
predictions.predict(store, "collapse", f"student {me}", "a", "Tuesday")
predictions.predict(store, "collapse", "together", "ab"[int(me) % 2], "Tuesday")
predictions.reveal(store, "collapse", "together")
predictions.predict(store, "collapse", "together", "c", "Tuesday")
print(predictions.prediction_of(store, "collapse", "together").choice)
"""


def test_students_in_processes_of_their_own_lose_nothing(tmp_path: Path) -> None:
    Store.open(tmp_path)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PREDICT, str(tmp_path), str(number)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(5)
    ]
    printed = [process.communicate(timeout=120)[0].strip() for process in started]
    assert [process.returncode for process in started] == [0] * 5
    given = predictions.all_predictions(Store.open(tmp_path), "collapse", "Tuesday")
    assert {one.voter for one in given} == {*(f"student {n}" for n in range(5)), "together"}
    assert {one.choice for one in given if one.voter != "together"} == {"a"}
    # One person in five windows looks once: what was predicted then stays, and all see that.
    assert len(set(printed)) == 1
    assert printed[0] in "ab"
