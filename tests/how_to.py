"""Pages of docs/how-to as tests run them: their files, their commands, a copy of the package."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import workbench

PACKAGE = Path(workbench.__file__).parent
PAGES = PACKAGE.parent / "docs" / "how-to"
# For runs of which it is asked whether they finish: the dear protocols of the evaluation are off.
QUICK = ("--set", "eval.label_efficiency=false", "--set", "eval.nuisances=false")


class HowTo:
    """A page by its name without ``.md``."""

    def __init__(self, name: str):
        self.text = (PAGES / f"{name}.md").read_text("utf-8")

    def blocks(self, language: str) -> list[str]:
        """The fenced blocks of one language, in order."""
        fenced = re.findall(r"^```(\w*)\n(.*?)^```$", self.text, re.S | re.M)
        return [block for name, block in fenced if name == language]

    def files(self) -> dict[str, str]:
        """The Python files of the page by the names that it gives them, in order."""
        names = re.findall(r"[Pp]ut this into `([\w/]+\.py)`", self.text)
        return dict(zip(names, self.blocks("python"), strict=True))

    def commands(self) -> list[list[str]]:
        """The arguments of every ``workbench`` command, without the word ``workbench``."""
        lines = "\n".join(self.blocks("")).splitlines()
        return [shlex.split(line)[1:] for line in lines if line.startswith("workbench ")]

    def parts(self) -> list[str]:
        """What the first column of the page's tables names."""
        cells = "\n".join(re.findall(r"^\| (`.*?) \|", self.text, re.M))
        return re.findall(r"`([a-z_]+)`", cells)


def run_python(arguments: list[str], folder: Path, **variables: str) -> str:
    """What ``python ARGUMENTS`` prints in ``folder``, with the home ``home`` there."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "WORKBENCH_HOME": str(folder / "home"), **variables},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def copy_of_package(folder: Path) -> Path:
    """A copy of the package in ``folder``, to which files may be added; ``PYTHONPATH`` for it."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, folder / "copy" / "workbench", ignore=ignored)
    return folder / "copy"
