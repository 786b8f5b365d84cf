"""One machine at a time uses a home that lies on a network folder.

SQLite's log, the locks of a home and the ids of processes mean nothing on another machine. On a
network file system each process therefore writes its machine into ``HOME/machine.json``, renews
that while it uses the store, and refuses a home that another machine has renewed a moment ago.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from workbench import paths
from workbench.errors import StoreError

FILE = "machine.json"
# Without a renewal for so long, the other machine is taken to be done, asleep or dead.
FRESH_SECONDS = 90.0
_RENEW_SECONDS = 15.0
_MOUNTS = Path("/proc/self/mountinfo")
# File systems that several machines may have open, as the kernels name them.
_NETWORK = frozenset([
    "9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs",
    "fhgfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
    "ocfs2", "orangefs", "panfs", "prl_fs", "pvfs2", "smb2", "smb3", "smbfs",
    "vboxsf", "virtiofs", "webdav", "wekafs",
])  # fmt: skip
# Those that programs bring, such as fuse.sshfs; a local disk in NTFS is "fuseblk".
_NETWORK_PROGRAMS = re.compile(
    r"^(fuse|osxfuse|macfuse)\.(?!fuseblk|ntfs|exfat|ext|squash|overlay)"
)


class OtherMachineError(StoreError):
    """Another machine uses the home."""


@dataclass(frozen=True)
class Machine:
    """host: its name. boot: changes with every start, shared by containers on one machine; "" if
    the system has none. identity: stays the same, as far as the system knows one."""

    host: str
    boot: str
    identity: str

    def is_same(self, other: Machine) -> bool:
        """Whether both are one machine. After a restart it is the same: no process lived on."""
        if self.boot and self.boot == other.boot:
            return True
        return (self.host, self.identity) == (other.host, other.identity)


@cache
def this_machine() -> Machine:
    """The machine of this process."""
    return Machine(
        socket.gethostname(),
        _text(Path("/proc/sys/kernel/random/boot_id")),
        _text(Path("/etc/machine-id")) or f"{uuid.getnode():x}",
    )


def file_system(folder: Path, mounts: Path = _MOUNTS) -> str:
    """The type of the file system that a folder lies on, such as ``ext4``; "" if it is not known.

    mounts: Linux's table of mounted file systems, as proc(5) describes ``mountinfo``.
    """
    folder = folder.resolve()
    if sys.platform == "win32":
        return "cifs" if folder.drive.startswith("\\\\") else ""
    best, kind = -1, ""
    for point, name in _mounted(mounts):
        # A later mount on the same folder hides the earlier one.
        if folder.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), name
    return kind


def is_network(kind: str) -> bool:
    """Whether several machines may have a file system of this type open."""
    return kind in _NETWORK or bool(_NETWORK_PROGRAMS.match(kind))


class Claim:
    """The claim of this machine on a home on a network folder."""

    def __init__(self, home: Path, machine: Machine | None = None):
        self._path = home / FILE
        self._machine = machine or this_machine()
        self._renewed: float | None = None

    def renew(self) -> None:
        """Write that this machine uses the home; does nothing if that was done a moment ago.

        Raises OtherMachineError, or StoreError if the file cannot be written.
        """
        now = time.monotonic()
        if self._renewed is not None and now - self._renewed < _RENEW_SECONDS:
            return
        try:
            self._refuse_other()
            self._write()
        except OSError as error:
            raise StoreError(
                f"'{self._path}' cannot be written ({error.strerror or error}).",
                remedy="Check that the network folder is there and has room, or give another "
                "--home.",
            ) from error
        self._renewed = now

    def _refuse_other(self) -> None:
        other = _read(self._path)
        if other is None or other.is_same(self._machine):
            return
        if self._age() < FRESH_SECONDS:
            raise OtherMachineError(
                f"the home '{self._path.parent}' is on a network folder, and the machine "
                f"'{other.host}' uses it.",
                remedy=f"Close the workbench there and wait {FRESH_SECONDS:.0f} s, open its app in "
                "a browser instead, or give another --home.",
            )

    def _age(self) -> float:
        """Seconds since the file was written, by the clock of the machine that keeps the folder:
        clocks of two machines may differ by more than the time that counts."""
        probe = self._path.with_name(f".{FILE}.{os.getpid()}.now")
        try:
            _write(probe, "")
            return probe.stat().st_mtime - self._path.stat().st_mtime
        finally:
            probe.unlink(missing_ok=True)

    def _write(self) -> None:
        part = self._path.with_name(f".{FILE}.{os.getpid()}.part")
        try:
            _write(part, json.dumps(asdict(self._machine)))
            part.replace(self._path)
        finally:
            part.unlink(missing_ok=True)


def claim_of(home: Path, mounts: Path = _MOUNTS) -> Claim | None:
    """The claim on ``home``; None if no other machine can see it."""
    return Claim(home) if is_network(file_system(home, mounts)) else None


def _mounted(mounts: Path) -> list[tuple[Path, str]]:
    """(folder, type) of every mounted file system."""
    if sys.platform == "darwin":
        import psutil

        return [(Path(one.mountpoint), one.fstype) for one in psutil.disk_partitions(all=True)]
    found = []
    for line in _text(mounts).splitlines():
        place, _, rest = line.partition(" - ")
        fields = place.split(" ")
        if rest and len(fields) > 4:
            found.append((Path(_unescaped(fields[4])), rest.split(" ", 1)[0]))
    return found


def _unescaped(text: str) -> str:
    """A path of the table, in which spaces and the like are octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def _read(path: Path) -> Machine | None:
    try:
        document = json.loads(path.read_text("utf-8"))
        return Machine(str(document["host"]), str(document["boot"]), str(document["identity"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(path: Path, text: str) -> None:
    with open(path, "w", encoding="utf-8", opener=paths.private_opener) as file:
        file.write(text)


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text("utf-8", "replace").strip()
    return ""
