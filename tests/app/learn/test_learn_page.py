"""Learn: every lesson before, after each choice, and revealed; hidden controls; a class."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import page_reading
import pytest
from page_reading import labels, press
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.app.learn import class_link, lesson_answer
from workbench.app.shared import session
from workbench.lessons import lessons, predictions, seeds
from workbench.lessons.base import Lesson
from workbench.store.store import Store

LESSONS = list(lessons().values())
Open = Callable[..., AppTest]


@pytest.fixture
def opened(open_page: Open, tmp_path: Path) -> Open:
    """Opens the Learn page at an address, on a home without runs."""
    return partial(open_page, tmp_path, "learn")


def texts(app: AppTest) -> str:
    """With the numbers of tables and charts."""
    found = [page_reading.texts(app)]
    found += [str(table.value) for table in app.table]
    found += [str(chart.proto) for chart in app.get("plotly_chart")]
    return "\n".join(found)


def choose(app: AppTest, lesson: Lesson, key: str) -> AppTest:
    (radio,) = [radio for radio in app.radio if radio.key == f"predict-{lesson.name}"]
    return radio.set_value(key).run()


def answer_of(lesson: Lesson) -> Any:
    records, _ = lesson_answer.stored_runs_of(lesson)
    return lesson.answer(records)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_is_predicted_first_and_then_revealed(opened: Open, lesson: Lesson) -> None:
    answer = answer_of(lesson)
    secrets = [answer.because, *answer.more, answer.limits, "The stored runs say"]
    app = opened(lesson=lesson.name)
    assert not app.exception
    assert [title.value for title in app.title] == [lesson.title]
    (show,) = [button for button in app.button if button.label == "Show the answer"]
    assert show.disabled
    for choice in lesson.choices:
        app = choose(app, lesson, choice.key)
        assert not app.exception
        said = texts(app)
        assert not [secret for secret in secrets if secret in said], "the answer is on the page"
        assert not app.get("plotly_chart")
        assert not app.table
        known = predictions.all_predictions(session.store(), lesson.name)
        assert [one.choice for one in known] == [choice.key]
    app = press(app, "Show the answer")
    assert not app.error
    assert not app.warning
    said = texts(app)
    for secret in secrets:
        assert secret in said
    predicted = lesson.choices[-1].key == answer.right
    assert ("As you predicted" if predicted else "Not as you predicted") in said
    (radio,) = [radio for radio in app.radio if radio.key == f"predict-{lesson.name}"]
    assert radio.disabled
    assert any(label.startswith("Run ") and label.endswith(" anew") for label in labels(app))
    if lesson.dial is not None:
        (dial,) = [one for one in app.select_slider if one.label == lesson.dial.label]
        for value in lesson.dial.values:
            assert not dial.set_value(value).run().exception


@pytest.mark.parametrize("hide", ["launch", "options", "answer", "seed", "list"])
def test_a_teacher_leaves_controls_out(opened: Open, hide: str) -> None:
    lesson = lessons()["temperature"]
    app = opened(lesson=lesson.name, hide=hide, **{"class": "Tuesday"})
    app = choose(app, lesson, "same")
    if hide != "answer":
        app = press(app, "Show the answer")
    assert not app.exception
    shown = labels(app)
    controls = {
        "launch": any(label.endswith(" anew") for label in shown),
        "options": any(one.label == "Temperature" for one in app.select_slider),
        "answer": "What the runs show" in texts(app),
        "seed": "Run my seed" in shown,
        "list": "All lessons" in shown,
    }
    gone = {hide} if hide != "answer" else {"answer", "launch", "options"}
    assert {name for name, there in controls.items() if not there} == gone


@pytest.mark.parametrize(
    "query",
    [
        {"lesson": "nothing"},
        {"lesson": "../../etc"},
        {"lesson": "collapse", "hide": "<script>", "class": "<b>"},
        {"lesson": "temperature", "dial": "seven", "map": "none"},
        {"view": "class"},
        {"view": "class", "class": "x" * 99},
        {"view": "words"},
        {"view": "class", "class": "Tuesday", "lesson": "nothing"},
    ],
)
def test_anything_may_stand_in_the_address(opened: Open, query: dict[str, str]) -> None:
    app = opened(**query)
    assert not app.exception
    assert len(app.title) == 1
    if query.get("lesson") == "nothing" and "view" not in query:
        assert "There is no lesson 'nothing'" in texts(app)
        assert labels(app).count("Open") == len(LESSONS)


def test_a_lesson_whose_stored_runs_are_gone_says_so(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "packaged_runs", lambda: ())
    app = choose(opened(lesson="umap"), lessons()["umap"], "few")
    app = press(app, "Show the answer")
    assert not app.exception
    assert "no answer is read off them" in texts(app)


def test_the_class_page_counts_and_names_nobody(opened: Open, tmp_path: Path) -> None:
    lesson = lessons()["collapse"]
    store = Store.open(tmp_path)
    for voter, key in (("ada", "higher"), ("bob", "collapsed"), ("cyd", "collapsed")):
        predictions.predict(store, lesson.name, voter, key, "Tuesday")
    predictions.predict(store, lesson.name, "dan", "better", "Friday")
    predictions.reveal(store, lesson.name, "cyd")
    app = opened(view="class", **{"class": "Tuesday"})
    assert "3 predicted, 1 saw the answer" in texts(app)
    app = opened(lesson=lesson.name, view="class", **{"class": "Tuesday"})
    assert not app.exception
    said = texts(app)
    assert "3 predicted; 1 has seen the answer" in said
    assert "the model collapses. 2" in said, "the chart's own words"
    assert not [name for name in ("ada", "bob", "cyd", "dan") if name in said]
    assert "The stored runs say" not in said
    (toggle,) = [
        one for one in app.toggle if one.label == "Show me the answer (the class does not see it)"
    ]
    assert "The stored runs say" in texts(toggle.set_value(True).run())


def test_a_teacher_leaves_controls_out_of_a_link(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_link, "network_address", lambda: "192.168.7.5")
    app = opened(host="0.0.0.0", lesson="collapse", view="class", **{"class": "Tuesday"})
    (hide,) = [one for one in app.multiselect if one.label == "Leave out"]
    app = hide.set_value(["launch"]).run()
    assert any("?lesson=collapse&class=Tuesday&hide=launch" in code.value for code in app.code)


@pytest.mark.parametrize("name", ["augmentations", "rotation"])
def test_the_shape_is_called_shape_in_the_table_of_factors(opened: Open, name: str) -> None:
    lesson = lessons()[name]
    app = press(choose(opened(lesson=name), lesson, lesson.choices[0].key), "Show the answer")
    said = texts(app)
    assert ": shape " in said
    assert ": label " not in said
    assert "gain over untrained, in points" in said


@pytest.fixture
def class_home(home: Path) -> Path:
    """A home in which two students have claimed a seed, and one's runs have finished."""
    from workbench.app.learn.seed import pair
    from workbench.jobs import launch

    lesson, store = lessons()["collapse"], Store.open(home)
    for voter in ("ada", "bob"):
        seeds.claim(store, "Tuesday", lesson.name, voter)
    row = {"protocol": "knn", "metric": "accuracy", "over": "random init", "target": "label"}
    row |= {"n": 300, "split": "test", "features": "trained", "representation": "h"}
    for config, value in zip(pair(lesson, seeds.FIRST), (0.05, 0.02), strict=True):
        run_id = store.add_run(config.to_json(), digest=launch.request_digest(config))
        store.update(run_id, state="finished", started=1.0, ended=2.0)
        found = {**row, "value": value, "low": value - 0.02, "high": value + 0.02}
        store.merge_summary(run_id, {"scores": [found], "gains": [found]})
    return home


