"""The hub: out of reach it costs seconds and one line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from data_making import class_tree

from workbench.config import DataConfig
from workbench.data import prepare
from workbench.errors import RequestError


def ask(home: Path, **environment: str) -> tuple[str, float]:
    """What a fresh process says to ``hub:someone/something``: the hub's address is read once."""
    code = (
        "import time\nfrom pathlib import Path\nfrom workbench.config import DataConfig\n"
        "from workbench.data import prepare\nfrom workbench.errors import RequestError\n"
        "start = time.monotonic()\n"
        "try:\n"
        f"    prepare(DataConfig('hub:someone/something'), Path({str(home)!r}))\n"
        "except RequestError as error:\n"
        "    print(time.monotonic() - start)\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=True,
    )
    seconds, _, message = done.stdout.partition("\n")
    assert "Traceback" not in done.stderr
    return message.strip(), float(seconds)


def test_a_hub_that_refuses_is_one_line(home: Path) -> None:
    message, seconds = ask(home, HF_ENDPOINT="http://127.0.0.1:9", HF_HUB_OFFLINE="0")
    assert message.splitlines()[0].startswith("--data: the hub cannot be reached")
    assert len(message.splitlines()) == 2
    assert seconds < 10


def test_a_hub_that_never_answers_is_given_up_soon(home: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        message, seconds = ask(home, HF_ENDPOINT=address, HF_HUB_OFFLINE="0")
    assert "the hub cannot be reached" in message
    assert seconds < 15


def test_offline_is_said(home: Path) -> None:
    message, _ = ask(home, HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE is set" in message


@pytest.mark.parametrize("name", ["", "alone", "a/b/c/d", "../x"])
def test_a_name_that_is_none_is_refused_at_once(home: Path, name: str) -> None:
    start = time.monotonic()
    with pytest.raises(RequestError, match="names no data set"):
        prepare(DataConfig(f"hub:{name}"), home)
    assert time.monotonic() - start < 1


def test_prepared_data_needs_no_hub(home: Path, source: Path) -> None:
    class_tree(source, {"a": 6, "b": 6})
    fingerprint = prepare(DataConfig(str(source)), home).info.fingerprint
    config = DataConfig("hub:someone/something", fingerprint=fingerprint)
    assert prepare(config, home).info.total == 12
