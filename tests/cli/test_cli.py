"""The ``workbench`` command as a stranger uses it: answers on stdout, progress on stderr."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest
from PIL import Image

from workbench import __version__
from workbench.cli.main import workbench
from workbench.store.store import Store

COMMAND = [sys.executable, "-c", "from workbench.cli.main import main; main()"]
RUN_KEYS = {"id", "status", "config", "training", "verdict", "scores", "artifacts"}
ROW_KEYS = {"id", "name", "status", "reason", "owner", "created"}


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run a command that must do; its stdout, read as one JSON document with ``--json``."""

    def run(*words: object, status: int = 0) -> Any:
        code = workbench.main([str(word) for word in words])
        told = capsys.readouterr()
        assert code == status, told.err
        return json.loads(told.out) if "--json" in words else told.out

    return run


@pytest.fixture
def other_home(finished_home: Path, tmp_path: Path) -> Path:
    """A copy of the home with finished runs, to write into."""
    own = tmp_path / "own"
    shutil.copytree(finished_home, own, ignore=shutil.ignore_patterns("*.lock", "engine.json"))
    return own


# Lists ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tasks", "augmentations", "encoders", "datasets", "presets"])
def test_a_list_says_what_each_entry_is(answer: Callable[..., Any], kind: str) -> None:
    entries = answer("list", kind, "--json")
    assert entries
    assert len({entry["name"] for entry in entries}) == len(entries)
    for entry in entries:
        assert {"name", "modality", "family", "summary", "reference", "options"} <= set(entry)
        kinds = entry["modality"] if isinstance(entry["modality"], list) else [entry["modality"]]
        assert set(kinds) <= {"image", "text"}
        assert kinds
        assert entry["summary"]
        for option in entry["options"]:
            assert {"name", "type", "default", "help"} <= set(option)
            assert option["help"]
    text = answer("list", kind)
    assert all(entry["name"] in text for entry in entries)


def test_options_that_are_numbers_have_a_range_or_choices(answer: Callable[..., Any]) -> None:
    for kind in ("tasks", "augmentations", "encoders"):
        for entry in answer("list", kind, "--json"):
            for option in entry["options"]:
                limited = {"low", "high", "choices"} & set(option)
                assert limited or option["type"] not in ("int", "float", "range"), option


def test_help_and_version(answer: Callable[..., Any]) -> None:
    assert __version__ in answer("--version")
    commands = answer("--help")
    assert commands == answer()
    assert {"app", "pretrain", "pilot", "stop", "doctor"} < set(workbench.commands)
    for name in workbench.commands:
        assert name in commands
        assert "--help" in answer(name, "--help")


