"""The formats of encoders: declared without torch, written for images and texts, and the how-to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from how_to import HowTo, copy_of_package, run_python
from safetensors import safe_open

from workbench.errors import RequestError
from workbench.export.encoder import export_run
from workbench.export.formats import formats, get_format
from workbench.export.formats.base import ExportFormat

PAGE = HowTo("add-an-export-format")
TASKS = {"image": ("simclr", "small_conv"), "text": ("mlm", "text_mini")}


def test_the_first_format_is_the_default_and_all_are_named() -> None:
    assert next(iter(formats())) == "safetensors"
    for name, declared in formats().items():
        assert get_format(name) is declared
        assert declared.title
        assert declared.help.endswith(".")


def test_an_unknown_format_is_refused_with_the_known_ones(make_run: Any, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        export_run(make_run().run, tmp_path / "out", "tiff")
    assert all(name in str(caught.value.remedy) for name in formats())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("modality", TASKS)
@pytest.mark.parametrize("name", formats())
def test_every_format_is_written_with_what_belongs_to_the_run(
    make_run: Any, tmp_path: Path, name: str, modality: str
) -> None:
    task, encoder = TASKS[modality]
    stored = make_run(task, encoder=encoder, texts=modality == "text")
    paths = [Path(path) for path in export_run(stored.run, tmp_path / "out", name)]
    assert all(path.stat().st_size for path in paths)
    names = {path.name for path in paths}
    assert {"encoder.safetensors", "config.json", "map_pca.parquet", "run.json"} <= names
    assert ("tokenizer.json" in names) == (modality == "text")
    record = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert set(record["artifacts"].values()) <= names
    with safe_open(str(tmp_path / "out" / "encoder.safetensors"), framework="np") as weights:
        assert set(weights.keys()) == set(stored.encoder.state_dict())
        assert weights.metadata()["encoder"] == encoder


def test_a_trace_gives_the_same_representations(make_run: Any, tmp_path: Path) -> None:
    stored = make_run()
    export_run(stored.run, tmp_path, "torchscript")
    images = torch.from_numpy(np.array(stored.data.images[:7])).float() / 255
    with torch.no_grad():
        expected = stored.encoder(images)
        found = torch.jit.load(str(tmp_path / "encoder.pt"))(images)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(found, expected)


def test_the_page_is_run_as_it_stands(make_run: Any, tmp_path: Path) -> None:
    """One file in the package: the command line offers the format, and writes it."""
    stored = make_run()
    copy = copy_of_package(tmp_path)
    (name,) = PAGE.files()
    (copy / "workbench" / "export" / "formats" / name).write_text(PAGE.files()[name], "utf-8")
    (command,) = PAGE.commands()
    words = {"RUN": stored.run.id, "DIR": str(tmp_path / "out")}
    arguments = [words.get(word, word) for word in command]
    home = ["--home", str(stored.home)]
    run_python(["-m", "workbench", *arguments, *home], tmp_path, PYTHONPATH=str(copy))
    with np.load(tmp_path / "out" / "encoder.npz") as weights:
        for key, value in stored.encoder.state_dict().items():
            np.testing.assert_array_equal(weights[key], value.numpy())
    printed = run_python(["-m", "workbench", "export", "--help"], tmp_path, PYTHONPATH=str(copy))
    assert "safetensors or torchscript or npz" in printed
    without_torch = (
        "import sys; from workbench.export.formats import formats; "
        "assert 'npz' in formats(); sys.exit('torch' in sys.modules)"
    )
    run_python(["-c", without_torch], tmp_path, PYTHONPATH=str(copy))


def test_the_page_names_what_a_format_has() -> None:
    assert set(PAGE.parts()) == set(ExportFormat.__dataclass_fields__)
