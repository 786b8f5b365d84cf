"""A real ``workbench app`` on a free port of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

_SECONDS = 60


def free_port() -> int:
    """A port on loopback on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class App:
    """The process, which answers once this is made. options: of ``workbench app``. variables: of
    its environment. ``restart`` ends it and starts it on the same port and home."""

    def __init__(self, home: Path, *options: str, **variables: str):
        self.home = home
        self.port = free_port()
        self._options, self._variables = options, variables
        self.process = self._start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    def restart(self) -> None:
        self.end()
        self.process = self._start()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        command = ["-c", "from workbench.cli.main import main; main()", "app", "--no-browser"]
        words = ["--port", str(self.port), "--home", str(self.home), *self._options]
        process = subprocess.Popen(
            [sys.executable, *command, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **self._variables},
        )
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/workbench/health", timeout=1):
                    return process
            except OSError:
                time.sleep(0.1)
        process.kill()
        process.wait()
        raise TimeoutError("the app did not answer")
