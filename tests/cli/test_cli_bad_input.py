"""What a wrong request costs: status 2, a few lines that name field and remedy, nothing else."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.cli.main import workbench
from workbench.jobs import launch
from workbench.store.store import Store

MOST_LINES, MOST_SECONDS = 6, 30.0
DIGITS = ("--data", "sample:digits")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that exists and is empty."""
    own = tmp_path / "home"
    own.mkdir()
    return own


@pytest.fixture
def refused(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command that must be refused; what it says on stderr."""

    def run(*words: object, at: Path | None = home) -> str:
        args = [str(word) for word in words] + (["--home", str(at)] if at is not None else [])
        before = tree(home)
        start = time.monotonic()
        status = workbench.main(args)
        seconds = time.monotonic() - start
        told = capsys.readouterr()
        lines = told.err.splitlines()
        assert status == 2, told.err
        assert told.out == ""
        assert 2 <= len(lines) <= MOST_LINES, told.err
        assert "Traceback" not in told.err
        assert seconds < MOST_SECONDS
        assert tree(home) == before
        return told.err

    return run


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def pictures(root: Path, classes: dict[str, int], side: int = 8) -> Path:
    for seed, (name, count) in enumerate(classes.items()):
        (root / name).mkdir(parents=True)
        for index in range(count):
            pixels = np.random.default_rng([seed, index]).integers(0, 255, (side, side), np.uint8)
            Image.fromarray(pixels).save(root / name / f"{index}.png")
    return root


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


# Names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "field", "offer"),
    [
        (("pretrain", *DIGITS, "--task", "simcrl"), "--task", "simclr"),
        (("pretrain", "--data", "sample:digit", "--task", "simclr"), "--data", "digits"),
        (("pretrain", "--data", "digits", "--task", "simclr"), "--data", "sample:digits"),
        (("pretrain", *DIGITS, "--task", "simclr", "--encoder", "smal_conv"), "--encoder", "small"),
        (("pretrain", *DIGITS, "--task", "simclr", "--preset", "simcrl"), "--preset", "simclr"),
        (
            ("pretrain", *DIGITS, "--task", "simclr", "--augment", "gausian_noise"),
            "--augment",
            "gaussian_noise",
        ),
        (
            ("pretrain", *DIGITS, "--task", "simclr", "--augment", "gaussian_noise.sigm=0,1"),
            "--augment gaussian_noise.sigm",
            "sigma",
        ),
        (
            ("pretrain", *DIGITS, "--task", "simclr", "--augment", "-gausian_noise"),
            "--augment",
            "gaussian_noise",
        ),
        (
            ("pretrain", *DIGITS, "--task", "simclr", "--set", "temprature=1"),
            "--set temprature",
            "temperature",
        ),
        (
            ("pretrain", *DIGITS, "--task", "simclr", "--set", "train.batchsize=8"),
            "--set train.batchsize",
            "batch_size",
        ),
        (
            ("pretrain", *DIGITS, "--task", "simclr", "--set", "trian.batch_size=8"),
            "--set trian.batch_size",
            "train.NAME",
        ),
        (("pretrain", *DIGITS, "--task", "simclr", "--label", "lable"), "--label", "label"),
        (("pilot", *DIGITS, "--tasks", "simclr,rotatoin"), "--task", "rotation"),
        (("pretrian",), "pretrian", "pretrain"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    refused: Callable[..., str], words: tuple[str, ...], field: str, offer: str
) -> None:
    said = refused(*words, at=None) if words == ("pretrian",) else refused(*words)
    first, remedy = said.splitlines()[0], said.splitlines()[-1]
    assert field in first
    assert offer in (said if words == ("pretrian",) else remedy)


def test_a_missing_path_is_refused_with_the_nearest_names(
    refused: Callable[..., str], tmp_path: Path
) -> None:
    pictures(tmp_path / "flowers", {"rose": 1})
    said = refused("pretrain", "--data", tmp_path / "flower", "--task", "simclr")
    assert f"Did you mean {tmp_path / 'flowers'}?" in said
    below = refused("pretrain", "--data", tmp_path / "flowrs" / "rose", "--task", "simclr")
    assert f"Did you mean {tmp_path / 'flowers' / 'rose'}?" in below
    nowhere = refused("pretrain", "--data", tmp_path / "xq" / "yz", "--task", "simclr")
    assert f"There is no '{tmp_path / 'xq'}' either." in nowhere


@pytest.mark.parametrize("source", ["", " ", "~nobody-of-this-name/x", "x" * 5000])
def test_what_is_no_path_is_said(refused: Callable[..., str], source: str) -> None:
    assert "--data" in refused("pretrain", "--data", source, "--task", "simclr")


# Values -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--set", "temperature=1000"), "--set temperature"),
        (("--set", "temperature=hot"), "--set temperature"),
        (("--set", "temperature"), "--set"),
        (("--set", "=1"), "--set"),
        (("--set", "train.batch_size=1"), "--set train.batch_size"),
        (("--set", "train.precision=fp8"), "--set train.precision"),
        (("--set", "eval.full=perhaps"), "--set eval.full"),
        (("--set", "encoder.width=1"), "--set encoder.width"),
        (("--augment", "gaussian_noise.sigma=2,1"), "--augment gaussian_noise.sigma"),
        (("--augment", "gaussian_noise=1"), "--augment"),
        (("--augment", "-vertical_flip"), "--augment"),
        (("--seconds", "0"), "--seconds"),
        (("--seconds", "-1"), "--seconds"),
        (("--seconds", "nan"), "--seconds"),
        (("--seconds", "soon"), "--seconds"),
        (("--steps", "0"), "--steps"),
        (("--steps", "1.5"), "--steps"),
        (("--epochs", "inf"), "--epochs"),
        (("--steps", "5", "--seconds", "5"), "--seconds/--steps/--epochs"),
        (("--seed", "-1"), "--seed"),
        (("--device", "gpu"), "--device"),
        (("--size", "2"), "--size"),
        (("--samples", "1"), "--samples"),
        (("--length", "1"), "--length"),
        (("--channels", "red"), "--channels"),
        (("--channels", "0,0"), "--channels"),
        (("--channels", "7"), "--channels"),
        (("--folders", "maybe"), "--folders"),
        (("--encoder", "text_mini"), "--encoder"),
        (("--augment", "token_mask"), "--augment"),
    ],
)
def test_a_value_out_of_range_names_its_field(
    refused: Callable[..., str], words: tuple[str, ...], field: str
) -> None:
    base = ("pretrain", *DIGITS, "--task", "simclr", "--encoder", "small_conv")
    said = refused(*base, *words)
    assert field in said.splitlines()[0]


def test_tasks_and_data_that_do_not_go_together(
    refused: Callable[..., str], tmp_path: Path
) -> None:
    images = refused("pretrain", *DIGITS, "--task", "mlm")
    assert "'mlm' is for text data, and 'digits' is image data" in images
    lines = "\n".join(f'{{"text": "post number {i} of many"}}' for i in range(30))
    posts = written(tmp_path / "posts.jsonl", lines)
    assert "--task" in refused("pretrain", "--data", posts, "--task", "simclr")
    other = refused("pretrain", *DIGITS, "--task", "simclr", "--encoder", "text_mini")
    assert "cannot train the encoder 'text_mini'" in other
    assert "small_conv" in other
    odd = ("--task", "simclr", "--encoder", "vit_mini", "--set", "encoder.patch=3")
    assert "do not divide images of (8, 8)" in refused("pretrain", *DIGITS, *odd)


def test_a_pilot_is_refused_before_its_runs_start(
    refused: Callable[..., str], tmp_path: Path
) -> None:
    pilot = ("pilot", *DIGITS, "--tasks", "simclr,rotation", "--steps", "2")
    missing = refused(*pilot, "--html", tmp_path / "reports" / "pilot.html")
    assert missing.startswith("--html: there is no folder")
    assert "--html" in refused(*pilot, "--html", tmp_path)
    assert "--tasks" in refused("pilot", *DIGITS, "--tasks", ",")
    assert "named twice" in refused("pilot", *DIGITS, "--tasks", "simclr,simclr")
    assert "--seeds" in refused(*pilot, "--seeds", "0")


def test_a_share_of_the_queue_that_is_too_small_takes_none(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store.open(home)
    asked = ["pilot", *DIGITS, "--tasks", "simclr,rotation", "--seeds", "4", "--steps", "2"]
    store.set_setting("owner_limit", 7)
    assert workbench.main([*asked, "--owner", "ada", "--home", str(home)]) == 2
    said = capsys.readouterr().err
    assert "owner: ada has 0 runs queued or running, and may have 7; this adds 8." in said
    assert len(said.splitlines()) <= MOST_LINES
    assert store.runs() == []
    assert launch.OWNER_LIMIT >= 7


# Data -------------------------------------------------------------------------------------------


def test_sources_that_hold_nothing_to_learn_from(
    refused: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    broken = tmp_path / "broken"
    broken.mkdir()
    for index in range(5):
        written(broken / f"{index}.png", b"no picture at all")
    locked = tmp_path / "torn.zip"
    with zipfile.ZipFile(locked, "w") as archive:
        archive.writestr("a.png", b"0" * 1000)
    written(locked, locked.read_bytes()[:500])
    cases: dict[Path, str] = {
        tmp_path / "empty": "holds no images and no tables",
        broken: "none of 5 images can be read",
        locked: "not a zip",
        written(tmp_path / "numbers.csv", "a,b\n" + "1,2\n" * 50): "--text COLUMN",
        written(tmp_path / "header.csv", "text,label\n"): "no rows",
        written(tmp_path / "nothing.csv", ""): "is empty",
        written(tmp_path / "nothing.jsonl", ""): "no JSON objects",
        written(tmp_path / "no.parquet", "no parquet"): "not a Parquet file",
        written(tmp_path / "thesis.pdf", "%PDF"): "no kind of file",
        written(
            tmp_path / "odd.csv", b"text,label\n" + bytes(range(128, 256)) * 3 + b"\n\0\xff\xfe"
        ): "encoding of 'odd.csv' cannot be recognised",
        pictures(tmp_path / "one", {"only": 1}): "only one sample",
    }
    for path, said in cases.items():
        assert said in refused("pretrain", "--data", path, "--task", "simclr"), path


def test_a_cache_that_does_not_fit_is_refused_with_the_samples_that_do(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = pictures(tmp_path / "images", {"a": 100, "b": 100}, side=32)
    texts = "\n".join(json.dumps({"text": f"word {i} " * 20}) for i in range(200))
    posts = written(tmp_path / "posts.jsonl", texts)
    for path, task, needed in ((images, "simclr", 2 * 200 * 32**2), (posts, "mlm", 3 * len(texts))):
        usage = shutil.disk_usage(tmp_path)._replace(free=200 * 2**20 + needed // 2)
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        said = refused("pretrain", "--data", path, "--task", task)
        assert "of disk" in said
        fitting = int(said.split("--samples ")[1].split(",")[0])
        assert 60 <= fitting <= 140


def test_an_unreachable_hub_is_one_line_in_seconds(home: Path) -> None:
    done, seconds = shell(
        *("pretrain", "--data", "hub:someone/something", "--task", "simclr", "--home", str(home)),
        HF_ENDPOINT="http://127.0.0.1:9",
        HF_HUB_OFFLINE="0",
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("--data: the hub cannot be reached for 'someone/something'")
    assert len(done.stderr.splitlines()) == 2
    assert seconds < MOST_SECONDS
    assert tree(home) == []


# Configurations, plugins ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{no json", "is not JSON"),
        ("[1, 2]", "is not an object"),
        (b"\xff\xfe\x00\x81", "is not JSON"),
        ({"data": "sample:digits"}, "'task': is missing"),
        ({"data": {}, "task": "simclr"}, "'data.source': is missing"),
        ({"data": "sample:digits", "task": "simclr", "bugdet": {}}, "Did you mean budget"),
        ({"data": {"source": "sample:digits", "sise": 8}, "task": "simclr"}, "Did you mean size"),
        ({"data": {"source": "sample:digits", "size": "big"}, "task": "simclr"}, "data.size"),
        ({"data": {"source": 5}, "task": "simclr"}, "data.source"),
        ({"data": "sample:digits", "task": 5}, "'task'"),
        ({"data": "sample:digits", "task": "simclr", "seed": "1"}, "'seed'"),
        ({"data": "sample:digits", "task": "simclr", "seed": True}, "'seed'"),
        ({"data": "sample:digits", "task": "simclr", "options": [1]}, "'options'"),
        ({"data": "sample:digits", "task": "simclr", "augment": 5}, "'augment'"),
        ({"data": "sample:digits", "task": "simclr", "augment": [{}]}, "augment.name"),
        ({"data": "sample:digits", "task": "simclr", "budget": {"steps": "many"}}, "budget.steps"),
        ({"data": "sample:digits", "task": "simclr", "budget": {}}, "0 budgets"),
        ({"data": "sample:digits", "task": "simclr", "plugins": "mine.py"}, "'plugins'"),
        ({"data": "sample:digits", "task": "simclr", "preset": "nosuch"}, "--preset"),
        ({"data": "sample:digits", "task": "simclr", "preset": "none", "augment": []}, "--preset"),
        (
            {"data": "sample:digits", "task": "simclr", "augment": [{"name": "affin"}]},
            "Did you mean affine",
        ),
        (
            {"data": {"source": "sample:digits", "fingerprint": "0" * 16}, "task": "simclr"},
            "has ch",
        ),
    ],
)
def test_a_config_file_that_is_wrong_names_its_field(
    refused: Callable[..., str], tmp_path: Path, text: Any, said: str
) -> None:
    raw = text if isinstance(text, (str, bytes)) else json.dumps(text)
    assert said in refused("pretrain", "--config", written(tmp_path / "config.json", raw))


def test_a_config_file_that_is_not_there(refused: Callable[..., str], tmp_path: Path) -> None:
    assert "--config" in refused("pretrain", "--config", tmp_path / "config.json")
    assert "--config" in refused("pretrain", "--config", tmp_path)


@pytest.mark.parametrize("code", ["import no_such_module", "def f(:", "raise SystemExit(3)", "1/0"])
def test_a_plugin_that_does_not_run_is_said(
    refused: Callable[..., str], tmp_path: Path, code: str
) -> None:
    plugin = written(tmp_path / "mine.py", code)
    said = refused("pretrain", *DIGITS, "--task", "simclr", "--plugin", plugin)
    assert said.startswith("--plugin")
    assert str(plugin) in said.splitlines()[-1]
    missing = refused("pretrain", *DIGITS, "--task", "simclr", "--plugin", tmp_path / "other.py")
    assert "no file at" in missing


# Runs and embeddings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("show", "simclr-aaaaaa"),
        ("show", "../../etc/passwd"),
        ("compare", "simclr-aaaaaa", "simclr-bbbbbb"),
        ("stop", "simclr-aaaaaa"),
        ("stop", "simclr-aaaaaa", "--json"),
        ("resume", "simclr-aaaaaa"),
        ("delete", "simclr-aaaaaa"),
        ("embed", "simclr-aaaaaa", *DIGITS, "--to", "h.parquet"),
        ("export", "simclr-aaaaaa", "--to", "out"),
    ],
)
def test_an_unknown_run_is_refused(
    refused: Callable[..., str], home: Path, words: tuple[str, ...]
) -> None:
    assert "there are no runs in" in refused(*words)
    known = Store.open(home).add_run({"task": "simclr"}, digest="")
    assert known in refused(*words)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.array([[1.0, np.nan], [2.0, 3.0]]), "1 of 2 rows"),
        (np.array([[1.0, np.inf], [2.0, 3.0]]), "NaN or Inf"),
        (np.ones((1, 3)), "1 x 3"),
        (np.ones((4, 0)), "4 x 0"),
        (np.ones((2, 2, 2)), "two-dimensional"),
        (np.array([["a"], ["b"]]), "real numbers"),
        (np.array([{}], object), "no .npy file of plain numbers"),
    ],
)
def test_embeddings_that_cannot_be_judged(
    refused: Callable[..., str], tmp_path: Path, array: np.ndarray, said: str
) -> None:
    np.save(tmp_path / "h.npy", array)
    assert said in refused("diagnose", tmp_path / "h.npy", "--json", at=None)


def test_files_that_are_no_embeddings(refused: Callable[..., str], tmp_path: Path) -> None:
    assert "is not there" in refused("diagnose", tmp_path / "h.npy", at=None)
    assert "FILE" in refused("diagnose", tmp_path, at=None)
    text = written(tmp_path / "text.npy", "no array")
    assert "no .npy file" in refused("diagnose", text, at=None)
    np.save(tmp_path / "h.npy", np.eye(4))
    np.save(tmp_path / "labels.npy", np.arange(5))
    words = ("diagnose", tmp_path / "h.npy", "--labels", tmp_path / "labels.npy")
    assert "--labels" in refused(*words, at=None)


# Homes and servers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("runs",),
        ("doctor",),
        ("show", "simclr-aaaaaa"),
        ("pretrain", *DIGITS, "--task", "simclr"),
        ("pilot", *DIGITS, "--tasks", "simclr"),
        ("app", "--no-browser"),
    ],
)
def test_a_home_that_cannot_be_one(
    refused: Callable[..., str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    file = written(tmp_path / "file", "x")
    assert refused(*words, at=file).startswith("--home")
    assert refused(*words, at=file / "below").startswith("--home")
    assert file.read_text() == "x"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="everything can be written to")
def test_a_home_that_cannot_be_written_to(refused: Callable[..., str], tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o500)
    for at in (shut, shut / "below"):
        assert refused("pretrain", *DIGITS, "--task", "simclr", at=at).startswith("--home")
    assert list(shut.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder refuses everyone")
def test_a_home_where_no_folder_can_be_made(refused: Callable[..., str]) -> None:
    said = refused("pretrain", *DIGITS, "--task", "simclr", at=Path("/proc/workbench"))
    assert "/proc/workbench" in said


def test_a_store_that_is_none(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(home / "store.db", "no database " * 100)
    written(home / "store.lock", "")
    for words in (("runs",), ("pretrain", *DIGITS, "--task", "simclr"), ("app", "--no-browser")):
        assert workbench.main([str(word) for word in (*words, "--home", home)]) == 1
        message = capsys.readouterr().err
        assert message.startswith("the run store is damaged")
        assert "workbench doctor --repair" in message
        assert len(message.splitlines()) <= MOST_LINES


def test_a_port_that_is_taken(refused: Callable[..., str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused("app", "--port", port, "--no-browser", at=tmp_path / "new")
    assert said.startswith(f"--port: port {port}")
    assert not (tmp_path / "new").exists()
    assert "--port" in refused("app", "--port", 99999, "--no-browser")
    assert "--data-root" in refused("app", "--data-root", tmp_path / "none", "--no-browser")


def test_a_fresh_process_says_the_same(home: Path) -> None:
    done, seconds = shell("pretrain", *DIGITS, "--task", "simcrl", "--json", "--home", str(home))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines()[0] == "--task: unknown task 'simcrl'."
    assert len(done.stderr.splitlines()) == 2
    assert seconds < MOST_SECONDS
    assert tree(home) == []


def shell(*words: str, **environment: str) -> tuple[subprocess.CompletedProcess[str], float]:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", "from workbench.cli.main import main; main()", *words],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=2 * MOST_SECONDS,
        check=False,
    )
    return done, time.monotonic() - start