def test_an_unknown_flag_points_to_the_help(
    answer: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert workbench.main(["runs", "--jsn"]) == 2
    told = capsys.readouterr()
    assert "--json" in told.err
    assert "workbench runs --help" in told.err
    assert len(told.err.splitlines()) <= 6


def test_a_reader_that_leaves_early_is_no_error() -> None:
    with subprocess.Popen(
        [*COMMAND, "list", "augmentations", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


# Runs -------------------------------------------------------------------------------------------


def test_a_home_without_runs_stays_as_it_is(answer: Callable[..., Any], tmp_path: Path) -> None:
    assert answer("runs", "--json", "--home", tmp_path / "none") == []
    assert "workbench pretrain" in answer("runs", "--home", tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_finished_runs_are_listed_shown_and_compared(
    answer: Callable[..., Any], finished_home: Path, tmp_path: Path
) -> None:
    at = ("--home", finished_home)
    rows = answer("runs", "--json", *at)
    assert [row["status"] for row in rows] == ["finished", "finished"]
    assert all(set(row) >= ROW_KEYS for row in rows)
    ids = [row["id"] for row in rows]
    assert all(run_id in answer("runs", *at) for run_id in ids)
    assert answer("runs", "--json", "--owner", "nobody", *at) == []

    run = answer("show", ids[0], "--json", *at)
    assert set(run) >= RUN_KEYS
    assert run["id"] == ids[0]
    assert run["verdict"]["label"]
    keys = [
        (s["protocol"], s["metric"], s["features"], s["target"], s.get("labels_per_class"))
        for s in run["scores"]
    ]
    assert len(set(keys)) == len(keys) > 0
    assert all(s["low"] <= s["value"] <= s["high"] for s in run["scores"])
    assert all(Path(path).is_file() for path in run["artifacts"].values())
    curves = answer("show", ids[0], "--curves", "--json", *at)["curves"]
    assert len(curves["loss"]) == 12
    assert "collapse check" in answer("show", ids[0], *at)

    report = tmp_path / "report.html"
    both = answer("compare", *ids, "--json", "--html", report, *at)
    assert [run["id"] for run in both["runs"]] == ids
    assert both["comparison"]["sentences"]
    assert report.read_text("utf-8").startswith("<!doctype html>")
    assert both["comparison"]["sentences"][0] in answer("compare", *ids, *at)


def test_numbers_that_json_has_no_word_for_are_null(
    answer: Callable[..., Any], tmp_path: Path
) -> None:
    store = Store.open(tmp_path)
    run_id = store.add_run({"task": "simclr"}, digest="")
    store.merge_summary(run_id, {"chance": float("nan"), "training": {"steps": float("inf")}})
    store.write_metrics(run_id, [("loss", 1, 2.0)])
    run = answer("show", run_id, "--json", "--curves", "--home", tmp_path)
    assert run["chance"] is None
    assert run["training"] == {"steps": None}
    assert run["curves"] == {"loss": [[1, 2.0]]}


def test_a_queued_run_is_stopped_at_once(
    answer: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store.open(tmp_path)
    run_id = store.add_run({"task": "simclr"}, digest="")
    assert answer("stop", run_id, "--json", "--home", tmp_path)["status"] == "stopped"
    assert workbench.main(["stop", run_id, "--home", str(tmp_path)]) == 0
    assert "stopped already" in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["--json", "--yes", None])
def test_a_run_is_deleted_with_its_files(
    answer: Callable[..., Any],
    other_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    flag: str | None,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    run_id = Store.open(other_home).runs()[0].id
    words = ["delete", run_id, "--home", str(other_home), *([flag] if flag else [])]
    told = answer(*words)
    assert told == ({"id": run_id, "deleted": True} if flag == "--json" else "")
    assert not (other_home / "runs" / run_id).exists()
    assert run_id not in {row.id for row in Store.open(other_home).runs()}


def test_who_sits_at_a_terminal_is_asked_first(
    answer: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    run_id = Store.open(tmp_path).add_run({"task": "simclr"}, digest="")
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    answer("delete", run_id, "--home", tmp_path, status=130)
    assert Store.open(tmp_path).find(run_id) is not None
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    answer("delete", run_id, "--home", tmp_path)
    assert Store.open(tmp_path).find(run_id) is None


def test_new_input_through_an_old_encoder(
    answer: Callable[..., Any], other_home: Path, tmp_path: Path
) -> None:
    run_id = Store.open(other_home).runs()[0].id
    folder = tmp_path / "new"
    folder.mkdir()
    for index in range(5):
        pixels = np.random.default_rng(index).integers(0, 255, (20, 30, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{index}.png")
    to = tmp_path / "h.parquet"
    assert answer("embed", run_id, "--data", folder, "--to", to, "--home", other_home) == ""
    table = pq.read_table(to)
    assert table.num_rows == 5
    assert {"id", "split", "h"} <= set(table.column_names)
    files = answer("export", run_id, "--to", tmp_path / "out", "--home", other_home).split()
    assert str(tmp_path / "out" / "encoder.safetensors") in files
    assert all(Path(file).is_file() for file in files)


# Without a run ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("array", "label"),
    [
        (np.random.default_rng(0).standard_normal((400, 16)), "no sign of collapse"),
        (np.ones((50, 8)), "complete collapse"),
        (np.zeros((50, 8), np.float32), "complete collapse"),
        (np.outer(np.random.default_rng(0).standard_normal(400), np.ones(8)), "dimensional"),
        (np.random.default_rng(0).standard_normal((2, 3)), ""),
        (np.arange(40).reshape(10, 4), ""),
        (np.random.default_rng(0).standard_normal((30, 1)), ""),
    ],
)
def test_embeddings_of_any_kind_are_judged(
    answer: Callable[..., Any], tmp_path: Path, array: np.ndarray, label: str
) -> None:
    np.save(tmp_path / "h.npy", array)
    found = answer("diagnose", tmp_path / "h.npy", "--json")
    assert set(found) == {"verdict", "metrics"}
    assert found["verdict"]["label"].startswith(label)
    assert found["verdict"]["label"] != "too early to say"
    assert found["verdict"]["reason"]
    assert all(isinstance(value, float) for value in found["metrics"].values())
    np.save(tmp_path / "labels.npy", np.arange(len(array)) % 2)
    named = answer("diagnose", tmp_path / "h.npy", "--labels", tmp_path / "labels.npy", "--json")
    assert 0 <= named["metrics"]["neighbours_agree"] <= 1
    assert "collapse check" in answer("diagnose", tmp_path / "h.npy")


def test_the_doctor_answers(answer: Callable[..., Any], tmp_path: Path) -> None:
    found = answer("doctor", "--json", "--home", tmp_path)
    assert found["versions"]["workbench"] == __version__
    assert {"hardware", "home", "free_bytes", "problems"} <= set(found)
    assert "torch" in answer("doctor", "--home", tmp_path)


# Whole runs, in processes of their own ----------------------------------------------------------


@pytest.fixture
def crooked(tmp_path: Path) -> Path:
    """Two classes of images, one with a single image, and files that are broken or no images."""
    root = tmp_path / "photos"
    for name, count in (("cat", 14), ("dog", 14), ("only", 1)):
        (root / name).mkdir(parents=True)
        for index in range(count):
            seed = [len(name), ord(name[0]), index]
            pixels = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), np.uint8)
            Image.fromarray(pixels).save(root / name / f"{index:02}.png")
    (root / "cat" / "torn.png").write_bytes((root / "cat" / "00.png").read_bytes()[:60])
    (root / "dog" / "empty.jpg").write_bytes(b"")
    (root / "notes.txt").write_text("no image")
    return root


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A home of this test's own; its processes end with the test."""
    home = tmp_path / "home"
    yield home
    for process in psutil.process_iter(["cmdline"]):
        if any(str(home) in part for part in process.info["cmdline"] or ()):
            process.kill()


def test_a_pilot_on_crooked_data_and_the_same_again(
    crooked: Path, own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: object) -> tuple[dict[str, Any], str]:
        status = workbench.main([*map(str, words), "--json", "--home", str(own)])
        told = capsys.readouterr()
        assert status == 0, told.err
        return json.loads(told.out), told.err

    monkeypatch.chdir(crooked.parent)
    report = own.parent / "report.html"
    quick = ("--set", "eval.label_efficiency=false", "--set", "eval.nuisances=false")
    pilot = ("pilot", "--data", "photos", "--tasks", "simclr,rotation", "--steps", 3, *quick)
    document, progress = run(*pilot, "--html", report)
    assert [run["status"] for run in document["runs"]] == ["finished", "finished"]
    assert [run["config"]["task"] for run in document["runs"]] == ["simclr", "rotation"]
    assert all(set(run) >= RUN_KEYS for run in document["runs"])
    assert all(run["config"]["data"]["source"] == str(crooked) for run in document["runs"])
    assert document["comparison"]
    assert report.is_file()
    for sentence in (
        "2 broken images were skipped (cat/torn.png",
        "dog/empty.jpg",
        "1 not an image",
        "1 class has a single sample ('only')",
        "Encoder: small_conv for all tasks.",
    ):
        assert sentence in progress
    assert "Traceback" not in progress

    # Made again from another folder, by its path and by its file: the finished run is shown.
    monkeypatch.chdir(own)
    first = document["runs"][0]
    config = own / "runs" / first["id"] / "config.json"
    for words in (
        ("--data", crooked, "--task", "simclr", "--steps", 3, *quick),
        ("--config", config),
    ):
        again, progress = run("pretrain", *words)
        assert again["id"] == first["id"]
        assert "--again runs it anew" in progress


def test_the_test_is_kept_closed_until_runs_are_confirmed(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: object) -> tuple[dict[str, Any], str]:
        status = workbench.main([*map(str, words), "--home", str(home)])
        told = capsys.readouterr()
        assert status == 0, told.err
        return json.loads(told.out), told.err

    without = [f"eval.{part}=false" for part in ("label_efficiency", "nuisances")]
    quick = ("--steps", "3", "--encoder", "small_conv", "--set", without[0], "--set", without[1])
    words = ("pilot", "--data", "sample:digits", "--tasks", "simclr,moco_v2", *quick)
    document, _ = run(*words, "--hold-test", "--json")
    ids = [found["id"] for found in document["runs"]]
    assert [found["test"] for found in document["runs"]] == ["closed", "closed"]
    splits = {s["split"] for found in document["runs"] for s in found["scores"]}
    assert splits == {"validation"}
    assert document["comparison"]["looks"][0]["runs"] == 0
    assert {row["task"] for row in document["comparison"]["decisions"]} == {"simclr", "moco_v2"}

    confirmed, told = run("confirm-test", ids[0], "--json")
    assert confirmed["opened"] == [ids[0]]
    (opened,) = confirmed["runs"]
    assert opened["test"] == "open"
    assert {s["split"] for s in opened["scores"]} == {"test"}
    assert told == ""
    assert "Confirmed on test" in opened["notes"][-1]
    again, told = run("confirm-test", ids[0], "--json")
    assert again["opened"] == []
    assert "open already" in told

    both, _ = run("compare", *ids, "--json", "--html", tmp_path / "report.html")
    assert [found["test"] for found in both["runs"]] == ["open", "closed"]
    assert both["comparison"]["fair"] is False
    assert both["comparison"]["looks"][0]["runs"] == 1
    # The switch is the data set's: an equal request finds the run, closed, and may open all.
    again_words = ("pretrain", "--data", "sample:digits", "--task", "moco_v2", *quick, "--json")
    assert run(*again_words)[0]["test"] == "closed"
    assert run(*again_words, "--no-hold-test")[0]["test"] == "open"


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_asks_the_run_to_stop(own: Path) -> None:
    words = ["pretrain", "--data", "sample:digits", "--task", "simclr", "--seconds", "120"]
    with subprocess.Popen(
        [*COMMAND, *words, "--json", "--home", str(own)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job ignores it, and hands that down to the tests and from them.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if " training " in line:
                break
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert time.monotonic() - start < 45
    run = json.loads(out)
    assert run["status"] == "stopped"
    assert process.returncode == 1
    assert "Asking the runs to stop" in err
    assert "Traceback" not in err
