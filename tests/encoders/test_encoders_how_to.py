"""docs/how-to/add-an-encoder.md is run as it stands: its file, its commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from how_to import QUICK, HowTo, copy_of_package, run_python

from workbench import registry
from workbench.encoders.base import Encoder
from workbench.encoders.defaults import default_encoder

PAGE = HowTo("add-an-encoder")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A folder with the page's file."""
    (name,) = PAGE.files()
    (tmp_path / name).write_text(PAGE.files()[name], "utf-8")
    return tmp_path


@pytest.mark.usefixtures("home")
def test_a_plugin_is_listed_and_trained(written: Path) -> None:
    listing, training = PAGE.commands()
    rows = json.loads(run_python(["-m", "workbench", *listing], written))
    (entry,) = [row for row in rows if row["name"] == "conv_mixer"]
    assert [option["name"] for option in entry["options"]] == ["width"]
    training[training.index("--steps") + 1] = "2"
    run = json.loads(run_python(["-m", "workbench", *training, *QUICK, "--json"], written))
    assert run["status"] == "finished"
    assert run["config"]["encoder"] == "conv_mixer"


def test_a_file_in_the_package_is_all_that_it_takes(written: Path) -> None:
    """The tests of all image encoders find it and pass, unchanged."""
    copy = copy_of_package(written)
    (written / "conv_mixer.py").rename(copy / "workbench" / "encoders" / "conv_mixer.py")
    tests = str(Path(__file__).parent / "test_encoders_image.py")
    chosen = ["-vv", "-p", "no:cacheprovider", "-k", "conv_mixer"]
    printed = run_python(["-m", "pytest", *chosen, tests], written, PYTHONPATH=str(copy))
    assert printed.count("PASSED") >= 15


def test_the_page_names_what_an_encoder_has() -> None:
    parts = set(PAGE.parts()) - {"conv", "vit", "text", "bag"}
    assert "default_of_kind" in parts
    for part in parts:
        assert hasattr(Encoder, part) or part in Encoder.__annotations__, part


def test_each_kind_has_one_default() -> None:
    defaults = [cls for cls in registry.encoders().values() if cls.default_of_kind]
    kinds = [cls.kind for cls in defaults]
    assert sorted(kinds) == sorted({cls.kind for cls in registry.encoders().values()})
    assert {default_encoder(cls.kind): cls for cls in defaults} == {c.name: c for c in defaults}
