"""The Inspect page: one run in depth.

``pages/inspect.py`` lists its views: start reading there. ``run_choice.py`` chooses the run,
``head.py`` draws what it is. Each view is a file: ``scrubber.py`` (maps over training, with
``check_curves.py``), ``samples.py`` (with ``neighbours.py`` and ``sample_views.py``),
``invariance.py``, ``errors.py`` and ``details.py``. ``display.py`` has what the views share.

Only ``pages/inspect.py`` imports this folder.
"""