def test_the_class_page_pools_the_seeds_that_have_finished(
    open_page: Open, class_home: Path
) -> None:
    query = {"lesson": "collapse", "class": "Tuesday", "view": "class"}
    app = open_page(class_home, "learn", **query)
    said = texts(app)
    assert "1 of 2 started seeds are done." in said
    assert "+3.0 points" in said
    assert "It may be luck." in said


def test_my_seed_is_run_and_kept(opened: Open, tmp_path: Path) -> None:
    from workbench.jobs import supervisor

    lesson = lessons()["collapse"]
    with supervisor._lock(tmp_path).acquire(timeout=5):
        app = opened(lesson=lesson.name, **{"class": "Tuesday"})
        app = press(app, "Run my seed")
        assert not app.exception
        assert not app.error
        assert f"Your seed is **{seeds.FIRST}**" in texts(app)
        rows = Store.open(tmp_path).runs()
        assert {row.config["seed"] for row in rows} == {seeds.FIRST}
        assert {row.experiment for row in rows} == {seeds.experiment("Tuesday", lesson.name)}
        assert len(rows) == 2
        assert "Run my seed" not in labels(app.run())
        assert len(Store.open(tmp_path).runs()) == 2


def test_run_anew_launches_the_very_same_configurations_once(opened: Open, tmp_path: Path) -> None:
    from workbench.jobs import supervisor
    from workbench.lessons import evidence

    lesson = lessons()["collapse"]
    with supervisor._lock(tmp_path).acquire(timeout=5):
        app = press(choose(opened(lesson=lesson.name), lesson, "higher"), "Show the answer")
        app = press(app, f"Run {len(lesson.variants)} runs anew")
        assert not app.exception
        assert not app.error
        assert not any(label.endswith(" anew") for label in labels(app)), "they are on their way"
        wanted = [evidence.config_of(v, paths.demo_home()).to_json() for v in lesson.variants]
        rows = Store.open(tmp_path).runs()
        assert sorted(map(str, wanted)) == sorted(str(dict(row.config)) for row in rows)
        assert {row.experiment for row in rows} == {"lesson-collapse"}


