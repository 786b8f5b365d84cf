"""The tables of the run store. The version is raised with every change of a table."""

from __future__ import annotations

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

VERSION = 1

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False, default=""),
    Column("owner", Text, nullable=False, default=""),
    Column("state", String(16), nullable=False),
    Column("config", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("experiment", String(40)),
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("ended", Float),
    Column("reason", Text),
    Column("note", Text, nullable=False, default=""),
    Column("summary", JSON, nullable=False),
    Column("map_state", String(16), nullable=False, default="none"),
    Column("pid", Integer),
    Column("pid_created", Float),
    Column("stop_requested", Boolean, nullable=False, default=False),
    # When the owner was last served: the queue takes the owner who has waited longest.
    Column("turn", Float, nullable=False, default=0.0),
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
