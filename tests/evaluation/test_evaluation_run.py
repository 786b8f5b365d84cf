"""The worker's evaluation on real runs of a few steps: what is scored, kept and written."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file

from workbench.config import Budget, DataConfig, RunConfig
from workbench.data import prepare
from workbench.evaluation import baselines
from workbench.jobs.worker import run
from workbench.store.artifacts import FolderArtifacts

# Few samples: what is scored, kept and written is looked at, and not how good it is.
DATA = DataConfig("sample:digits", samples=400)
TEXT_ENCODER: dict[str, Any] = {
    "encoder": "text_mini",
    "encoder_options": {"dim": 16, "depth": 1},
}
WORDS = {"sport": ["goal", "match", "team", "score"], "sky": ["rain", "sun", "cloud", "wind"]}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the data lie, without any run or baseline."""
    home = tmp_path_factory.mktemp("prepared")
    prepare(DATA, home)
    return home


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    """A home of this test's own: baselines are shared by all runs of a home."""
    return Path(shutil.copytree(prepared, tmp_path / "home"))


def carry_out(home: Path, events: Any, stop_after: Any, name: str, **changes: Any) -> Path:
    known = {"data": DATA, "task": "simclr", "encoder": "small_conv"}
    known |= {"encoder_options": {"width": 4}}
    known |= {"budget": Budget(steps=2), "train": {"batch_size": 32}, "device": "cpu"}
    config = RunConfig(**(known | changes))  # type: ignore[arg-type]
    folder = home / "runs" / name
    assert run(config, events, FolderArtifacts(folder), stop_after(), home=home)
    return folder


def write_texts(path: Path, *, labels: bool = True) -> Path:
    rng = np.random.default_rng(0)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["text", "topic"] if labels else ["text"])
        for number in range(240):
            topic = ("sport", "sky")[number % 2]
            text = " ".join(["the", *rng.choice(WORDS[topic], 5), f"number{number}"])
            out.writerow([text, topic] if labels else [text])
    return path


