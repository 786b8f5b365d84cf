from __future__ import annotations

import time

import pytest

from workbench import hub
from workbench.errors import RequestError


def late(reason: str) -> RequestError:
    return RequestError(f"no hub ({reason}).", field="--data", remedy="Check the network.")


def refusal() -> str | RequestError:
    return RequestError("there is no such model.", field="--data", remedy="Check the name.")


def test_an_answer_is_given_as_it_is() -> None:
    assert hub.answer(lambda: "revision", late) == "revision"


def test_a_refusal_is_raised_as_it_is() -> None:
    with pytest.raises(RequestError, match="no such model"):
        hub.answer(refusal, late)


def test_a_hub_that_does_not_answer_costs_no_more_than_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub, "DEADLINE", 0.05)
    with pytest.raises(RequestError, match="no answer in time"):
        hub.answer(lambda: time.sleep(5) or "too late", late)


def test_an_error_is_one_line() -> None:
    assert hub.first_line(OSError("out of reach.\nand more")) == "out of reach"
    assert hub.first_line(OSError()) == "OSError"
