"""Version 2: tags of runs.

On the way down the tags go into a setting, which version 1 leaves alone; on the way up they return.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEPT = "kept_tags"
_runs = sa.table("runs", sa.column("id", sa.String), sa.column("tags", sa.Text))
_settings = sa.table("settings", sa.column("key", sa.String), sa.column("value", sa.JSON))


def upgrade() -> None:
    """Add the column, unless an older workbench died between that and writing the version."""
    db = op.get_bind()
    columns = {column["name"] for column in sa.inspect(db).get_columns("runs")}
    if "tags" not in columns:
        op.add_column("runs", sa.Column("tags", sa.Text, nullable=False, server_default=""))
    kept = db.scalar(sa.select(_settings.c.value).where(_settings.c.key == _KEPT))
    for run_id, tags in (kept or {}).items():
        db.execute(_runs.update().where(_runs.c.id == run_id).values(tags=tags))
    db.execute(_settings.delete().where(_settings.c.key == _KEPT))


def downgrade() -> None:
    """Move the tags into a setting and remove the column."""
    db = op.get_bind()
    tagged = db.execute(sa.select(_runs.c.id, _runs.c.tags).where(_runs.c.tags != ""))
    kept = {row.id: row.tags for row in tagged}
    if kept:
        db.execute(_settings.insert().values(key=_KEPT, value=kept))
    with op.batch_alter_table("runs") as table:
        table.drop_column("tags")
