"""Makes a small home with runs of every state, by the version of the workbench that runs it.

    python tests/homes/make_home.py tests/homes/VERSION

Run it once with the code of a version that people may have used, and keep the result: the tests of
later versions open it. ``made.json`` names the run that plays each part, ``shown.json`` holds what
that version told of each run. Absolute paths inside the home begin with ``ROOT``, and ``open_home``
puts the real place there.

Every run is small: 40 pictures of 12 x 12 pixels or 60 texts, an encoder of few channels, and only
the two unfinished runs keep their checkpoints.
"""

from __future__ import annotations

import csv
import importlib
import io
import json
import platform
import shutil
import sqlite3
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

ROOT = "/the-place-of-this-home"
UNFINISHED = ("stopped", "running")
_LONG, _STEPS = 300, 20
_LEFT_OUT = ("store.db*", "*.lock", ".*", "engine.json", "*.log")
_PATIENCE = 600.0


def open_home(kept: Path, target: Path) -> tuple[Path, dict[str, Any]]:
    """A copy of a kept home below ``target``, its paths put right; the home, and who plays what."""
    shutil.copytree(kept, target, dirs_exist_ok=True)
    _replace(target, {ROOT: str(target.absolute())})
    return target / "home", json.loads((target / "made.json").read_text("utf-8"))


def main(folder: str) -> None:
    with tempfile.TemporaryDirectory() as made_in:
        root = Path(made_in).resolve()
        parts = _make(root)
        target = Path(folder)
        shutil.copytree(root, target, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        (target / "made.json").write_text(json.dumps(parts, indent=2) + "\n", "utf-8")
        _copy_store(root / "home", target / "home")
        _drop_checkpoints(target / "home", {parts[name] for name in UNFINISHED})
        _replace(target, {str(root): ROOT, sys.prefix: "/python", platform.platform(): "Linux"})
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    sys.stdout.write(f"{target}: {size / 1e6:.2f} MB\n")


def _make(root: Path) -> dict[str, Any]:
    """Sources and home below ``root``; the id of the run that plays each part."""
    import workbench as wb

    sources, home = root / "sources", root / "home"
    sources.mkdir()
    _write_pictures(sources / "pictures.zip")
    _write_texts(sources / "texts.csv")
    (sources / "mirror.py").write_text(_plugin(), "utf-8")
    wb.load_plugin(str(sources / "mirror.py"))
    pictures = wb.load(str(sources / "pictures.zip"), home=home)
    texts = wb.load(str(sources / "texts.csv"), home=home, label="topic")
    texts.hold_test()

    def run(data: Any, task: str, name: str, steps: int = _STEPS, **changes: Any) -> Any:
        train = {"batch_size": 16, "precision": "fp32", **changes.pop("train", {})}
        encoder = {"encoder": "small_conv", "encoder_options": {"width": 4}}
        if data is texts:
            encoder = {"encoder_options": {"dim": 32}}
        settings = {"label_efficiency": False}
        request = {"steps": steps, "train": train, "evaluation": settings, "device": "cpu"}
        return wb.pretrain(data, task, name=name, **encoder, **(request | changes))

    runs = {
        "contrastive": run(pictures, "simclr", "contrastive"),
        "rotated": run(pictures, "rotation", "rotated"),
        "plugin": run(pictures, "mirror", "mirrored"),
        "words": run(texts, "mlm", "words"),
        "sentences": run(texts, "simcse", "sentences"),
        "failed": run(pictures, "vicreg", "failed", 60, train=_TOO_FAST),
    }
    runs["sentences"].confirm_test()
    for name in ("contrastive", "words"):
        _until(lambda one=runs[name]: one.row.map_state == "ready", f"the map of {name}")
    _second_map(home, runs["contrastive"].id)
    runs["whole"] = run(pictures, "simclr", "not interrupted", _LONG, seed=3)
    again: dict[str, Any] = {"seed": 3, "again": True, "wait": False}
    runs["stopped"] = run(pictures, "simclr", "interrupted", _LONG, **again)
    _until(lambda: "loss" in runs["stopped"].curves, "the first steps")
    runs["stopped"].stop()
    runs["stopped"].wait()
    runs["running"] = run(pictures, "rotation", "cut off", 10**6, wait=False)
    runs["queued"] = run(pictures, "rotation", "waiting", seed=1, wait=False)
    _until(lambda: "loss" in runs["running"].curves, "the first steps")
    _end_processes(home)
    parts = {name: one.id for name, one in runs.items()}
    states = {name: one.status for name, one in runs.items()}
    for name in ("failed", "stopped", "running", "queued"):
        assert states[name] == name, states
    _mark(home, parts, pictures.info.fingerprint)
    fingerprints = {"pictures": pictures.info.fingerprint, "texts": texts.info.fingerprint}
    shown = {name: one.json for name, one in runs.items()}
    (root / "shown.json").write_text(json.dumps(shown, indent=1) + "\n", "utf-8")
    return parts | {"states": states, "fingerprints": fingerprints}


def _second_map(home: Path, run_id: str) -> None:
    """The noise control of a map: another UMAP of the same run."""
    noise_control = _module("engine.noise_control", "runs.map_again")
    store = _module("store.store", "runs.store").Store.open(home)
    request = getattr(noise_control, "request", None) or noise_control.ask
    request(store, run_id)
    _until(lambda: noise_control.state(store, run_id) is None, "the second map")


# A rate at which the loss is no number after a few steps.
_TOO_FAST = {"learning_rate": 1000.0, "optimizer": "sgd"}


def _mark(home: Path, parts: dict[str, str], fingerprint: str) -> None:
    """What people add to a home: names, tags, named groups, votes, a lesson's predictions."""
    predictions = importlib.import_module("workbench.lessons.predictions")
    named_groups = _module("store.named_groups", "runs.named_groups")
    owners = _module("store.owners", "runs.owners")
    votes = _module("stored_runs.votes", "runs.votes")
    edit = _module("store.edit", "runs.edit")
    store = _module("store.store", "runs.store").Store.open(home)
    edit.edit(home, parts["contrastive"], name="the best", note="look again", tag=("thesis",))
    ada = owners.Viewer(name="Ada", local=True)
    named_groups.keep(store, fingerprint, "dark ones", (0, 3, 5), viewer=ada)
    named_groups.keep(store, fingerprint, "bright ones", (1, 2, 8, 9), viewer=ada)
    one, other = parts["contrastive"], parts["rotated"]
    votes.keep(store, fingerprint, votes.vote("ada", 3, one, other, one))
    votes.keep(store, fingerprint, votes.vote("ada", 5, one, other, ""))
    predictions.predict(store, "collapse", "Ada", "collapsed", "group 1")
    predictions.predict(store, "collapse", "Bob", "higher", "group 1")
    predictions.reveal(store, "collapse", "Bob")


def _module(*names: str) -> Any:
    """The first of these modules that this version has."""
    for name in names:
        try:
            return importlib.import_module(f"workbench.{name}")
        except ModuleNotFoundError:
            continue
    raise ModuleNotFoundError(f"none of {names}")


def _plugin() -> str:
    """The task ``mirror`` as this version's own page on adding a task has it."""
    docs = Path(importlib.import_module("workbench").__file__ or "").parents[1] / "docs"
    page = next(docs.rglob("add-a-task.md")).read_text("utf-8")
    return next(code for code in page.split("```python\n")[1:] if "class Mirror" in code).split(
        "```"
    )[0]


def _write_pictures(path: Path) -> None:
    """20 pictures with an upright bar and 20 with a lying one, in two folders."""
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as file:
        for i in range(40):
            pixels = rng.integers(0, 60, (12, 12, 3)).astype(np.uint8)
            place = int(rng.integers(1, 9))
            bar = (slice(1, 11), slice(place, place + 3))
            pixels[bar if i % 2 else bar[::-1]] += rng.integers(100, 190, 3).astype(np.uint8)
            out = io.BytesIO()
            Image.fromarray(pixels).save(out, "PNG")
            file.writestr(f"{'upright' if i % 2 else 'lying'}/{i:02}.png", out.getvalue())


def _write_texts(path: Path) -> None:
    """60 short texts on two topics."""
    rng = np.random.default_rng(0)
    words = {
        "kitchen": ("bread", "butter", "oven", "spoon", "salt", "soup", "plate", "apple"),
        "street": ("tram", "bicycle", "corner", "light", "bus", "bridge", "shop", "crossing"),
    }
    common = ("the", "a", "near", "with", "and", "old", "new", "was", "is", "seen")
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["note", "topic"])
        for i in range(60):
            topic = "kitchen" if i % 2 else "street"
            chosen = [rng.choice(words[topic] if k % 2 else common) for k in range(10)]
            rows.writerow([f"{' '.join(chosen)} {i}.", topic])


