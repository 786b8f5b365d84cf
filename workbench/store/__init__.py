"""The run store: tables, migrations, runs, queue, metrics, settings, owners.

``Store.open(home)`` in ``store.py`` is the one way in: start reading there. It is put together
from parts: ``runs.py`` (rows, filters, pages), ``queue.py`` (states, turns, maps), ``metrics.py``
(points and heartbeats), ``settings.py``. ``schema.py`` has the tables and their version,
``migrations.py`` one step a version, ``rows.py`` what comes back, ``database.py`` connections.
``owners.py``, ``edit.py`` and ``named_groups.py`` keep small facts in it; ``artifacts.py`` and
``locks.py`` are the home's files and its device lock; ``lookup.py`` is for commands.

Knows configurations and records, and nothing of tasks or torch. Anybody above may import it.

Tables: ``runs``, ``metrics`` (key: run, name, step), ``heartbeats``, ``events``, ``settings``
(key, JSON value). Settings keys: ``hold_test/<fingerprint>``, ``vote/<fingerprint>/<pair>/<row>/
<voter>``, ``prediction/<lesson>/<voter>``, ``revealed/<lesson>/<voter>``, ``seed/<class>/<lesson>/
<seed>``, ``group/<fingerprint>/<name>``, ``owner:<name>``, ``map_again/<run>``.
"""
