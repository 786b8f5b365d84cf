"""docs/how-to/add-a-task.md is run as it stands: its file, its command, its entry point."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from how_to import QUICK, HowTo, run_python

PAGE = HowTo("add-a-task")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A folder with the page's file."""
    (name,) = PAGE.files()
    (tmp_path / name).write_text(PAGE.files()[name], "utf-8")
    return tmp_path


@pytest.mark.usefixtures("home")
def test_the_command_of_the_page_finishes(written: Path) -> None:
    (command,) = PAGE.commands()
    command[command.index("--steps") + 1] = "2"
    run = json.loads(run_python(["-m", "workbench", *command, *QUICK, "--json"], written))
    assert run["status"] == "finished"
    assert run["config"]["task"] == "mirror"
    assert run["config"]["plugins"] == [str(written / "mirror.py")]


def test_the_lists_show_it(written: Path) -> None:
    listing = ["-m", "workbench", "list", "tasks", "--plugin", "mirror.py", "--json"]
    rows = json.loads(run_python(listing, written))
    (entry,) = [row for row in rows if row["name"] == "mirror"]
    assert [option["name"] for option in entry["options"]] == ["hidden"]


@pytest.mark.usefixtures("home")
def test_a_notebook_needs_to_name_it_once(written: Path) -> None:
    code = (
        "import workbench as wb\n"
        "wb.load_plugin('mirror.py')\n"
        "quick = {'label_efficiency': False, 'nuisances': False}\n"
        "run = wb.pretrain('sample:digits', task='mirror', steps=2, evaluation=quick)\n"
        "print(run.status, run.json['config']['plugins'])\n"
    )
    assert run_python(["-c", code], written).split() == [
        "finished",
        f"['{written / 'mirror.py'}']",
    ]


def test_a_package_with_the_entry_point_is_found(written: Path, tmp_path: Path) -> None:
    (toml,) = PAGE.blocks("toml")
    assert 'workbench.plugins"]\nmirror = "my_package.mirror"' in toml
    site = tmp_path / "site"
    (site / "my_package").mkdir(parents=True)
    (site / "my_package" / "__init__.py").touch()
    (site / "my_package" / "mirror.py").write_text((written / "mirror.py").read_text("utf-8"))
    metadata = site / "my_package-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[workbench.plugins]\nmirror = my_package.mirror\n")
    listing = ["-m", "workbench", "list", "tasks", "--json"]
    rows = json.loads(run_python(listing, written, PYTHONPATH=str(site)))
    assert "mirror" in [row["name"] for row in rows]


def test_the_page_names_what_a_task_has() -> None:
    from workbench.tasks.base import Task

    parts = PAGE.parts()
    assert "broken" in parts
    for part in parts:
        assert hasattr(Task, part) or part in Task.__annotations__, part
