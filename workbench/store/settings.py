"""Settings of a store: small JSON values by key. They belong to the home, not to a run."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from workbench.store.database import Database, insert, upsert
from workbench.store.schema import settings


class SettingsPart:
    """The methods of ``Store`` for settings."""

    _db: Database

    def setting(self, key: str, default: Any = None) -> Any:
        """A stored value (JSON), or ``default``."""
        with self._db.read() as db:
            row = db.execute(sa.select(settings.c.value).where(settings.c.key == key)).first()
        return default if row is None else row[0]

    def settings_under(self, prefix: str) -> dict[str, Any]:
        """All stored values whose key begins with ``prefix``."""
        under = settings.c.key.startswith(prefix, autoescape=True)
        query = sa.select(settings.c.key, settings.c.value).where(under)
        with self._db.read() as db:
            return {str(key): value for key, value in db.execute(query)}

    def set_setting(self, key: str, value: Any) -> None:
        with self._db.write() as db:
            upsert(db, settings, [{"key": key, "value": value}], ("key",))

    def drop_setting(self, key: str) -> None:
        """Remove a stored value; does nothing if there is none."""
        with self._db.write() as db:
            db.execute(settings.delete().where(settings.c.key == key))

    def claim_setting(self, key: str, value: Any) -> Any:
        """Set ``key`` unless it is set, in one transaction; returns the value that it has then."""
        with self._db.write() as db:
            db.execute(insert(db, settings).values(key=key, value=value).on_conflict_do_nothing())
            return db.scalar(sa.select(settings.c.value).where(settings.c.key == key))
