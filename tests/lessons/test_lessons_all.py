"""Every lesson: complete, its runs stored with its configurations, its answer their numbers'."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from workbench import paths
from workbench.comparison.guard import readouts
from workbench.config import RunConfig
from workbench.engine.stored_illustrations import read_picture
from workbench.lessons import demo, evidence, glossary, lessons, run_numbers, seeds
from workbench.lessons.base import Lesson
from workbench.store.store import Store
from workbench.stored_runs.stored_run import StoredRun

HOME = paths.demo_home()
LESSONS = list(lessons().values())
# Records, some with other numbers.
Docs = dict[str, Any]


@pytest.fixture(scope="module")
def runs() -> list[StoredRun]:
    return [StoredRun(HOME, row, demo=True) for row in Store.open(HOME, read_only=True).runs()]


def docs_of(lesson: Lesson, runs: list[StoredRun]) -> Docs:
    found = evidence.stored_variants(lesson, runs)
    return {key: evidence.lesson_run(run, lesson.variant(key)) for key, run in found.items()}


def test_there_are_the_lessons_that_were_promised() -> None:
    assert [lesson.name for lesson in LESSONS] == [
        "collapse", "temperature", "augmentations", "rotation", "masking", "labels", "words",
        "pilot", "umap",
    ]  # fmt: skip
    assert [lesson.place for lesson in LESSONS] == list(range(1, len(LESSONS) + 1))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_is_complete(lesson: Lesson) -> None:
    keys = [variant.key for variant in lesson.variants]
    assert len(set(keys)) == len(keys)
    choices = [choice.key for choice in lesson.choices]
    assert 3 <= len(set(choices)) == len(choices)
    assert lesson.question.endswith("?")
    for block in lesson.blocks:
        assert set(block.keys) <= set(keys)
    if lesson.dial is not None:
        assert {*lesson.dial.values.values(), lesson.dial.reference} <= set(keys)
        assert lesson.dial.start in lesson.dial.values
    for text in lesson.idea:
        assert "[[" not in glossary.linked(text)
        assert set(glossary.words_in(text)) <= set(glossary.TERMS)
    # A number in a question or an idea is an option of a run, never a result.
    assert not re.search(r"\d ?%", " ".join((lesson.question, lesson.teaser)))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_configuration_is_valid_and_budgeted_in_steps(lesson: Lesson) -> None:
    for variant in lesson.variants:
        config = evidence.config_of(variant, HOME)
        assert config.budget.steps == variant.steps
        assert RunConfig.from_json(config.to_json()) == config
        other = evidence.config_of(variant, HOME, seed=77)
        assert other.seed == 77
        assert variant.seed < seeds.FIRST, "a class must not repeat a stored seed"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_what_a_class_pools_is_read_out_alike(lesson: Lesson) -> None:
    if lesson.pooled is None:
        return
    first, second = (lesson.variant(key) for key in lesson.pooled)
    assert (first.data, first.steps) == (second.data, second.steps)
    assert not demo.same_run(first, second)
    # Families with different readouts cannot be compared by the neighbours' accuracy alone.
    pair: Any = [{"config": {"task": variant.task}} for variant in (first, second)]
    assert len(readouts(pair)) == 1


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_the_stored_runs_are_there_and_bear_out_one_of_the_choices(
    lesson: Lesson, runs: list[StoredRun]
) -> None:
    docs = docs_of(lesson, runs)
    assert set(docs) == {variant.key for variant in lesson.variants}
    assert {doc["status"] for doc in docs.values()} == {"finished"}
    assert {doc["name"] for doc in docs.values()} == {variant.name for variant in lesson.variants}
    answer = lesson.answer(docs)
    assert lesson.choice(answer.right) is not None
    assert re.search(r"\d", answer.because)
    assert all(line.strip() for line in answer.more)
    assert "Not shown" in answer.limits


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_the_numbers_in_the_text_are_those_of_the_runs(
    lesson: Lesson, runs: list[StoredRun]
) -> None:
    """Other scores, curves and maps: another sentence."""
    docs = docs_of(lesson, runs)
    other = copy.deepcopy(docs)
    for doc in other.values():
        for row in (*doc["scores"], *doc["gains"]):
            for name in ("value", "low", "high"):
                row[name] = row[name] / 2
        doc["curves"] = {name: [(s, v / 2) for s, v in c] for name, c in doc["curves"].items()}
        if "again" in doc["maps"]:
            doc["maps"]["again"]["overlap"] /= 2
    assert lesson.answer(other).because != lesson.answer(docs).because


def changed(docs: Docs, key: str, value: float, *, target: str | None = None) -> Docs:
    """The documents with one run's trained scores (of one target) at ``value``."""
    out = copy.deepcopy(docs)
    for row in out[key]["scores"]:
        if row["features"] == "trained" and target in (None, row["target"]):
            row |= {"value": value, "low": value - 0.01, "high": value + 0.01}
    return out


