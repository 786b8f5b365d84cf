"""Homes that others must not read, and homes that two machines must not use at once."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import platformdirs
import pytest
import sqlalchemy as sa

from workbench import paths
from workbench.data import uploads
from workbench.errors import RunError, StoreError
from workbench.jobs.processes import open_log
from workbench.jobs.recorder import StoreControl
from workbench.store import machine
from workbench.store.artifacts import FolderArtifacts
from workbench.store.store import Store

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o022, 0o000, 0o077], ids="umask {:03o}".format)
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@posix
@pytest.mark.usefixtures("_umask")
def test_what_is_made_for_a_home_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    """Also in a wide folder that was there before, which itself stays as it is."""
    wide = tmp_path / "wide"
    wide.mkdir(mode=0o755)
    before = permissions(wide)
    for home in (tmp_path / "not" / "there", wide):
        store = Store.open(home)
        store.set_setting("a", "b")
        folder = uploads.store([("a.csv", b"text\none\n")], paths.uploads_dir(home))
        FolderArtifacts(paths.run_dir(home, "simclr-abcdef"))
        open_log(home / "engine.log").close()
        for name in ("store.db", "store.db-wal", "store.db-shm", "engine.log"):
            assert permissions(home / name) == 0o600, name
        for made in (paths.runs_dir(home), paths.uploads_dir(home)):
            assert permissions(made) == 0o700, made
        assert folder.exists()
    assert permissions(tmp_path / "not" / "there") == 0o700
    assert permissions(wide) == before


@posix
def test_an_older_default_home_is_narrowed_once_and_aloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    home = Path(platformdirs.user_data_dir("ssl-workbench"))
    home.mkdir()
    home.chmod(0o755)
    paths.make_home(home)
    assert permissions(home) == 0o700
    assert str(home) in capsys.readouterr().err
    paths.make_home(home)
    assert capsys.readouterr().err == ""


@posix
def test_a_chosen_home_keeps_its_permissions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "shared"
    home.mkdir()
    home.chmod(0o2770)
    paths.make_home(home)
    assert permissions(home) == 0o2770
    assert capsys.readouterr().err == ""


# A table of mounts as Linux shows it; the folders are those of ``mounts`` below.
_MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
31 22 0:50 / {folder}/nfs rw,relatime shared:7 - nfs4 server:/export rw,vers=4.2
32 22 0:51 / {folder}/two\\040words rw - cifs //server/share rw
33 22 0:52 / {folder}/ssh rw - fuse.sshfs me@there:/home rw
34 22 0:53 / {folder}/usb rw - fuseblk /dev/sdb1 rw
35 31 0:54 / {folder}/nfs/scratch rw - xfs /dev/sdc1 rw
36 22 0:55 / {folder}/hidden rw - nfs server:/old rw
37 22 0:56 / {folder}/hidden rw - tmpfs tmpfs rw
"""


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    table = tmp_path / "mountinfo"
    table.write_text(_MOUNTS.format(folder=tmp_path))
    monkeypatch.setattr(machine, "claim_of", lambda home, find=machine.claim_of: find(home, table))
    return table


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux's table of mounts")


@linux
@pytest.mark.parametrize(
    ("folder", "kind", "network"),
    [
        ("home", "ext4", False),
        ("nfs/home", "nfs4", True),
        ("nfs/scratch/home", "xfs", False),
        ("two words/home", "cifs", True),
        ("ssh", "fuse.sshfs", True),
        ("usb/home", "fuseblk", False),
        ("hidden/home", "tmpfs", False),
    ],
)
def test_a_network_folder_is_known_by_its_file_system(
    tmp_path: Path, mounts: Path, folder: str, kind: str, network: bool
) -> None:
    assert machine.file_system(tmp_path / folder, mounts) == kind
    assert machine.is_network(kind) == network


THERE = machine.Machine("other-host", "boot-2", "id-2")


def use_there(home: Path, seconds_ago: float) -> None:
    """Let another machine have renewed its claim on ``home`` so long ago."""
    path = home / machine.FILE
    path.write_text(json.dumps(asdict(THERE)))
    at = time.time() - seconds_ago
    os.utime(path, (at, at))


