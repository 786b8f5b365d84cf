"""A test does not depend on which tests ran before it in the same process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

MAIN = sys.modules["__main__"]


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_page_that_ran_is_not_main_in_the_next_test(time: str) -> None:
    assert sys.modules["__main__"] is MAIN, time
    AppTest.from_string("import streamlit as st\nst.write('here')").run()


def test_coroutines_run_in_a_thread_of_their_own() -> None:
    # Playwright keeps a loop running in the thread of the tests, once the first browser is open.
    folder = Path(__file__).parent
    calls = ["asyncio." + "run(", "run_until_" + "complete("]
    found = [
        str(file.relative_to(folder))
        for file in folder.rglob("*.py")
        if any(call in file.read_text() for call in calls)
    ]
    assert found == []
