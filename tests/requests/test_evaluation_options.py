"""What an evaluation asks for is checked against the data before anything is launched."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from workbench.config import Budget, DataConfig, EvalOptions, RunConfig
from workbench.data.dataset import DataInfo, Target
from workbench.errors import RequestError
from workbench.requests import validation
from workbench.requests.evaluation_options import checked

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
        checked(EvalOptions(**{name: True}), info)
    assert caught.value.field == f"--set eval.{name}"
    assert checked(EvalOptions(**{name: True}), DIGITS) == EvalOptions(**{name: True})


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