def test_images_leave_scores_and_files(
    home: Path, memory_events: Any, stop_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = carry_out(home, memory_events, stop_after, "one")
    summary = memory_events.told
    assert {row["features"] for row in summary["scores"]} == {
        "trained",
        "random init",
        "raw input",
        "largest class",
    }
    assert {row["protocol"] for row in summary["scores"]} == {
        "knn",
        "linear probe",
        "label efficiency",
        "clustering",
        "guess",
        "nuisance probe",
    }
    assert {row["over"] for row in summary["gains"]} == {"random init", "raw input"}
    assert any("chosen on validation" in note for note in memory_events.notes)

    stored = load_file(str(folder / "embeddings.safetensors"))
    counts = prepare(DATA, home).info.counts
    fitted, validated = counts["train"], counts["validation"]
    assert sum(counts.values()) == 400
    assert {row["total"] for row in summary["scores"]} == {counts["test"]}
    assert {row["total"] for row in summary["validation_scores"]} == {validated}
    for split, count in counts.items():
        assert stored[f"h_{split}"].shape == stored[f"u_{split}"].shape
        assert len(stored[f"h_{split}"]) == len(stored[f"index_{split}"]) == count
    mapped = pq.read_table(folder / "map_pca.parquet")
    assert mapped.column_names == ["row", "x", "y", "split"]
    assert set(mapped["split"].to_pylist()) == {"train", "validation"}
    assert max(mapped["row"].to_pylist()) < fitted + validated
    assert summary["map_rows"] == len(mapped) == len(np.load(folder / "thumbnails.npy"))
    told_map = json.loads((folder / "map.json").read_text("utf-8"))["pca"]
    assert 0 < sum(told_map["explained"]) <= 1
    assert 0.5 < told_map["trustworthiness"] <= 1
    spectra = json.loads((folder / "spectrum.json").read_text("utf-8"))
    assert set(spectra["h"]) == {"trained", "untrained"}
    assert sum(spectra["z"]["trained"]) == pytest.approx(1)
    predictions = pq.read_table(folder / "predictions.parquet").to_pandas()
    (knn,) = [
        row["value"]
        for row in summary["scores"]
        if (row["protocol"], row["metric"], row["features"]) == ("knn", "accuracy", "trained")
    ]
    assert (predictions["knn"] == predictions["truth"]).mean() == pytest.approx(knn)
    assert {row["split"] for row in summary["validation_scores"]} == {"validation"}
    assert {row["split"] for row in summary["validation_gains"]} == {"validation"}
    predictions = pq.read_table(folder / "predictions_validation.parquet").to_pandas()
    assert set(predictions.columns) == {"row", "truth", "knn", "probe"}
    for column, protocol in (("knn", "knn"), ("probe", "linear probe")):
        (value,) = [
            row["value"]
            for row in summary["validation_scores"]
            if (row["protocol"], row["metric"], row["features"])
            == (protocol, "accuracy", "trained")
        ]
        assert (predictions[column] == predictions["truth"]).mean() == pytest.approx(value)
        assert predictions["row"].between(fitted, fitted + validated - 1).all()

    # A second run with the same encoder and seed takes the baselines from the shelf.
    first = summary["scores"]
    made: list[Path] = []
    write = baselines.write_arrays
    monkeypatch.setattr(
        baselines, "write_arrays", lambda path, *rest: (made.append(path), write(path, *rest))
    )
    carry_out(home, memory_events, stop_after, "two")
    assert made == []
    assert memory_events.told["scores"] == first


def test_baselines_are_scored_once_for_each_k_and_embedded_once(
    home: Path, memory_events: Any, stop_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    write = baselines.write_arrays
    monkeypatch.setattr(
        baselines, "write_arrays", lambda path, *rest: (made.append(path.name), write(path, *rest))
    )

    def made_by(**options: Any) -> list[str]:
        made.clear()
        quick = {"label_efficiency": False, "nuisances": False} | options
        carry_out(home, memory_events, stop_after, "k", eval=quick)
        rows = [*memory_events.told["scores"], *memory_events.told["gains"]]
        asked_for = {row["neighbours"] for row in rows if row["protocol"] == "knn"}
        assert asked_for == {options.get("neighbours", 20)}
        return sorted(name.rpartition("-")[0] for name in made)

    assert made_by() == ["random_init", "raw_input", "untrained"]
    assert made_by(neighbours=5) == ["random_init", "raw_input"]
    assert made_by(neighbours=20) == []


def test_another_seed_has_another_untrained_encoder(
    home: Path, memory_events: Any, stop_after: Any
) -> None:
    def untrained(seed: int) -> list[Any]:
        quick = {"label_efficiency": False, "nuisances": False}
        carry_out(home, memory_events, stop_after, f"seed{seed}", seed=seed, eval=quick)
        scores = memory_events.told["scores"]
        assert {row["protocol"] for row in scores} == {"knn", "linear probe", "clustering", "guess"}
        return [row for row in scores if row["features"] == "random init"]

    assert untrained(0) != untrained(1)


def test_texts_are_compared_with_word_counts(
    tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    source = write_texts(tmp_path / "posts.csv")
    data = DataConfig(str(source), label="topic")
    folder = carry_out(
        tmp_path / "home",
        memory_events,
        stop_after,
        "texts",
        data=data,
        task="mlm",
        **TEXT_ENCODER,
    )
    scores = memory_events.told["scores"]
    assert {row["features"] for row in scores} == {
        "trained",
        "random init",
        "tf-idf",
        "lsa",
        "word vectors",
        "largest class",
    }
    tfidf = [row for row in scores if row["features"] == "tf-idf"]
    assert all(row["protocol"] != "knn" for row in tfidf)
    assert max(row["value"] for row in tfidf) == 1.0
    assert not (folder / "thumbnails.npy").exists()
    assert "z" not in json.loads((folder / "spectrum.json").read_text("utf-8"))


def test_without_labels_there_are_maps_and_a_note(
    tmp_path: Path, memory_events: Any, stop_after: Any
) -> None:
    source = write_texts(tmp_path / "posts.csv", labels=False)
    folder = carry_out(
        tmp_path / "home",
        memory_events,
        stop_after,
        "bare",
        data=DataConfig(str(source)),
        task="mlm",
        **TEXT_ENCODER,
    )
    summary = memory_events.told
    assert {(r["protocol"], r["metric"], r["target"], r["split"]) for r in summary["scores"]} == {
        ("nuisance probe", "r2", "length", "test")
    }
    assert {r["features"] for r in summary["scores"]} == {"trained", "random init", "lsa"}
    assert {r["split"] for r in summary["validation_scores"]} == {"validation"}
    assert summary["gains"] == summary["validation_gains"] == []
    assert any("No labels, so no scores" in note for note in memory_events.notes)
    assert not (folder / "predictions.parquet").exists()
    assert (folder / "map_pca.parquet").exists()


def test_texts_embed_the_same_in_any_order(tmp_path: Path) -> None:
    """Sorting by length saves padding and must not show."""
    import torch

    from workbench.encoders.text import TextMini
    from workbench.scoring.evaluate import embed
    from workbench.training.device import choose

    data = prepare(DataConfig(str(write_texts(tmp_path / "posts.csv"))), tmp_path / "home")
    torch.manual_seed(0)
    encoder = TextMini(dim=16, depth=1).build(data.info)
    placement = choose("cpu", "fp32", "text", None)
    rows = np.arange(data.info.counts["train"], dtype=np.int64)
    whole = embed(encoder, data, {"train": rows}, placement)["train"]
    for row in (0, 17, 100):
        one = embed(encoder, data, {"train": rows[row : row + 1]}, placement)["train"]
        assert one[0] == pytest.approx(whole[row], abs=1e-5)


def test_factors_beside_the_label_are_probed_and_groups_are_told(
    home: Path, memory_events: Any, stop_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.scoring import scorer

    monkeypatch.setattr(scorer, "MOST_FACTORS", 2)
    quick = {"label_efficiency": False}
    data = DataConfig("sample:scans", samples=200)
    carry_out(home, memory_events, stop_after, "scans", data=data, eval=quick)
    probed = [r for r in memory_events.told["scores"] if r["protocol"] == "linear probe"]
    assert {r["target"] for r in probed} == {"label", "organs", "scanner"}
    assert any("first 2 of 3 factors" in note for note in memory_events.notes)
    nuisances = [r for r in memory_events.told["scores"] if r["protocol"] == "nuisance probe"]
    assert {r["target"] for r in nuisances} >= {"brightness"}
    # Four scans a patient are too few to fit, choose and score by.
    assert any("No nuisance probe for groups" in note for note in memory_events.notes)
    carry_out(home, memory_events, stop_after, "label", data=data, eval=quick | {"factors": False})
    scores = memory_events.told["scores"]
    assert {r["target"] for r in scores if r["protocol"] == "linear probe"} == {"label"}
