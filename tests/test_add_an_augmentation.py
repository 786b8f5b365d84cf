"""docs/how-to/add-an-augmentation.md is run as it stands: its file, its commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from how_to import QUICK, HowTo, copy_of_package, run_python

PAGE = HowTo("add-an-augmentation")
# Previews the augmentation as the Augment page does, and says how its pixels changed and what a
# preset makes of it.
PREVIEW = """
import json, sys
from pathlib import Path
from workbench import paths, registry
from workbench.augment import presets
from workbench.config import AugmentStep
from workbench.data.dataset import Dataset
from workbench.engine.handlers import preview
from workbench.engine.requests import PreviewRequest
registry.load_plugin("vignette.py")
home, fingerprint = Path("home"), sys.argv[1]
steps = (AugmentStep("vignette", {"p": 1.0, "strength": [1.0, 1.0]}),)
request = PreviewRequest(fingerprint=fingerprint, rows=(0, 1), steps=steps, seed=0, views=1)
arrays = preview.handle(request, home).arrays
original, view = (arrays[name].astype(int) for name in ("originals", "view0"))
info = Dataset.open(paths.cache_dir(home) / fingerprint).info
adapted = presets.adapted(AugmentStep("vignette"), info)
print(json.dumps([int(view[:, 0, 0].max()), int((view - original).max()), adapted]))
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A folder with the page's file."""
    (name,) = PAGE.files()
    (tmp_path / name).write_text(PAGE.files()[name], "utf-8")
    return tmp_path


@pytest.mark.usefixtures("home")
def test_a_plugin_is_listed_trained_with_and_previewed(written: Path) -> None:
    listing, training = PAGE.commands()
    rows = json.loads(run_python(["-m", "workbench", *listing], written))
    (entry,) = [row for row in rows if row["name"] == "vignette"]
    assert [option["name"] for option in entry["options"]] == ["strength", "p"]

    training[training.index("--steps") + 1] = "2"
    training[training.index("--data") + 1] = "sample:digits"
    run = json.loads(run_python(["-m", "workbench", *training, *QUICK, "--json"], written))
    assert run["status"] == "finished"
    assert run["config"]["plugins"] == [str(written / "vignette.py")]
    last = {"name": "vignette", "options": {"strength": [0.5, 1.0]}}
    assert run["config"]["augment"][-1] == last

    fingerprint = run["config"]["data"]["fingerprint"]
    corner, brighter, adapted = json.loads(run_python(["-c", PREVIEW, fingerprint], written))
    assert corner == brighter == 0, "corners are black, and no pixel gets brighter"
    assert adapted is None, "digits are of 8 pixels a side"


def test_a_file_in_the_package_is_all_that_it_takes(written: Path) -> None:
    """The tests of all augmentations find it and pass, unchanged."""
    copy = copy_of_package(written)
    (written / "vignette.py").rename(copy / "workbench" / "augment" / "vignette.py")
    folder = Path(__file__).parent / "augment"
    tests = [str(folder / name) for name in ("test_augment_all.py", "test_augment_names.py")]
    chosen = ["-vv", "-p", "no:cacheprovider", "-k", "vignette or names"]
    printed = run_python(["-m", "pytest", *chosen, *tests], written, PYTHONPATH=str(copy))
    passed = [line for line in printed.splitlines() if "PASSED" in line]
    assert sum("vignette" in line for line in passed) >= 5
    assert any("test_no_other_file_names" in line for line in passed)


def test_the_page_names_what_an_augmentation_has() -> None:
    from workbench.augment.base import Augmentation

    parts = PAGE.parts()
    assert "invariance_rank" in parts
    for part in parts:
        assert hasattr(Augmentation, part), part
