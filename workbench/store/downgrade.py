"""Taking a store back to an older version: ``python -m workbench.store.downgrade HOME VERSION``.

An older workbench opens it then. What the older tables cannot keep waits in a setting.
"""

from __future__ import annotations

import sys
from pathlib import Path

from filelock import Timeout

from workbench.errors import StoreError
from workbench.store import schema
from workbench.store.database import Database, store_url
from workbench.store.locks import without_processes
from workbench.store.migrations import change, version_of


def take_back(home: Path, target: int) -> int:
    """Bring the store of ``home`` down to ``target``; returns the version that it had.

    Raises StoreError if processes of the home live, if there is no store, or no such version.
    """
    if not 1 <= target <= schema.VERSION:
        raise StoreError(
            f"there is no version {target} of the store.",
            remedy=f"Give a number from 1 to {schema.VERSION}.",
        )
    if not home.is_dir():
        raise StoreError(f"there is no home '{home}'.", remedy="Give another home.")
    try:
        with without_processes(home):
            database = Database.open(store_url(home), home)
            with database.write() as db:
                version = version_of(db) or 1
                if version > target:
                    change(db, version, target)
            return version
    except Timeout as error:
        raise StoreError(
            f"processes of the home '{home}' are at work.",
            remedy="Close the app, wait a minute, and try again.",
        ) from error


def main(arguments: list[str]) -> int:
    """Take the store of ``HOME`` back to ``VERSION``. Returns the exit status."""
    home, target = Path(arguments[0]), int(arguments[1])
    try:
        version = take_back(home, target)
    except StoreError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"The store was of version {version}, and is of {min(version, target)}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
