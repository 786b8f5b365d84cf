from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from workbench.config import DataConfig
from workbench.errors import RequestError
from workbench.export.new_embeddings import embed_arrays, embed_data


def _tree(folder: Path, count: int = 9) -> Path:
    """A folder of images, one sub-folder a class, larger than the run's own images."""
    rng = np.random.default_rng(1)
    for i in range(count):
        path = folder / ("sun" if i % 3 else "moon") / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (20, 24, 3)).astype(np.uint8)).save(path)
    return folder


def test_arrays_go_through_the_trained_weights(make_run: Any) -> None:
    run = make_run()
    images = np.array(run.data.images[:7])
    with torch.no_grad():
        expected = run.encoder(torch.from_numpy(images).float() / 255).numpy()
    h = embed_arrays(run.run, images.transpose(0, 2, 3, 1))
    assert h.dtype == np.float32
    assert h.shape == (7, run.encoder.dim)
    np.testing.assert_allclose(h, expected, atol=1e-5)


def test_float_images_are_the_same_images(make_run: Any) -> None:
    run = make_run()
    pixels = np.random.default_rng(2).integers(0, 255, (5, 12, 12, 3)).astype(np.uint8)
    h = embed_arrays(run.run, pixels)
    np.testing.assert_allclose(embed_arrays(run.run, pixels / 255.0), h, atol=1e-4)


def test_texts_do_not_depend_on_their_neighbours(make_run: Any) -> None:
    run = make_run("mlm", encoder="text_mini", texts=True)
    texts = ["red car runs", "a tree stands in a green house and runs fast " * 4, "blue"]
    together = embed_arrays(run.run, texts)
    alone = np.concatenate([embed_arrays(run.run, [text]) for text in texts])
    assert together.shape == (3, run.encoder.dim)
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_no_samples_give_no_rows(make_run: Any) -> None:
    run = make_run()
    assert embed_arrays(run.run, []).shape == (0, run.encoder.dim)


def test_a_folder_becomes_a_table_that_pandas_reads(make_run: Any, tmp_path: Path) -> None:
    run = make_run()
    to = tmp_path / "out" / "h.parquet"
    shares: list[float] = []
    source = DataConfig(str(_tree(tmp_path / "images")))
    count = embed_data(run.run, source, to, progress=lambda _, s: shares.append(s))
    table = pd.read_parquet(to)
    assert count == len(table) == 9
    assert list(table.columns) == ["id", "split", "label", "h"]
    assert sorted(table["label"].value_counts().items()) == [("moon", 3), ("sun", 6)]
    assert table["id"].is_unique
    assert np.stack(table["h"]).shape == (9, run.encoder.dim)
    assert shares[-1] == 1.0
    metadata = pq.read_schema(to).metadata
    assert metadata[b"workbench.run"].decode() == run.row.id
    assert [path.name for path in to.parent.iterdir()] == ["h.parquet"]


def test_rows_belong_to_their_ids(make_run: Any, tmp_path: Path) -> None:
    run = make_run()
    folder = _tree(tmp_path / "images")
    embed_data(run.run, DataConfig(str(folder)), tmp_path / "h.parquet")
    table = pd.read_parquet(tmp_path / "h.parquet")
    stored = np.stack(table["h"])
    for row in (0, 4, 8):
        with Image.open(folder / table["id"][row]) as picture:
            h = embed_arrays(run.run, np.asarray(picture)[None])
        # Scaling a file and scaling an array may differ by one grey level.
        far = np.linalg.norm(stored - h, axis=1)
        assert far.argmin() == row
        assert far[row] < 0.2 * np.delete(far, row).min()


def test_texts_without_labels(make_run: Any, tmp_path: Path) -> None:
    run = make_run("mlm", encoder="text_mini", texts=True)
    lines = [json.dumps({"text": f"the {word} car runs"}) for word in ("red", "blue", "green")]
    (tmp_path / "new.jsonl").write_text("\n".join(lines), "utf-8")
    source = DataConfig(str(tmp_path / "new.jsonl"))
    assert embed_data(run.run, source, tmp_path / "h.parquet") == 3
    assert list(pd.read_parquet(tmp_path / "h.parquet").columns) == ["id", "split", "h"]


def test_what_cannot_be_done_is_refused_and_leaves_nothing(make_run: Any, tmp_path: Path) -> None:
    run = make_run()
    with pytest.raises(RequestError, match="no Parquet"):
        embed_data(run.run, DataConfig("sample:digits"), tmp_path / "h.csv")
    (tmp_path / "words.jsonl").write_text('{"text": "one"}\n{"text": "two"}', "utf-8")
    source = DataConfig(str(tmp_path / "words.jsonl"))
    with pytest.raises(RequestError):
        embed_data(run.run, source, tmp_path / "h.parquet")
    with pytest.raises(RequestError):
        embed_arrays(run.run, ["a text for an image encoder"])
    assert not list(tmp_path.glob("*.parquet*"))


def test_each_row_keeps_the_split_that_it_had_in_the_run(make_run: Any, tmp_path: Path) -> None:
    """Splits that were made for the run stand in no source."""
    run = make_run()
    reference = run.run.data
    assert embed_data(run.run, DataConfig(run.run.config["data"]["source"]), tmp_path / "h.parquet")
    table = pd.read_parquet(tmp_path / "h.parquet")
    splits = dict(zip(table["id"], table["split"], strict=True))
    assert len(table) == reference.info.total
    for split in reference.info.counts:
        for name in reference.ids[reference.rows(split)]:
            assert splits[name] == split, name


def test_a_sample_of_another_content_keeps_no_split_of_the_run(
    make_run: Any, tmp_path: Path
) -> None:
    run = make_run()
    folder = _tree(tmp_path / "images")
    embed_data(run.run, DataConfig(str(folder)), tmp_path / "h.parquet")
    assert set(pd.read_parquet(tmp_path / "h.parquet")["split"]) == {"test"}
