"""The run store: tables, migrations, runs, queue, metrics, settings, owners.

``Store.open(home)`` in ``store.py`` opens it: start reading there. ``Store`` is put together from
parts: ``runs.py`` (rows, filters, pages), ``queue.py`` (states, turns, maps), ``metrics.py``
(points and heartbeats), ``settings.py``. ``schema.py`` has the tables and their version,
``migrations.py`` brings an older store to it by alembic (``revisions/``), ``downgrade.py`` takes
one back, ``rows.py`` has the rows that are returned, ``database.py`` connections. ``owners.py``,
``edit.py`` and ``named_groups.py`` read and write what people enter. ``artifacts.py`` writes files
into a run's folder, ``locks.py`` has the home's device lock, and ``lookup.py`` finds stores and
runs for commands.

It knows configurations and records, and nothing of tasks or torch. Every room above may import it.

Tables: ``runs``, ``metrics`` (key: run, name, step), ``heartbeats``, ``events``, ``settings``
(key, JSON value). Settings keys: ``hold_test/<fingerprint>``, ``vote/<fingerprint>/<pair>/<row>/
<voter>``, ``prediction/<lesson>/<voter>``, ``revealed/<lesson>/<voter>``, ``seed/<class>/<lesson>/
<seed>``, ``group/<fingerprint>/<name>``, ``owner:<name>``, ``map_again/<run>``.
"""
