"""The tables of the run store.

Every change of a table raises ``VERSION`` and adds a revision (``revisions/__init__.py``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from workbench.store.documents import Document

VERSION = 2
# The version that brought tags.
_TAGS = 2

metadata = MetaData()


class Tags(sa.TypeDecorator[tuple[str, ...]]):
    """Tags of a run as one text, ``,a,b,``, so that both databases find one by LIKE."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: sa.Dialect) -> str:
        tags = sorted(set(value or ()))
        return f",{','.join(tags)}," if tags else ""

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> tuple[str, ...]:
        return tuple(tag for tag in str(value or "").split(",") if tag)


runs = Table(
    "runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False, default=""),
    Column("owner", Text, nullable=False, default=""),
    Column("state", String(16), nullable=False),
    Column("config", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("experiment", String(40)),
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("ended", Float),
    Column("reason", Text),
    Column("note", Text, nullable=False, default=""),
    Column("summary", Document, nullable=False),
    Column("map_state", String(16), nullable=False, default="none"),
    Column("pid", Integer),
    Column("pid_created", Float),
    Column("stop_requested", Boolean, nullable=False, default=False),
    # When the run was taken from the queue. The owner whose latest turn is longest ago is next.
    Column("turn", Float, nullable=False, default=0.0),
    Column("tags", Tags, nullable=False, default=(), server_default=""),
    Index("runs_by_state", "state", "created"),
    Index("runs_by_digest", "digest"),
)

metrics = Table(
    "metrics",
    metadata,
    Column("run", String(40), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("value", Float, nullable=False),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("run", String(40), primary_key=True),
    Column("at", Float, nullable=False),
    Column("phase", String(32), nullable=False, default=""),
    Column("progress", Float, nullable=False, default=0.0),
    Column("eta_seconds", Float),
)

settings = Table(
    "settings",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("value", JSON, nullable=False),
)

# Where alembic keeps the version; the setting "schema" has it too, for a workbench before alembic.
revisions = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))


def revision(version: int) -> str:
    """The name of a version among alembic's revisions."""
    return f"{version:04d}"


def run_columns(version: int) -> list[sa.ColumnElement[Any]]:
    """The columns of ``runs`` in a store of ``version``. A column that it does not have yet is
    replaced by its default."""
    return [tags_of(version) if column.name == "tags" else column for column in runs.c]


def tags_of(version: int) -> sa.ColumnElement[tuple[str, ...]]:
    """The tags of a run in a store of ``version``."""
    return runs.c.tags if version >= _TAGS else sa.literal((), Tags).label("tags")


def tagged(tag: str, version: int) -> sa.ColumnElement[bool]:
    """Whether a run in a store of ``version`` has this tag."""
    if version < _TAGS:
        return sa.false()
    return sa.type_coerce(runs.c.tags, Text).contains(f",{tag},", autoescape=True)
