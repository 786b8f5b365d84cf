"""The Runs page: the list of runs, and one run in full.

``overview.py`` draws the list: start reading there. ``filters.py`` are its filters; the runs are
cards (``grid.py``, ``card.py``, ``pictures.py``) or a table (``table.py``, whose columns are
declared in ``COLUMNS``). ``detail.py`` draws one run, with its buttons (``actions.py``,
``edit.py``) and live charts (``charts.py``). ``pilot.py`` draws the head of an experiment.

Only ``pages/runs.py`` imports this folder.
"""