@linux
def test_a_home_that_another_machine_uses_is_refused_in_words(tmp_path: Path, mounts: Path) -> None:
    home = tmp_path / "nfs" / "home"
    home.mkdir(parents=True)
    use_there(home, 5)
    with pytest.raises(StoreError, match="the machine 'other-host' uses it") as refused:
        Store.open(home)
    assert "another --home" in str(refused.value.remedy)
    assert not (home / "store.db").exists()
    use_there(home, machine.FRESH_SECONDS + 5)
    store = Store.open(home)
    store.set_setting("a", "b")
    own = json.loads((home / machine.FILE).read_text())
    assert own == asdict(machine.this_machine())
    assert permissions(home / machine.FILE) == 0o600
    assert sorted(path.name for path in home.iterdir() if path.name.startswith(".")) == []


@linux
def test_a_machine_that_loses_its_home_stops_writing(
    tmp_path: Path, mounts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a laptop that slept while another machine began."""
    home = tmp_path / "nfs" / "home"
    home.mkdir(parents=True)
    store = Store.open(home)
    monkeypatch.setattr(machine, "_RENEW_SECONDS", 0.0)
    store.set_setting("a", "b")
    use_there(home, 5)
    with pytest.raises(StoreError, match="other-host"):
        store.set_setting("a", "c")
    with pytest.raises(StoreError, match="other-host"):
        store.setting("a")
    # A worker ends, for the run may go on over there. After other errors it would ask again.
    with pytest.raises(RunError, match="other-host"):
        StoreControl(store, "simclr-abcdef", home).should_stop()
    use_there(home, machine.FRESH_SECONDS + 5)
    assert store.setting("a") == "b"


@linux
def test_a_store_on_a_network_folder_has_no_shared_memory(tmp_path: Path, mounts: Path) -> None:
    home = tmp_path / "nfs" / "home"
    Store.open(home).set_setting("a", "b")
    assert not list(home.glob("store.db-*"))
    local = tmp_path / "home"
    Store.open(local).set_setting("a", "b")
    assert (local / "store.db-shm").exists()
    assert not (local / machine.FILE).exists()


def test_the_same_machine_is_known_after_a_restart_and_in_a_container() -> None:
    own = machine.Machine("host", "boot-1", "id-1")
    assert own.is_same(machine.Machine("host", "boot-9", "id-1"))
    assert own.is_same(machine.Machine("container", "boot-1", "id-7"))
    assert not own.is_same(machine.Machine("host", "boot-9", "id-7"))
    assert not own.is_same(machine.Machine("host-b", "", "id-1"))
    assert not machine.Machine("a", "", "id").is_same(machine.Machine("b", "", "id"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"host": 1}', "\x00\xff"])
def test_a_damaged_machine_file_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / machine.FILE).write_text(text, "latin-1")
    claim = machine.Claim(tmp_path)
    claim.renew()
    assert json.loads((tmp_path / machine.FILE).read_text())["host"] == socket.gethostname()


def test_what_people_did_is_on_the_disk_and_heartbeats_need_not_be(home: Path) -> None:
    """SQLite waits for the disk at a commit in FULL; in WAL mode and NORMAL it does not."""
    store = Store.open(home)
    levels: list[str] = []

    def keep(_db: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("PRAGMA synchronous="):
            levels.append(statement.rpartition("=")[2])

    sa.event.listen(store._db._engine, "before_cursor_execute", keep)
    run = store.add_run({"task": "rotation"}, digest="d")
    store.move(run, ("queued",), "running")
    store.merge_summary(run, {"scores": []})
    store.end(run, "finished")
    assert set(levels) == {"FULL"}
    levels.clear()
    store.heartbeat(run, "training")
    store.write_metrics(run, [("loss", 1, 0.5)])
    assert levels == ["NORMAL", "NORMAL"]
    store.set_setting("a", "b")
    assert levels[-1] == "FULL"