def _until(ready: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)


def _end_processes(folder: Path) -> None:
    """Kill the supervisor before its worker, so that it cannot note how the worker ended."""
    mine = [
        (process, process.info["cmdline"])
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in word for word in process.info["cmdline"] or ())
    ]
    mine.sort(key=lambda one: not any("supervisor" in word for word in one[1]))
    for process, _ in mine:
        process.kill()
    psutil.wait_procs([process for process, _ in mine], timeout=10)


def _copy_store(home: Path, target: Path) -> None:
    """Copy the store as one file, with what its journal holds."""
    source, copy = sqlite3.connect(home / "store.db"), sqlite3.connect(target / "store.db")
    source.backup(copy)
    copy.execute("PRAGMA journal_mode=DELETE")
    copy.execute("VACUUM")
    source.close()
    copy.close()


def _drop_checkpoints(home: Path, unfinished: set[str]) -> None:
    """Remove checkpoints that nothing goes on from."""
    for path in home.glob("runs/*/checkpoint*"):
        if path.parent.name not in unfinished:
            path.unlink()


def _replace(root: Path, words: Mapping[str, str]) -> None:
    """Replace words in all files of JSON and text below ``root`` and in its store."""
    file = sqlite3.connect(root / "home" / "store.db")
    for old, new in words.items():
        for path in root.rglob("*"):
            if path.suffix in (".json", ".txt") and old in (text := path.read_text("utf-8")):
                path.write_text(text.replace(old, new), "utf-8")
        for column in ("config", "summary", "reason"):
            file.execute(f"UPDATE runs SET {column} = replace({column}, ?, ?)", (old, new))
    file.commit()
    file.close()


if __name__ == "__main__":
    main(sys.argv[1])
