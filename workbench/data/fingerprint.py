"""Content addresses: of the files of a source, and of a prepared data set.

Hashing a large tree takes minutes. So an address that took long is stored in the home under a stamp
of names, sizes and times of change, and an unchanged source is not read again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import stat
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from workbench import paths
from workbench.config import DataConfig
from workbench.data.safety import regular_files

# Goes up whenever the layout or the making of a cache changes.
CACHE_VERSION = 2
# Options that came later, with the values at which they leave a fingerprint as it was.
_LATER = {"split": None, "unsplit": "train", "fit": None, "dedupe": False}
_LENGTH = 16
_CHUNK = 1 << 20
# Sources that are hashed faster than this are hashed each time, so that they leave no file in the
# home.
_LONG_SECONDS = 1.0
# A file changed this recently may change again with the same time of change.
_RACY_SECONDS = 2.0


def of_dataset(
    content: str, config: DataConfig, like: str | None = None, version: int = CACHE_VERSION
) -> str:
    """Fingerprint of the data set that ``config`` makes of a source with address ``content``.

    Hexadecimal, 16 digits. like: fingerprint of the reference that it is prepared like. version: of
    the cache.
    """
    options = dataclasses.asdict(config)
    del options["source"], options["fingerprint"]
    for name, former in _LATER.items():
        if options[name] == former:
            del options[name]
    return _digest(json.dumps([version, content, options, like], sort_keys=True))[:_LENGTH]


def former(content: str, config: DataConfig) -> list[str]:
    """The fingerprints that older versions gave the same data and options: their caches stay in
    use for the runs that name them."""
    return [of_dataset(content, config, version=version) for version in range(1, CACHE_VERSION)]


def of_files(files: Sequence[tuple[str, Path]], home: Path) -> str:
    """Content address of the names and bytes of ``files``, pairs of a name and a path."""
    stats = [(name, path, path.stat()) for name, path in files]
    for _, path, found in stats:
        if not stat.S_ISREG(found.st_mode):
            regular_files.check(path)
    stamp = _digest(
        json.dumps([(n, str(p), s.st_size, s.st_mtime_ns) for n, p, s in stats], sort_keys=True)
    )
    memo = paths.cache_dir(home) / ".hashes" / f"{stamp[:32]}.txt"
    if memo.exists():
        return memo.read_text("utf-8")
    began = time.monotonic()
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        hashes = list(pool.map(_hash_file, (path for _, path, _ in stats)))
    content = _digest(json.dumps(sorted(zip((n for n, _, _ in stats), hashes, strict=True))))
    newest = max((s.st_mtime for _, _, s in stats), default=0.0)
    long = time.monotonic() - began >= _LONG_SECONDS
    if long and time.time() - newest > _RACY_SECONDS:
        paths.make_folder(memo.parent)
        temporary = memo.with_suffix(f".{os.getpid()}")
        temporary.write_text(content, "utf-8")
        temporary.replace(memo)
    return content


def _hash_file(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
