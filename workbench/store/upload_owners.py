"""Who brought which upload. On a server that others reach, only they see and use it.

An upload is named by its content, so that one of two people has its folder already. Each of them
has a record: the setting ``upload/<folder>/<owner>`` of the store.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from workbench.store.owners import Viewer
from workbench.store.settings import SettingsPart

_PREFIX = "upload/"


@dataclass(frozen=True)
class UploadRecord:
    """folder: the name of the upload's folder. megabytes: of its files. at: seconds since the
    epoch."""

    folder: str
    owner: str
    megabytes: float
    at: float


def record(store: SettingsPart, folder: str, owner: str, megabytes: float) -> None:
    """Keep that ``owner`` brought the upload."""
    document = {"owner": owner, "megabytes": megabytes, "at": time.time()}
    store.claim_setting(_key(folder, owner), document)


def records(store: SettingsPart, owner: str | None = None) -> list[UploadRecord]:
    """All records, or those of one owner, in no order."""
    found = [
        UploadRecord(key.split("/")[1], str(one["owner"]), float(one["megabytes"]), one["at"])
        for key, one in store.settings_under(_PREFIX).items()
    ]
    return [one for one in found if owner is None or one.owner == owner]


def may_see(store: SettingsPart, viewer: Viewer, folder: str) -> bool:
    """Whether the viewer brought the upload in ``folder``, or may see all."""
    if viewer.trusted:
        return True
    owners = [owner for owner in (viewer.name, viewer.visitor) if owner]
    return any(store.setting(_key(folder, owner)) is not None for owner in owners)


def forget(store: SettingsPart, folder: str, owner: str | None = None) -> None:
    """Drop the records of an upload: of one owner, or of all."""
    for one in records(store, owner):
        if one.folder == folder:
            store.drop_setting(_key(folder, one.owner))


def _key(folder: str, owner: str) -> str:
    return f"{_PREFIX}{folder}/{hashlib.sha256(owner.encode()).hexdigest()[:16]}"
