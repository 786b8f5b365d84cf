"""A lesson in a class, in two browsers: predict, reload, reveal; the teacher sees it counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from workbench.lessons import predictions
from workbench.store.store import Store

pytestmark = pytest.mark.browser
_PAGE_MS = 60_000


def test_a_student_predicts_and_the_class_page_counts(
    shared_app: Any, open_page: Callable[..., Page]
) -> None:
    requests: list[str] = []
    teacher = open_page(
        f"{shared_app.url}/learn?lesson=umap&class=Tuesday&view=class", stranger=True
    )
    # A first page on a busy machine.
    expect(teacher.get_by_text("Nobody has predicted yet.")).to_be_visible(timeout=_PAGE_MS)

    address = f"{shared_app.url}/learn?lesson=umap&class=Tuesday&hide=launch"
    student = open_page(address, requests, stranger=True)
    show = student.get_by_role("button", name="Show the answer")
    expect(show).to_be_disabled(timeout=_PAGE_MS)
    expect(student.locator("canvas")).to_have_count(0)
    student.get_by_text("Half of them or fewer.").click()
    expect(show).to_be_enabled()
    # The class page ticks by itself; nobody touches it.
    expect(teacher.get_by_text("1 predicted; 0 have seen")).to_be_visible(timeout=_PAGE_MS)

    # The browser is known again: its cookie is written by a script after the page was drawn.
    student.wait_for_function("document.cookie.includes('workbench-visitor')")
    student.reload()
    chosen = student.get_by_role("radio", name="Half of them or fewer.")
    expect(chosen).to_be_checked(timeout=_PAGE_MS)
    student.get_by_text("Nearly all: it is the same run.").click()
    expect(student.get_by_text("You can change it until you look")).to_be_visible()
    show.click()
    expect(student.get_by_text("The stored runs say").first).to_be_visible(timeout=_PAGE_MS)
    expect(student.get_by_text("Unrelated maps would share")).to_be_visible()
    expect(student.locator("canvas").first).to_be_visible()
    expect(student.get_by_role("button", name="runs anew")).to_have_count(0)
    expect(teacher.get_by_text("1 predicted; 1 has seen")).to_be_visible(timeout=_PAGE_MS)

    (only,) = predictions.all_predictions(Store.open(shared_app.home), "umap", "Tuesday")
    assert (only.choice, only.revealed) == ("all", True)
    assert only.voter.startswith("~")
    assert {url.split("/")[2].split(":")[0] for url in requests if url.startswith("http")} == {
        "127.0.0.1"
    }


def test_student_and_projector_follow_the_teacher(
    shared_app: Any, open_page: Callable[..., Page]
) -> None:
    """Nobody touches the student's page but to answer: it goes on when the teacher does."""
    student = open_page(f"{shared_app.url}/learn?class=Friday&view=student", stranger=True)
    expect(student.get_by_text("Wait here.")).to_be_visible(timeout=_PAGE_MS)
    expect(student.get_by_test_id("stSidebar")).to_have_count(0)
    teacher = open_page(f"{shared_app.url}/learn?class=Friday&view=class&lesson=rotation")
    teacher.get_by_role("button", name="Ask the class").click()
    student.get_by_text("The shapes.").click(timeout=_PAGE_MS)
    expect(teacher.get_by_text("1 predicted; 0 have seen")).to_be_visible(timeout=_PAGE_MS)
    teacher.get_by_role("button", name="Show the class the answer").click()
    expect(student.get_by_text("As you predicted")).to_be_visible(timeout=_PAGE_MS)
    expect(student.get_by_alt_text("original").first).to_be_visible()
    teacher.get_by_role("button", name="Next:").click()
    expect(student.get_by_text("10%: the model sees")).to_be_visible(timeout=_PAGE_MS)


def test_a_lesson_opens_at_its_top_and_its_answer_is_in_view(
    shared_app: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{shared_app.url}/learn?lesson=augmentations", stranger=True)
    page.get_by_text("Partly lost").click(timeout=_PAGE_MS)
    page.get_by_role("button", name="Show the answer").click()
    expect(page.get_by_text("Not as you predicted")).to_be_in_viewport(timeout=_PAGE_MS)
    expect(page.get_by_text("What was and was not shown")).to_be_visible(timeout=_PAGE_MS)
    page.get_by_role("button", name="Next: Does solving").click(timeout=_PAGE_MS)
    title = page.get_by_role("heading", name="Does solving the task teach?")
    expect(title).to_be_in_viewport(timeout=_PAGE_MS)
    expect(page.get_by_alt_text("original").first).to_be_in_viewport()
