"""The wheel carries what the app reads, and works outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([*command, str(folder), str(ROOT)], check=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel, that finds the dependencies where this one has them."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    chosen = scripts / Path(sys.executable).name
    install = [sys.executable, "-m", "pip", "--python", str(chosen), "install", "--quiet"]
    subprocess.run([*install, "--no-deps", str(wheel)], check=True)
    found = subprocess.run(
        [str(chosen), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    # A path in a .pth file is taken as it is: the editable install beside it stays unseen.
    (Path(found.stdout.strip()) / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return chosen


def shell(python: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(python), "-c", "from workbench.cli.main import main; main()", *words]
    env = {**os.environ, "WORKBENCH_HOME": str(home)}
    return subprocess.run(command, capture_output=True, text=True, cwd=home, env=env, check=False)


def test_pages_samples_and_scripts_are_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    pages = [path.name for path in (ROOT / "pages").glob("*.py")]
    assert len(pages) == 9
    for page in pages:
        assert f"workbench/_pages/{page}" in names
    assert "workbench/_sample_data/digits/train.parquet" in names
    assert "workbench/_sample_data/demo/store.db" in names
    revisions = (ROOT / "workbench/store/revisions").rglob("*.py")
    assert {path.relative_to(ROOT).as_posix() for path in revisions} < set(names)
    assert "workbench/plots/linked/assets/linked_map.js" in names
    assert "workbench/export/report/report.css" in names
    assert not [name for name in names if name.startswith(("tests/", "pages/", "sample_data/"))]


def test_the_wheel_runs_outside_the_checkout(python: Path, home: Path) -> None:
    where = shell(python, home, "list", "datasets", "--json")
    assert where.returncode == 0, where.stderr
    assert "sample:digits" in {row["name"] for row in json.loads(where.stdout)}
    done = shell(
        python,
        home,
        *("pretrain", "--data", "sample:digits", "--task", "rotation", "--steps", "3"),
        *("--set", "eval.label_efficiency=false", "--set", "eval.nuisances=false", "--json"),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "finished"


def test_the_app_of_the_wheel_answers(python: Path, home: Path) -> None:
    port = "8788"
    app = subprocess.Popen(
        [
            str(python),
            "-c",
            "from workbench.cli.main import main; main()",
            "app",
            "--no-browser",
            "--port",
            port,
            "--home",
            str(home),
        ],
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/workbench/health") as answer:
                    assert json.load(answer)["status"] == "ok"
                    return
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.2)
    finally:
        app.kill()
        app.wait()
