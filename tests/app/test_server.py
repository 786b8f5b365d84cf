"""The server: what it is configured with, and that it answers."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from workbench.app import server, settings
from workbench.errors import RequestError


def test_the_options_exist_in_this_streamlit() -> None:
    """One of them is hidden and could go: a page for a class would be a hundred times slower."""
    from streamlit import config

    known = config.get_config_options()
    for name in server.server_config("127.0.0.1", 8501, browser=False):
        assert name in known, name
    chosen = server.server_config("127.0.0.1", 8501, browser=False)
    assert chosen["runner.postScriptGC"] is False
    assert chosen["browser.gatherUsageStats"] is False
    assert chosen["server.address"] == "127.0.0.1"
    assert chosen["logger.hideWelcomeMessage"] is True, "else a toast for developers lies on top"


def test_a_port_in_use_is_a_wrong_request(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RequestError, match=str(port)) as caught:
            server.serve(home=tmp_path, host="127.0.0.1", port=port, data_root=None, browser=False)
    assert "--port" in str(caught.value)


def test_a_data_root_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no folder"):
        server.serve(
            home=tmp_path, host="0.0.0.0", port=0, data_root=tmp_path / "none", browser=False
        )


def test_behind_a_proxy_the_terminal_says_so_too(tmp_path: Path) -> None:
    behind = settings.AppSettings(tmp_path, "::1", None, "tok", proxied=True)
    greeting = server._greeting(behind, 8501)
    assert "http://[::1]:8501" in greeting
    assert "from uploads only" in greeting


def test_off_loopback_the_terminal_says_that_others_can_reach_it(tmp_path: Path) -> None:
    here = settings.AppSettings(tmp_path, "127.0.0.1", None, "tok")
    open_to_all = settings.AppSettings(tmp_path, "0.0.0.0", tmp_path, "tok")
    assert "tok" in server._greeting(here, 8501)
    assert "Others can reach" not in server._greeting(here, 8501)
    assert "Others can reach" in server._greeting(open_to_all, 8501)
    assert str(tmp_path) in server._greeting(open_to_all, 8501)
