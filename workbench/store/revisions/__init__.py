"""The history of the store's tables, as alembic reads it.

``env.py`` is what alembic runs; ``versions/`` has one revision for each version of the schema.
Only ``workbench/store/migrations.py`` starts it. To change a table: raise ``schema.VERSION`` and
add ``versions/vN_what.py`` with ``upgrade`` and ``downgrade``. The tests compare both ways.
"""
