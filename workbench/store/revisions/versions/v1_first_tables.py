"""Version 1: runs, metrics, heartbeats and settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of the first workbench."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("config", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("experiment", sa.String(40)),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("started", sa.Float),
        sa.Column("ended", sa.Float),
        sa.Column("reason", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("summary", sa.JSON, nullable=False),
        sa.Column("map_state", sa.String(16), nullable=False),
        sa.Column("pid", sa.Integer),
        sa.Column("pid_created", sa.Float),
        sa.Column("stop_requested", sa.Boolean, nullable=False),
        sa.Column("turn", sa.Float, nullable=False),
    )
    op.create_index("runs_by_state", "runs", ["state", "created"])
    op.create_index("runs_by_digest", "runs", ["digest"])
    op.create_table(
        "metrics",
        sa.Column("run", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True),
        sa.Column("value", sa.Float, nullable=False),
    )
    op.create_table(
        "heartbeats",
        sa.Column("run", sa.String(40), primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("phase", sa.String(32), nullable=False),
        sa.Column("progress", sa.Float, nullable=False),
        sa.Column("eta_seconds", sa.Float),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.String(120), primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    """There is no version before the first; an empty database is what is left."""
    for table in ("settings", "heartbeats", "metrics", "runs"):
        op.drop_table(table)
