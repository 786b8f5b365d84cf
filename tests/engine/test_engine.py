"""The engine: asked from outside, by several at once, by strangers, and killed in the middle."""

from __future__ import annotations

import errno
import json
import os
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from filelock import FileLock
from run_making import copy_home, digits, processes, until, write_posts

import workbench as wb
from workbench import paths, registry
from workbench.config import AugmentStep, Budget, DataConfig, RunConfig
from workbench.data.dataset import CLS, PAD
from workbench.engine import address
from workbench.engine.client import EngineClient
from workbench.engine.requests import EngineRequest
from workbench.engine.wire import Message, greeting, receive, send
from workbench.errors import EngineError, RequestError
from workbench.jobs.supervisor import Supervisor
from workbench.requests import validation
from workbench.run_folder import RunFolder
from workbench.store.store import Store

CROP = (AugmentStep("random_resized_crop", {"scale": (0.3, 0.6)}),)


# A package in place of umap-learn, which compiles for long: its fit waits for a file.
UMAP = """
import time
from pathlib import Path

class UMAP:
    def __init__(self, init, **options):
        self.start = init

    def fit_transform(self, points):
        while not Path({gate!r}).exists():
            time.sleep(0.01)
        return self.start
"""


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that every UMAP of this module's engines waits for."""
    return tmp_path_factory.mktemp("gate") / "open"


