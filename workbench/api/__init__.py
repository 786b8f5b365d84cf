"""The workbench in a notebook: few verbs, arrays in, arrays out.

``import workbench as wb`` binds the names of ``notebook.py`` on first use: start reading there.
``data.py`` has ``Data`` and ``load``, ``run.py`` has ``Run``, ``comparison.py`` has ``Comparison``.
``figures.py`` makes figures and linked maps from stored maps.

Nothing imports this room. A notebook launches runs as the command line does, so that they show in
the app, and the other way round.
"""