def test_finished_runs_stand_beside_the_stored_ones(opened: Open, tmp_path: Path) -> None:
    """Copies of stored runs, as if they had been made here."""
    from workbench.jobs import launch
    from workbench.lessons import evidence

    lesson, demo, store = lessons()["collapse"], paths.demo_home(), Store.open(tmp_path)
    known = evidence.stored_variants(lesson, session.packaged_runs())
    for variant in lesson.variants:
        row, config = known[variant.key].row, evidence.config_of(variant, demo)
        run_id = store.add_run(config.to_json(), digest=launch.request_digest(config))
        store.update(run_id, state="finished", started=1.0, ended=2.0)
        store.merge_summary(run_id, dict(row.summary))
        points = Store.open(demo, read_only=True).metrics(row.id)
        store.write_metrics(run_id, [(n, s, v) for n, curve in points.items() for s, v in curve])
        shutil.copytree(paths.run_dir(demo, row.id), paths.run_dir(tmp_path, run_id))
    app = press(choose(opened(lesson=lesson.name), lesson, "higher"), "Show the answer")
    assert not app.exception
    assert f"Your runs say: {lesson.choice(answer_of(lesson).right).text}" in texts(app)
    beside = next(table.value for table in app.table if "here" in table.value.columns)
    assert list(beside["here"]) == list(beside["stored"])
    assert "Compare these runs in full" in labels(app)


def test_another_browsers_runs_are_not_called_yours(opened: Open, tmp_path: Path) -> None:
    """Runs of one configuration are shared, whoever made them; the sentence says whose they are."""
    from workbench.app.learn import new_runs

    store = Store.open(tmp_path)
    for owner in ("", "~0123456789abcdef"):
        store.add_run({"task": "simclr", "seed": 0}, digest="d", owner=owner)
    opened()
    own, foreign = (row for row in sorted(store.runs(), key=lambda row: row.owner))
    assert new_runs._whose([own]) == "Your runs"
    assert new_runs._whose([own, foreign]) == "Runs made on this server"