@pytest.fixture(scope="module")
def served(
    finished_home: Path, gate: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A copy of the home of finished runs, with engines of its own."""
    home = copy_home(finished_home, tmp_path_factory.mktemp("served") / "home")
    forget_maps(Store.open(home))
    stand_in = tmp_path_factory.mktemp("packages")
    (stand_in / "umap.py").write_text(UMAP.format(gate=str(gate)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(stand_in), prepend=os.pathsep)
        yield home
    for module in ("engine.server", "jobs.supervisor", "jobs.worker"):
        for process in processes(home, module):
            process.kill()


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    return write_posts(tmp_path_factory.mktemp("texts") / "posts.csv", [12] * 120)


@pytest.fixture(scope="module")
def posts(served: Path, texts: DataConfig) -> Any:
    """The posts, prepared by the engine; and what it said meanwhile."""
    said: list[tuple[str, float]] = []
    data = EngineClient(served).prepare(texts, lambda text, share: said.append((text, share)))
    return data, said


def test_it_answers_and_only_its_user_can_read_how_to_ask(served: Path) -> None:
    said = EngineClient(served).ping()
    assert said["version"] == wb.__version__
    mode = (served / "engine.json").stat().st_mode
    assert sys.platform == "win32" or stat.S_IMODE(mode) == 0o600
    assert said["pid"] in [process.pid for process in processes(served, "engine.server")]
    if sys.platform == "linux":
        own, tasks = psutil.Process().nice(), Path(f"/proc/{said['pid']}/task").iterdir()
        nice = {int((task / "stat").read_text().rpartition(")")[2].split()[16]) for task in tasks}
        assert nice >= {own, min(19, own + 5)}, "previews go before maps"


def ask(home: Path, raw: bytes, *, hang_up: bool = False) -> bytes:
    """What the engine answers to ``raw``; nothing if it has closed the connection already."""
    found = address.address(home)
    assert found is not None
    with socket.create_connection(("127.0.0.1", found.port), 30) as connection:
        connection.sendall(raw)
        if hang_up:
            return b""
        try:
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(4096), b""))
        except OSError as error:
            if error.errno not in (errno.ENOTCONN, errno.ECONNRESET, errno.EPIPE):
                raise
            return b""


@dataclass(frozen=True)
class DanceRequest(EngineRequest):
    NAME = "dance"


@dataclass(frozen=True)
class EmptyPreviewRequest(EngineRequest):
    NAME = "preview"


@pytest.mark.parametrize("token", ["", "x" * 32, "schlüssel", "x" * 10_000])
def test_a_wrong_token_opens_nothing(served: Path, token: str) -> None:
    EngineClient(served).ping()
    found = address.address(served)
    assert found is not None
    with socket.create_connection(("127.0.0.1", found.port), 30) as connection:
        connection.sendall(greeting(token))
        send(connection, Message({"what": "ping"}))
        answer = receive(connection).values
    assert "the token is wrong" in answer["failed"]["message"]
    assert "pid" not in answer


def test_rubbish_ends_nothing(served: Path) -> None:
    pid = EngineClient(served).ping()["pid"]
    found = address.address(served)
    assert found is not None
    for header in (b"[]", b'{"values": 3, "arrays": []}', b'{"values": {}, "arrays": [1]}', b"{"):
        raw = b"WBE2" + struct.pack(">I", len(header)) + header
        assert ask(served, raw) == b"", "without a greeting"
        assert ask(served, greeting(found.token) + raw) == b""
    assert ask(served, b"GET / HTTP/1.1\r\n\r\n") == b""
    ask(served, b"WB", hang_up=True)
    with pytest.raises(EngineError, match="knows no 'dance'"):
        EngineClient(served)._ask(DanceRequest())
    with pytest.raises(EngineError, match="KeyError"):
        EngineClient(served)._ask(EmptyPreviewRequest())
    assert EngineClient(served).ping()["pid"] == pid


def test_data_are_prepared_with_progress(served: Path, posts: Any, texts: DataConfig) -> None:
    data, said = posts
    assert data.info.modality == "text"
    assert sum(data.info.counts.values()) == 120
    assert data.folder.parent == paths.cache_dir(served.resolve())
    assert said
    assert all(isinstance(text, str) and 0 <= share <= 1 for text, share in said)
    inspected = EngineClient(served).inspect(texts)
    assert inspected["fingerprint"] == data.info.fingerprint


def test_data_that_cannot_be_prepared_are_an_error_of_the_request(
    served: Path, tmp_path: Path
) -> None:
    asked = EngineClient(served)
    with pytest.raises(RequestError, match="nothing") as caught:
        asked.prepare(DataConfig(str(tmp_path / "nothing.csv")))
    assert caught.value.field == "--data"
    with pytest.raises(RequestError):
        asked.inspect(DataConfig("sample:dgits"))
    with pytest.raises(RequestError, match="not prepared"):
        asked.preview("0123456789abcdef", CROP, [0])
    assert asked.job("lost").state == "failed"


def test_a_preview_of_images_is_what_training_makes(served: Path) -> None:
    import torch

    from workbench.augment.policy import Policy
    from workbench.training.batches import SplitData

    data = digits(served)
    rows = [5, 0, 77]
    shown = EngineClient(served).preview(data.info.fingerprint, CROP, rows, views=2, seed=3)
    batch = SplitData(data, "train", torch.device("cpu")).batch(np.array(rows))
    policy = Policy(CROP, data.info)
    images = np.asarray(data.images[data.rows("train")])[rows].transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(shown.originals, images)
    for i, view in enumerate(shown.views):
        made = policy(batch, torch.Generator().manual_seed(3 * 8 + i))
        expected = (made.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
        np.testing.assert_array_equal(view, expected)
    assert (shown.views[0] != shown.views[1]).any()
    assert shown.steps == ("random_resized_crop",)
    np.testing.assert_array_equal(shown.after[-1], shown.views[0])
    np.testing.assert_array_equal(shown.alone[0], shown.views[0])
    again = EngineClient(served).preview(data.info.fingerprint, CROP, rows, views=2, seed=3)
    np.testing.assert_array_equal(again.views[1], shown.views[1])


def test_each_step_alone_is_a_policy_of_that_step_with_the_same_draws(served: Path) -> None:
    import torch

    from workbench.augment.policy import Policy
    from workbench.training.batches import SplitData

    data, rows = digits(served), [5, 0, 77]
    steps = (*CROP, AugmentStep("affine"), AugmentStep("gaussian_noise"), AugmentStep("invert"))
    shown = EngineClient(served).preview(data.info.fingerprint, steps, rows, views=1, seed=2)
    batch = SplitData(data, "train", torch.device("cpu")).batch(np.array(rows))
    assert shown.steps == tuple(step.name for step in steps)
    for i, step in enumerate(steps):
        rng = torch.Generator().manual_seed(2 * 8)
        Policy(steps[:i], data.info)(batch, rng)  # draws what comes before
        alone = Policy((step,), data.info)(batch, rng)
        expected = (alone.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
        np.testing.assert_array_equal(shown.alone[i], expected)
    assert (shown.alone[1] != shown.after[1]).any()
    np.testing.assert_array_equal(shown.after[-1], shown.views[0])


def test_the_cost_of_a_view_is_measured_step_by_step(served: Path) -> None:
    fingerprint = digits(served).info.fingerprint
    blur = AugmentStep("gaussian_blur", {"p": 1.0})
    first = EngineClient(served).cost(fingerprint, (*CROP, blur))
    assert first.batch == 128
    assert len(first.each) == 2
    assert all(0 < cost < 100 for cost in (*first.each, first.whole))
    wider = AugmentStep("gaussian_blur", {"p": 1.0, "sigma": [0.1, 3.0]})
    second = EngineClient(served).cost(fingerprint, (*CROP, wider))
    assert second.each[0] == first.each[0], "only what changed is measured anew"
    assert second.whole != first.whole
    assert EngineClient(served).cost(fingerprint, ()).whole == 0.0
    with pytest.raises(RequestError, match="unknown augmentation"):
        EngineClient(served).cost(fingerprint, (AugmentStep("blurr"),))


def test_a_preview_of_texts_is_what_training_makes(served: Path, posts: Any) -> None:
    import torch
    from tokenizers import Tokenizer

    from workbench.augment.policy import Policy
    from workbench.training.batches import SplitData

    data, _ = posts
    name = next(
        name for name, cls in registry.augmentations().items() if cls.modalities == ("text",)
    )
    steps = (AugmentStep(name),)
    shown = EngineClient(served).preview(data.info.fingerprint, steps, [1, 4], views=2, seed=1)
    tokenizer = Tokenizer.from_file(str(data.folder / "tokenizer.json"))
    batch = SplitData(data, "train", torch.device("cpu")).batch(np.array([1, 4]))
    policy = Policy(steps, data.info)

    def words(tokens: Any) -> list[list[str]]:
        return [
            [tokenizer.id_to_token(t) for t in row if t not in (PAD, CLS)]
            for row in tokens.tolist()
        ]

    assert shown.originals == words(batch.clean())
    for i, view in enumerate(shown.views):
        assert view == words(policy(batch, torch.Generator().manual_seed(8 + i)))


@pytest.mark.parametrize("task", sorted(registry.tasks()))
def test_every_task_is_illustrated(task: str, served: Path, posts: Any, texts: DataConfig) -> None:
    declared = registry.task(task)
    image = "image" in declared.modalities
    data, source = (digits(served), DataConfig("sample:digits")) if image else (posts[0], texts)
    if declared.needs.side > 8 or declared.needs.sentences:
        source = DataConfig("sample:surfaces" if image else "sample:tickets", samples=400)
        data = EngineClient(served).prepare(source, lambda *_: None)
    config = validation.validate(RunConfig(source, task, budget=Budget(steps=5)), data.info)
    drawn = EngineClient(served).illustrate(config, [0, 1, 2], seed=4)
    assert drawn["question"].endswith("?")
    assert len(drawn["rows"]) >= 1
    for panel in (panel for row in drawn["rows"] for panel in row):
        assert panel["caption"]
        if panel["image"] is not None:
            assert panel["image"].dtype == np.uint8
            assert panel["image"].ndim in (2, 3)
    shown = [p for row in drawn["rows"] for p in row if p["image"] is not None or p["tokens"]]
    assert shown


def test_new_images_are_encoded_as_a_notebook_does(served: Path) -> None:
    run = wb.Run(finished(Store.open(served)), served)
    images = np.asarray(digits(served).images[:7]).transpose(0, 2, 3, 1)
    h = EngineClient(served).encode(run.id, images)
    assert h.dtype == np.float32
    np.testing.assert_allclose(h, run.encode(images), rtol=1e-4, atol=1e-5)
    with pytest.raises(RequestError):
        EngineClient(served).encode_texts(run.id, ["a digit"])


def test_several_ask_at_once(served: Path) -> None:
    fingerprint = digits(served).info.fingerprint
    asked = EngineClient(served)
    expected = asked.preview(fingerprint, CROP, [1], views=1, seed=9).views[0]
    found: list[Any] = []

    def look() -> None:
        for _ in range(5):
            found.append(asked.preview(fingerprint, CROP, [1], views=1, seed=9).views[0])
            asked.ping()

    lookers = [threading.Thread(target=look) for _ in range(6)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert len(found) == 30
    assert all((view == expected).all() for view in found)


def forget_maps(store: Store) -> None:
    """Leave no map queued: an engine that fits one waits for the gate."""
    for run_id in store.unfinished_maps():
        store.move_map(run_id, ("queued", "running"), "none")


def queue_map(served: Path, store: Store, run_id: str) -> Path:
    """Ask for a run's map anew; returns where it will lie."""
    path = RunFolder(paths.run_dir(served, run_id)).map("umap")
    path.unlink(missing_ok=True)
    assert store.move_map(run_id, ("none", "ready", "failed", "queued", "running"), "queued")
    return path


def finished(store: Store) -> str:
    """The run of the task simclr."""
    rows = store.runs(states=("finished",))
    return next(row.id for row in rows if row.config["task"] == "simclr")


@pytest.fixture
def store(served: Path, gate: Path) -> Store:
    """The store of the home, with no map queued and the gate closed."""
    gate.unlink(missing_ok=True)
    opened = Store.open(served)
    forget_maps(opened)
    return opened


def test_a_map_waits_for_runs_and_previews_do_not_wait_for_it(
    served: Path, store: Store, gate: Path
) -> None:
    run_id = finished(store)
    live = store.add_run({"task": "t", "device": "cpu"}, digest="d")
    assert store.claim_next() is not None
    path = queue_map(served, store, run_id)
    client = EngineClient(served)
    for _ in range(20):
        client.ping()
        assert store.run(run_id).map_state == "queued"
        time.sleep(0.1)
    store.end(live, "stopped")

    until(lambda: store.run(run_id).map_state == "running", "the map is begun")
    for _ in range(3):
        client.preview(digits(served).info.fingerprint, CROP, [1])
    assert store.run(run_id).map_state == "running"
    gate.touch()
    until(lambda: store.run(run_id).map_state == "ready", "the map is made")
    known = json.loads((path.parent / "map.json").read_text())
    assert set(known) == {"pca", "umap"}
    assert known["umap"]["n"] == known["pca"]["n"]
    assert path.exists()


def test_an_engine_killed_in_the_middle_of_a_map_is_replaced(
    served: Path, store: Store, gate: Path
) -> None:
    old = EngineClient(served).ping()["pid"]
    run_id = finished(store)
    path = queue_map(served, store, run_id)
    until(lambda: store.run(run_id).map_state == "running", "the map is begun")
    psutil.Process(old).kill()
    keeper = Supervisor(served)
    assert not path.exists()
    gate.touch()

    def ready() -> bool:
        keeper.tick()
        return store.run(run_id).map_state == "ready"

    until(ready, "the next engine has made the map")
    assert path.exists()
    assert EngineClient(served).ping()["pid"] != old
    assert not keeper.tick()


def test_a_map_that_ends_engines_is_given_up(tmp_path: Path) -> None:
    from workbench.engine.map_fitting import Mapper

    store = Store.open(tmp_path)
    run_id = store.add_run({"task": "t", "device": "cpu"}, digest="d")
    for tries, state in ((1, "queued"), (3, "queued"), (4, "failed")):
        store.move_map(run_id, ("none", "queued"), "running")
        store.merge_summary(run_id, {"map_tries": tries})
        Mapper(tmp_path)
        assert store.run(run_id).map_state == state
    store.end(run_id, "finished")


def test_a_map_that_cannot_be_fitted_fails_alone(tmp_path: Path) -> None:
    from workbench.engine.map_fitting import Mapper

    store = Store.open(tmp_path)
    run_id = store.add_run({"task": "t", "device": "cpu"}, digest="d")
    store.request_stop(run_id)
    store.move_map(run_id, ("none",), "queued")
    mapper = Mapper(tmp_path)
    assert mapper.fit_next()
    assert store.run(run_id).map_state == "failed"
    assert not mapper.fit_next()


def test_an_engine_of_another_version_makes_room(
    served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = EngineClient(served).ping()["pid"]
    document = json.loads((served / "engine.json").read_text())
    (served / "engine.json").write_text(json.dumps({**document, "version": "0.0.1"}))
    monkeypatch.setattr(address._starter, "_children", {})
    assert EngineClient(served).ping()["pid"] != old


def test_an_engine_without_work_leaves(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "workbench.engine.server", str(tmp_path)]
    with FileLock(tmp_path / "engine.lock").acquire(timeout=0):
        second = subprocess.run([*command, "600"], timeout=120, check=False)
    assert second.returncode == 0, "there is one already"
    engine = subprocess.Popen([*command, "0.5"])
    assert until(lambda: address.address(tmp_path), "it is there").process.pid == engine.pid
    assert engine.wait(180) == 0
    assert address.address(tmp_path) is None
    assert not (tmp_path / "engine.json").exists()
