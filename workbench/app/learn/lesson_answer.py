"""What the stored runs of a lesson answer: the choice they bear out, their numbers, their maps."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from workbench.app.learn import blocks, tally
from workbench.app.shared import run_words, session
from workbench.app.shared.session import Located
from workbench.lessons import evidence
from workbench.lessons.base import Answer, Lesson
from workbench.lessons.links import Place
from workbench.lessons.predictions import Prediction

Docs = dict[str, dict[str, Any]]


def show(lesson: Lesson, place: Place, known: Prediction) -> Docs:
    """Draw the answer; the stored runs' documents by variant, without those that are missing."""
    docs, located = stored(lesson)
    st.subheader("What the runs show")
    if len(docs) < len(lesson.variants):
        st.warning(
            "The stored runs of this lesson are not of this version of the workbench, so that no "
            "answer is read off them. Run them anew below."
        )
        return docs
    answer = lesson.answer(docs)
    _said(lesson, answer, known)
    if place.group:
        tally.share(lesson, place.group, answer.right)
    blocks.show(lesson, docs, located, options=place.shows("options"))
    st.markdown("**What was and was not shown**")
    st.write(answer.limits)
    _stamp(located)
    return docs


def stored(lesson: Lesson) -> tuple[Docs, dict[str, Located]]:
    """The documents of the lesson's stored runs by variant, and where the runs lie."""
    home = session.demo_home()
    rows = evidence.stored(lesson, home, session.stored_runs())
    docs = {
        key: evidence.document(home, row, lesson.variant(key), read_only=True)
        for key, row in rows.items()
    }
    return docs, {key: Located(home, row) for key, row in rows.items()}


def _said(lesson: Lesson, answer: Answer, known: Prediction) -> None:
    right = lesson.choice(answer.right)
    opening = "As you predicted" if known.choice == answer.right else "Not as you predicted"
    text = right.text if right is not None else ""
    icon = ":material/check:" if known.choice == answer.right else ":material/lightbulb:"
    st.info(f"**{opening}.** The stored runs say: {text}", icon=icon)
    st.write(answer.because)
    st.markdown("\n".join(f"- {line}" for line in answer.more))


def _stamp(located: dict[str, Located]) -> None:
    rows = [place.row for place in located.values()]
    made = time.strftime("%d %B %Y", time.localtime(max(row.created for row in rows)))
    device = rows[0].summary.get("training", {}).get("device", "")
    budgets = " or ".join(dict.fromkeys(run_words.budget(row.config) for row in rows))
    st.caption(f"Stored runs of {made}, {budgets} of training each, on one {device}.")
