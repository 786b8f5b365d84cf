"""The options of an evaluation are checked against the data before anything is launched."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from workbench.config import Budget, DataConfig, EvalOptions, RunConfig
from workbench.data.dataset import DataInfo, Target
from workbench.errors import RequestError
from workbench.requests import validation
from workbench.requests.evaluation_options import complete

DIGITS = DataInfo(
    "digits",
    "Digits",
    "sample:digits",
    "f" * 16,
    "image",
    {"train": 90, "test": 9},
    targets=(Target("label", ("0", "1")),),
    size=(8, 8),
    channels=1,
    mean=(0.5,),
    std=(0.5,),
)
NORMALS = DataInfo(
    "surfaces",
    "Surfaces",
    "sample:surfaces",
    "f" * 16,
    "image",
    {"train": 90},
    targets=(Target("label", ("good", "crack")),),
    normal="good",
)
NO_LABELS = DataInfo("posts", "Posts", "posts.csv", "f" * 16, "text", {"train": 90})


@pytest.mark.parametrize("info", [NORMALS, NO_LABELS], ids=lambda info: info.name)
@pytest.mark.parametrize("name", ["fine_tuning", "supervised"])
def test_what_learns_labels_needs_some(info: DataInfo, name: str) -> None:
    with pytest.raises(RequestError, match="needs labels of two classes") as caught:
        complete(EvalOptions(**{name: True}), info)
    assert caught.value.field == f"--set eval.{name}"
    assert complete(EvalOptions(**{name: True}), DIGITS) == EvalOptions(**{name: True})


def test_k_is_stored_only_where_it_is_not_the_default() -> None:
    """So that runs from before it could be chosen keep their digests."""
    plain, same, other = (
        validation.validate(RunConfig(DataConfig("sample:digits"), "simclr", eval=options), DIGITS)
        for options in ({}, {"neighbours": 20}, {"neighbours": "5"})
    )
    assert same == plain
    assert same.digest() == plain.digest()
    assert (dict(plain.eval), dict(other.eval)) == ({}, {"neighbours": 5})


@pytest.mark.parametrize("k", ["0", "201", "2.5"])
def test_k_out_of_range_is_refused(k: str) -> None:
    with pytest.raises(RequestError, match="a whole number from 1 to 200") as caught:
        validation.check_without_data(
            RunConfig(DataConfig("sample:digits"), "simclr", eval={"neighbours": k})
        )
    assert caught.value.field == "--set eval.neighbours"


def test_a_request_for_a_model_that_is_not_there_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n: found("json") if n == "transformers" else found(n)
    )
    for source in (str(tmp_path / "none"), "none", "~nobody-of-this-name/none"):
        config = RunConfig(
            DataConfig("sample:digits"),
            "simclr",
            budget=Budget(steps=2),
            eval={"pretrained": source},
        )
        with pytest.raises(RequestError, match="there is no folder") as caught:
            validation.validate(config, DIGITS)
        assert caught.value.field == "--set eval.pretrained"