def test_the_right_choice_follows_the_numbers(runs: list[StoredRun]) -> None:
    collapse = docs_of(lessons()["collapse"], runs)
    fine = copy.deepcopy(collapse)
    fine["without"]["verdict"]["label"] = "no sign of collapse"
    assert lessons()["collapse"].answer(fine).right == "better"
    fine["without"]["curves"]["loss"] = [(1, 5.0)]
    assert lessons()["collapse"].answer(fine).right == "higher"

    words = docs_of(lessons()["words"], runs)
    assert lessons()["words"].answer(changed(words, "halves", 0.999)).right == "pretrained"
    assert lessons()["words"].answer(changed(words, "halves", 0.01)).right == "tfidf"

    masking = docs_of(lessons()["masking"], runs)
    for key, right in (("r10", "little"), ("r50", "middle"), ("r90", "much")):
        assert lessons()["masking"].answer(changed(masking, key, 0.99)).right == right
    level = masking
    for key in masking:
        level = changed(level, key, 0.5)
    assert lessons()["masking"].answer(level).right == "open"

    rotation = docs_of(lessons()["rotation"], runs)
    for gained, right in ((0.5, "shapes"), (-0.5, "digits")):
        row = {"value": gained, "low": gained - 0.1, "high": gained + 0.1}
        rotation["plain"]["gains"][0] |= row
        assert lessons()["rotation"].answer(rotation).right == right
    rotation["plain"]["gains"] = copy.deepcopy(rotation["digits"]["gains"])
    for named, opening in ((1.0, "did not bring"), (0.0, "did not bring")):
        rotation["plain"]["curves"]["accuracy"] = [(1, named)]
        answer = lessons()["rotation"].answer(rotation)
        assert answer.right == "same"
        assert opening in answer.more[0]
    for named, opening in ((1.0, "gained more"), (0.0, "gained less")):
        rotation["plain"]["curves"]["accuracy"] = [(1, named)]
        rotation["plain"]["gains"][0] |= {"value": 0.5, "low": 0.4, "high": 0.6}
        assert opening in lessons()["rotation"].answer(rotation).more[0]

    shares = docs_of(lessons()["umap"], runs)
    for share, right in ((0.95, "all"), (0.6, "most"), (0.3, "few")):
        shares["twice"]["maps"]["again"]["overlap"] = share
        assert lessons()["umap"].answer(shares).right == right


def test_a_score_has_the_accuracy_of_a_guess_beside_it(runs: list[StoredRun]) -> None:
    """84 % of ten digits is much for a guess and little for a trained encoder."""
    for lesson, guess in {
        "collapse": "10%", "temperature": "10%", "augmentations": "17%", "rotation": "12%",
        "masking": "12%", "labels": "12%", "words": "8%", "umap": "10%",
    }.items():  # fmt: skip
        answer = lessons()[lesson].answer(docs_of(lessons()[lesson], runs))
        text = " ".join((answer.because, *answer.more))
        assert f"Guessing gives {guess}." in text, lesson


def test_maps_are_coloured_by_what_the_lesson_is_about(runs: list[StoredRun]) -> None:
    (block,) = [one for one in lessons()["augmentations"].blocks if one.kind == "maps"]
    assert block.colour == "colour"
    for lesson in LESSONS:
        for block in lesson.blocks:
            for run in docs_of(lesson, runs).values() if block.colour else ():
                assert block.colour in run["classes"]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_has_a_picture_of_its_task(lesson: Lesson) -> None:
    drawn = read_picture(HOME, lesson.name)
    assert drawn is not None
    assert drawn["question"].endswith("?")
    assert len(drawn["rows"]) == len(lesson.pictured)
    for row in drawn["rows"]:
        shown = [panel["image"] is not None or panel["tokens"] for panel in row]
        assert len(shown) >= 2
        assert all(shown)


def test_all_data_that_a_question_is_about_are_pictured() -> None:
    """Nobody can predict on shapes that were never shown."""
    rotation = lessons()["rotation"]
    assert [one.data for one in rotation.pictured] == ["sample:digits", "sample:shapes"]


def test_the_first_lesson_does_not_answer_its_own_question() -> None:
    lesson = lessons()["collapse"]
    before = " ".join((*lesson.idea, lesson.brief)).lower()
    assert "prevent" not in before


def test_a_class_is_told_where_its_seeds_ask_something_else() -> None:
    lesson = lessons()["temperature"]
    assert lesson.pooled == ("t0.1", "t0.5")
    assert "a class's own seeds compare 0.1 with 0.5" in lesson.brief


def test_the_sound_run_of_the_first_lesson_looks_sound(runs: list[StoredRun]) -> None:
    sound = docs_of(lessons()["collapse"], runs)["with"]
    assert sound["verdict"]["label"] == "no sign of collapse"
    assert run_numbers.gain(sound)["low"] > 0


def test_the_demo_holds_what_is_declared_and_nothing_else(runs: list[StoredRun]) -> None:
    declared = demo.all_variants()
    configs = [evidence.config_of(variant, HOME).digest() for variant in declared]
    assert len(set(configs)) == len(configs), "two declared runs are one run"
    assert {RunConfig.from_json(run.config).digest() for run in runs} == set(configs)
    assert [run.row.experiment for run in runs if run.row.experiment == demo.START] == [
        demo.START
    ] * len(demo.QUIZ)
    size = sum(path.stat().st_size for path in HOME.rglob("*") if path.is_file())
    assert size < 12e6
    assert not list(HOME.rglob("encoder.safetensors"))
    assert not [path for path in HOME.rglob("*") if path.name.startswith("store.db-")]
