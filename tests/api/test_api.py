"""The workbench from a notebook: few verbs, arrays in, arrays out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench.errors import RequestError
from workbench.jobs import supervisor
from workbench.store.store import Store


@pytest.fixture(scope="module")
def data(finished_home: Path) -> Any:
    return wb.load("sample:digits", home=finished_home)


@pytest.fixture(scope="module")
def found(finished_home: Path) -> dict[str, Any]:
    return {run.row.config["task"]: run for run in wb.list_runs(finished_home)}


def test_data_give_images_and_labels(data: Any) -> None:
    images, labels = data.images("train"), data.labels("train")
    assert images.dtype == np.uint8
    assert images.shape == (data.info.counts["train"], 8, 8, 1)
    assert labels.shape == images.shape[:1]
    assert set(labels) == set(range(10))
    assert len(data.labels("test")) == data.info.counts["test"]
    assert "719" in data._repr_html_()


def test_arrays_and_texts_of_a_notebook_are_data(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.random((40, 9, 9)).astype(np.float32)
    mine = wb.load(images, labels=["a", "b"] * 20, name="mine", home=tmp_path)
    assert mine.info.name == "mine"
    assert sum(len(mine.images(split)) for split in mine.info.counts) == 40
    bare = wb.load(["one text here", "and another", "a third one", "more"] * 8, home=tmp_path)
    assert len(bare.texts("train")) == bare.info.counts["train"]
    with pytest.raises(RequestError, match="has no labels"):
        bare.labels()


def test_a_wrong_request_names_field_and_remedy(data: Any) -> None:
    for wrong, field in (
        ({"task": "simclrr"}, "--task"),
        ({"task": "simclr", "seconds": 3, "steps": 3}, "--seconds"),
        ({"task": "simclr", "options": {"temperature": -1}}, "temperature"),
        ({"task": "simclr", "augment": {"random_resized_crop": {"scael": (0.3, 1.0)}}}, "scael"),
        ({"task": "mlm"}, ""),
    ):
        with pytest.raises(RequestError) as caught:
            wb.pretrain(data, **wrong)
        assert field in str(caught.value.field)
        assert caught.value.remedy


def test_an_equal_request_shows_the_finished_run_at_once(data: Any, found: Any) -> None:
    run = wb.pretrain(data, task="simclr", steps=12, encoder="small_conv", train={"batch_size": 64})
    assert run.id == found["simclr"].id


def test_augmentations_are_merged_over_the_tasks_own(home: Path) -> None:
    data = wb.load("sample:digits", home=home)
    with supervisor._lock(home).acquire(timeout=5):
        given = {"random_resized_crop": {"scale": (0.3, 0.5)}}
        merged, edited = (
            wb.pretrain(data, task="simclr", steps=3, augment=augment, wait=False)
            for augment in (given, ["-random_resized_crop"])
        )
        rows = [Store.open(home).run(run.id).config["augment"] for run in (merged, edited)]
        crop = next(step for step in rows[0] if step["name"] == "random_resized_crop")
        assert crop["options"]["scale"] == [0.3, 0.5]
        assert [s["name"] for s in rows[1]] == [
            s["name"] for s in rows[0] if s["name"] != "random_resized_crop"
        ]
        assert merged.status == "queued"
        assert merged.verdict is None
        assert merged.scores.empty
        assert "queued" in merged._repr_html_()
        merged.stop()
        assert merged.wait().status == "stopped"


def test_a_run_gives_tables(found: Any) -> None:
    run = found["simclr"]
    assert run.status == "finished"
    assert run.verdict["label"]
    assert repr(run.verdict).startswith(("Collapse check", "Collapse check passed"))
    assert run.verdict["reason"] in repr(run.verdict)
    assert run.verdict["reason"] in run._repr_html_().replace("&#x27;", "'")
    scores, gains, curves = run.scores, run.gains, run.curves
    assert isinstance(scores, pd.DataFrame)
    assert {"protocol", "metric", "features", "value", "low", "high", "n"} <= set(scores.columns)
    assert {"trained", "random init", "raw input"} <= set(scores["features"])
    assert set(gains["over"]) >= {"random init"}
    assert list(curves["loss"].dropna().index) == list(range(1, 13))
    assert run.json["id"] == run.id
    assert run.id in run._repr_html_()


def test_a_run_gives_figures(found: Any) -> None:
    import plotly.graph_objects as go

    run = found["simclr"]
    for figure in (run.map(), run.spectrum()):
        assert isinstance(figure, go.Figure)
        assert len(figure.data) > 0


def test_new_images_are_encoded_in_order(found: Any, data: Any) -> None:
    run = found["rotation"]
    images = data.images("test")[:9]
    h = run.encode(images)
    assert h.dtype == np.float32
    assert h.shape == (9, run.encoder.dim)
    np.testing.assert_allclose(run.encode(images[::-1])[::-1], h, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(run.encode(images[..., 0] / 255.0), h, rtol=1e-3, atol=1e-3)
    assert not run.encoder.training


def test_runs_are_compared(found: Any) -> None:
    import plotly.graph_objects as go

    both = wb.compare(found["simclr"], found["rotation"])
    assert set(both.scores["run"]) == {run.id for run in found.values()}
    assert set(both.gains["run"]) <= set(both.scores["run"])
    assert both.sentences
    assert both.sentences[0] in both._repr_html_()
    assert isinstance(both.maps(), go.Figure)
    assert [run["id"] for run in both.json["runs"]] == [run.id for run in both]
    with pytest.raises(RequestError, match="one run"):
        wb.compare(found["simclr"])


def test_an_unknown_run_is_an_error(finished_home: Path) -> None:
    with pytest.raises(RequestError, match="unknown run"):
        _ = wb.Run("simclr-zzzzzz", finished_home).status


def test_a_notebook_breaks_a_method_on_purpose(home: Path) -> None:
    """And its augmentations may be edited on top, as in a shell."""
    data = wb.load("sample:digits", home=home)
    with supervisor._lock(home).acquire(timeout=5):
        run = wb.pretrain(
            data,
            task="simclr",
            preset="simclr_no_augmentation",
            augment=["rotation"],
            steps=3,
            wait=False,
        )
        config = Store.open(home).run(run.id).config
        assert [step["name"] for step in config["augment"]] == ["rotation"]
        run.stop()
    with pytest.raises(RequestError, match="breaks 'byol'"):
        wb.pretrain(data, task="simclr", preset="byol_no_predictor", steps=3)


def test_options_of_encoder_and_evaluation_are_those_of_the_shell(tmp_path: Path) -> None:
    data = wb.load("sample:digits", home=tmp_path)
    with pytest.raises(RequestError, match=r"eval\.fine"):
        wb.pretrain(data, task="simclr", evaluation={"fine": True}, steps=3)
    with pytest.raises(RequestError, match=r"encoder\.patch"):
        wb.pretrain(data, task="mae", encoder="vit_mini", encoder_options={"patch": 5}, steps=3)
