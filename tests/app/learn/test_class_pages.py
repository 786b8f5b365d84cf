"""A class: the teacher leads, students and the projector follow, everything can start again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from page_reading import html, labels, press, texts
from streamlit.testing.v1 import AppTest

from workbench import paths
from workbench.app import class_entry, settings
from workbench.app.learn import class_link
from workbench.lessons import (
    class_state,
    class_wait,
    glossary,
    lessons,
    predictions,
    seeds,
    stored_seeds,
)
from workbench.store.store import Store

Open = Callable[..., AppTest]
GROUP = "Tuesday"


def test_the_class_follows_its_teacher(open_page: Open, tmp_path: Path) -> None:
    student = open_page(tmp_path, "learn", view="student", **{"class": GROUP})
    assert "Wait here" in texts(student)
    teacher = open_page(tmp_path, "learn", view="class", lesson="collapse", **{"class": GROUP})
    teacher = press(teacher, "Ask the class")
    assert "The class sees this question now" in texts(teacher)

    student = student.run()
    assert lessons()["collapse"].title in texts(student)
    assert lessons()["collapse"].brief in texts(student), "what one must know to predict"
    for word in ("stop-gradient", "loss", "seed", "collapse check"):
        assert glossary.TERMS[word] in texts(student)
    assert "Show the answer" not in labels(student), "the teacher shows it"
    (radio,) = student.radio
    student = radio.set_value("collapsed").run()
    assert "The stored runs say" not in texts(student)
    projector = open_page(tmp_path, "learn", view="projector", **{"class": GROUP})
    assert lessons()["collapse"].question in texts(projector)
    assert lessons()["collapse"].brief in texts(projector)
    assert "1 predicted." in texts(projector)
    assert all(choice.text in texts(projector) for choice in lessons()["collapse"].choices)
    assert not projector.get("plotly_chart"), "what others chose would give the answer away"

    teacher = press(teacher, "Show the class the answer")
    assert "The class sees the answer now" in texts(teacher)
    assert "Show me the answer" not in str([one.label for one in teacher.toggle])
    for page in (student.run(), projector.run()):
        assert "The stored runs say" in texts(page)
    assert projector.get("plotly_chart")
    (one,) = predictions.all_predictions(Store.open(tmp_path), "collapse", GROUP)
    assert one.revealed
    following = class_state.following("collapse")
    assert following is not None
    press(teacher, f"Next: {following.title}")
    assert following.title in texts(student.run())


@pytest.mark.parametrize("view", ["class", "projector"])
def test_no_chart_of_zeros_stands_before_the_first_prediction(
    open_page: Open, tmp_path: Path, view: str
) -> None:
    store = Store.open(tmp_path)
    class_state.put(store, GROUP, "collapse")
    query = {"view": view, "lesson": "collapse", "class": GROUP}
    app = open_page(tmp_path, "learn", **query)
    assert "Nobody has predicted yet." in texts(app)
    assert not app.get("plotly_chart")
    predictions.predict(store, "collapse", "ada", "higher", GROUP)
    class_state.put(store, GROUP, "collapse", "answer")
    app = app.run()
    assert app.get("plotly_chart")
    assert "1 predicted; 0 have seen the answer." in texts(app)


def test_who_missed_the_question_sees_the_answer_and_cannot_answer(
    open_page: Open, tmp_path: Path
) -> None:
    class_state.put(Store.open(tmp_path), GROUP, "umap", "answer")
    student = open_page(tmp_path, "learn", view="student", **{"class": GROUP})
    assert "**The answer.** The stored runs say" in texts(student)
    (radio,) = student.radio
    assert radio.disabled


@pytest.mark.parametrize("view", ["student", "projector"])
def test_students_and_projector_have_no_menu(open_page: Open, tmp_path: Path, view: str) -> None:
    app = open_page(tmp_path, "learn", view=view, **{"class": GROUP})
    assert not app.sidebar.get("button")
    assert "Stored on the computer that runs this app" in texts(app) or view == "projector"


def test_only_the_teacher_leads(open_page: Open, tmp_path: Path) -> None:
    query = {"view": "class", "lesson": "collapse", "class": GROUP}
    app = open_page(tmp_path, "learn", host="0.0.0.0", **query)
    assert "Only the teacher leads" in texts(app)
    assert all(one.disabled for one in app.button if (one.key or "").startswith("lead-"))


def test_the_teacher_enters_the_token_on_the_class_page(open_page: Open, tmp_path: Path) -> None:
    query = {"view": "class", "lesson": "collapse", "class": GROUP}
    app = open_page(tmp_path, "learn", host="0.0.0.0", **query)
    settings.use(settings.AppSettings(tmp_path, "0.0.0.0", token="right"))
    for token, leads in (("wrong", False), ("right", True)):
        (field,) = [box for box in app.main.text_input if box.label == "Token"]
        field.set_value(token)
        app = press(app, "Lead this class")
        assert ("This is not the token." in texts(app)) is not leads
        assert any(one.label == "Ask the class" and one.disabled for one in app.button) is not leads
    assert not [box for box in app.main.text_input if box.label == "Token"]
    assert "The class sees this question now" in texts(press(app, "Ask the class"))


def test_start_leads_to_the_class_page_by_one_command(open_page: Open, tmp_path: Path) -> None:
    app = open_page(tmp_path, "start")
    assert class_entry.COMMAND in texts(app)
    assert f"--home {tmp_path}" in texts(app), "the home that it was started with"
    (name,) = [box for box in app.main.text_input if box.label == "Class"]
    name.set_value(GROUP)
    app = press(app, "Open the class page")
    assert [title.value for title in app.title] == ["Class page"]
    assert class_entry.COMMAND in texts(app), "nobody reaches this app"


def test_a_class_starts_again(open_page: Open, tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    for group in (GROUP, "Friday"):
        predictions.predict(store, "collapse", f"ada {group}", "higher", group)
        predictions.reveal(store, "collapse", f"ada {group}")
        seeds.claim(store, group, "collapse", "ada")
    name = seeds.experiment(GROUP, "collapse")
    waits = store.add_run({"task": "simsiam"}, digest="d", experiment=name)
    trains = store.add_run({"task": "simsiam"}, digest="e", experiment=name)
    store.update(trains, state="running", started=1.0)
    class_state.put(store, GROUP, "collapse", "answer")
    class_state.set_fill(store, GROUP, "collapse", True)
    query = {"view": "class", "lesson": "collapse", "class": GROUP}
    press(open_page(tmp_path, "learn", **query), "Delete them")
    assert not predictions.all_predictions(store, "collapse", GROUP)
    assert not seeds.all_seeds(store, GROUP, "collapse")
    assert len(predictions.all_predictions(store, "collapse", "Friday")) == 1
    assert seeds.all_seeds(store, "Friday", "collapse")
    assert class_state.state_of(store, GROUP).stage == "predict"
    assert not class_state.fills(store, GROUP, "collapse")
    assert [store.run(one).state for one in (waits, trains)] == ["stopped", "running"]
    again = seeds.claim(store, GROUP, "collapse", "bob")
    assert again == seeds.FIRST + 1, "not the seed whose runs another has made"
    assert seeds.claim(store, "Friday", "collapse", "bob") == seeds.FIRST + 1


def test_a_student_chooses_anew_after_a_reset(open_page: Open, tmp_path: Path) -> None:
    """An old choice that still seemed chosen could not be given again."""
    store = Store.open(tmp_path)
    class_state.put(store, GROUP, "collapse")
    student = open_page(tmp_path, "learn", view="student", **{"class": GROUP})
    student = student.radio[0].set_value("higher").run()
    assert len(predictions.all_predictions(store, "collapse", GROUP)) == 1
    class_state.reset(store, GROUP, "collapse")
    student = student.run()
    assert student.radio[0].value is None
    student.radio[0].set_value("higher").run()
    (one,) = predictions.all_predictions(store, "collapse", GROUP)
    assert one.choice == "higher"


def test_a_switch_of_one_lesson_leaves_the_open_question_alone(
    open_page: Open, tmp_path: Path
) -> None:
    store = Store.open(tmp_path)
    class_state.put(store, GROUP, "temperature")
    query = {"view": "class", "lesson": "collapse", "class": GROUP}
    app = open_page(tmp_path, "learn", **query)
    assert f"The class is at: {lessons()['temperature'].title}." in texts(app)
    (toggle,) = [one for one in app.toggle if one.label.startswith("Fill up")]
    toggle.set_value(True).run()
    assert class_state.state_of(store, GROUP).lesson == "temperature"
    assert class_state.fills(store, GROUP, "collapse")
    others = open_page(tmp_path, "learn", **(query | {"lesson": "temperature"}))
    stored = stored_seeds.stored_pairs(paths.demo_home(), lessons()["temperature"])[0]
    shown = any(one.label.startswith("Fill up") for one in others.toggle)
    assert shown is bool(stored), "nothing to fill up with"


def test_a_state_of_an_older_version_is_read(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    old = {"lesson": "collapse", "stage": "answer", "fill": True, "at": 5.0}
    store.set_setting(f"class/{GROUP.casefold()}", old)
    assert class_state.state_of(store, GROUP) == class_state.ClassState("collapse", "answer", 5.0)


def test_tallies_are_counted_without_names(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    for voter, choice in (("ada", "higher"), ("bob", "collapsed"), ("cyd", "collapsed")):
        predictions.predict(store, "collapse", voter, choice, GROUP)
    text = class_state.tally_csv(store, GROUP, [lessons()["collapse"]])
    assert [line.rsplit(",", 2)[1:] for line in text.splitlines()[1:]] == [
        ["1", "0.333"],
        ["0", "0.000"],
        ["2", "0.667"],
    ]
    assert "ada" not in text


def test_an_app_that_nobody_reaches_says_what_to_do(open_page: Open, tmp_path: Path) -> None:
    query = {"view": "class", "lesson": "collapse", "class": GROUP}
    app = open_page(tmp_path, "learn", **query)
    assert "workbench app --host 0.0.0.0 --room auto" in texts(app)


def test_the_link_has_the_network_address_and_a_code(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_link, "network_address", lambda: "192.168.7.5")
    app = open_page(tmp_path, "learn", host="0.0.0.0", view="projector", **{"class": GROUP})
    (link,) = [code.value for code in app.code]
    assert link.startswith("http://192.168.7.5:")
    assert link.endswith("/learn?class=Tuesday&view=student")
    assert '<img alt="QR code of the link" src="data:image/png;base64,' in html(app)
    monkeypatch.setattr(class_link, "network_address", lambda: None)
    assert "no network address" in texts(app.run())


def test_the_wait_is_told_from_the_runs_of_the_class(tmp_path: Path) -> None:
    store, lesson = Store.open(tmp_path), lessons()["pilot"]
    assert "Run one seed first" in class_wait.forecast(
        class_wait.seconds_a_run(store, GROUP, lesson), 15
    )
    name = seeds.experiment(GROUP, lesson.name)
    for seconds in (14.0, 15.0, 40.0):
        run_id = store.add_run({"task": "simclr"}, digest="d", experiment=name)
        store.update(run_id, state="finished", started=10.0, ended=10.0 + seconds)
    seconds = class_wait.seconds_a_run(store, GROUP, lesson)
    assert seconds == 15.0
    said = class_wait.forecast(seconds, 15)
    assert said.startswith("30 students: 60 runs, about 15 minutes here.")
    assert "about 20 of 30 seeds are done. 15 stored runs can stand in" in said
    assert "stored runs" not in class_wait.forecast(5.0, 15)
    assert "stored runs" not in class_wait.forecast(seconds, 0)
    assert class_wait.wait(15.0, 8) == "about 2 minutes until it has finished"


def test_the_wait_is_known_while_the_first_run_trains(tmp_path: Path) -> None:
    store, lesson = Store.open(tmp_path), lessons()["pilot"]
    name = seeds.experiment(GROUP, lesson.name)
    run_id = store.add_run({"task": "simclr"}, digest="d", experiment=name)
    assert class_wait.is_measuring(store, GROUP, lesson)
    store.update(run_id, state="running", started=time.time() - 20)
    store.heartbeat(run_id, "training", 0.5, eta_seconds=25.0)
    assert class_wait.seconds_a_run(store, GROUP, lesson) == pytest.approx(45, abs=3)


def test_a_teacher_measures_the_wait_on_the_class_page(open_page: Open, tmp_path: Path) -> None:
    query = {"view": "class", "lesson": "pilot", "class": GROUP}
    app = press(open_page(tmp_path, "learn", **query), "Run one seed")
    assert "A seed runs. It tells how long 30 students wait." in texts(app)
    assert "Run one seed" not in labels(app)
    (seed,) = seeds.all_seeds(Store.open(tmp_path), GROUP, "pilot")
    rows = Store.open(tmp_path).runs(experiment=seeds.experiment(GROUP, "pilot"))
    assert [row.config["seed"] for row in rows] == [seed, seed]


@pytest.mark.parametrize("lesson", ["", "collapse"])
def test_the_class_page_opens_both_views_though_nobody_else_reaches_it(
    open_page: Open, tmp_path: Path, lesson: str
) -> None:
    query = {"view": "class", "class": GROUP} | ({"lesson": lesson} if lesson else {})
    app = open_page(tmp_path, "learn", **query)
    found = [one.proto.url for one in app.get("link_button")]
    assert found == ["?class=Tuesday&view=projector", "?class=Tuesday&view=student"]
    assert "Students cannot reach this app" in texts(app)
    assert not app.code, "no address that nobody reaches"


def test_stored_runs_stand_in_for_seeds_without_a_turn(open_page: Open, tmp_path: Path) -> None:
    lesson, store = lessons()["pilot"], Store.open(tmp_path)
    first, second = stored_seeds.stored_pairs(paths.demo_home(), lesson)
    assert len(first) == len(second) >= 6
    for number in range(7):
        seeds.claim(store, GROUP, lesson.name, f"student {number}")
    query = {"view": "class", "lesson": lesson.name, "class": GROUP}
    app = open_page(tmp_path, "learn", **query)
    assert "0 of 7 started seeds are done." in texts(app)
    assert "stored seeds" not in texts(app)
    (toggle,) = [one for one in app.toggle if one.label.startswith("Fill up")]
    app = toggle.set_value(True).run()
    assert "stored seeds stand in for students still waiting" in texts(app)
    assert "Mean of " in texts(app)
    assert class_state.fills(store, GROUP, lesson.name)
