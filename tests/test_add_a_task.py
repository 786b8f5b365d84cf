"""docs/how-to/add-a-task.md is run as it stands: its files, its commands, its entry point."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "add-a-task.md"
TEXT = PAGE.read_text("utf-8")


def blocks(language: str) -> list[str]:
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.S | re.M)
    return [block for name, block in fenced if name == language]


def commands() -> list[list[str]]:
    lines = "\n".join(blocks("")).splitlines()
    return [shlex.split(line) for line in lines if line.startswith("workbench ")]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A folder with the page's files, by the names it gives them."""
    names = re.findall(r"[Pp]ut this into `(\w+\.py)`", TEXT)
    sources = blocks("python")
    assert names == ["mirror.py", "stripes.py"]
    for name, source in zip(names, sources, strict=True):
        (tmp_path / name).write_text(source, "utf-8")
    return tmp_path


def workbench(arguments: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench", *arguments],
        cwd=folder,
        env={**os.environ, "WORKBENCH_HOME": str(folder / "home"), **more},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_commands_of_the_page_finish(written: Path) -> None:
    given = commands()
    assert [command[1] for command in given] == ["pretrain", "pretrain"]
    for command in given:
        steps = command.index("--steps") + 1
        command[steps] = "5"
        done = workbench([*command[1:], "--json"], written)
        assert done.returncode == 0, done.stderr
        run = json.loads(done.stdout)
        assert run["status"] == "finished"
        plugin = command[command.index("--plugin") + 1]
        assert run["config"]["plugins"] == [str(written / plugin)]
        if plugin == "stripes.py":
            assert run["config"]["augment"][-1]["name"] == "stripes"
        else:
            assert run["config"]["task"] == "mirror"


def test_the_lists_show_it(written: Path) -> None:
    done = workbench(["list", "tasks", "--plugin", "mirror.py", "--json"], written)
    (entry,) = [row for row in json.loads(done.stdout) if row["name"] == "mirror"]
    assert [option["name"] for option in entry["options"]] == ["hidden"]


def test_a_notebook_needs_to_name_it_once(written: Path) -> None:
    code = (
        "import workbench as wb\n"
        "wb.load_plugin('mirror.py')\n"
        "run = wb.pretrain('sample:digits', task='mirror', steps=5, seed=1)\n"
        "print(run.status, run.json['config']['plugins'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=written,
        env={**os.environ, "WORKBENCH_HOME": str(written / "home")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.split() == ["finished", f"['{written / 'mirror.py'}']"], done.stderr


def test_a_package_with_the_entry_point_is_found(written: Path, tmp_path: Path) -> None:
    (toml,) = blocks("toml")
    assert 'workbench.plugins"]\nmirror = "my_package.mirror"' in toml
    site = tmp_path / "site"
    (site / "my_package").mkdir(parents=True)
    (site / "my_package" / "__init__.py").touch()
    (site / "my_package" / "mirror.py").write_text((written / "mirror.py").read_text("utf-8"))
    metadata = site / "my_package-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[workbench.plugins]\nmirror = my_package.mirror\n")
    done = workbench(["list", "tasks", "--json"], written, PYTHONPATH=str(site))
    assert "mirror" in [row["name"] for row in json.loads(done.stdout)], done.stderr


def test_the_page_names_what_a_task_has() -> None:
    from workbench.tasks.base import Task

    for part in re.findall(r"`([a-z_]+)`", "\n".join(re.findall(r"^\| (`.*?) \|", TEXT, re.M))):
        assert hasattr(Task, part) or part in Task.__annotations__, part
