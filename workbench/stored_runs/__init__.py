"""What is read from runs that lie in a home, under one type.

``stored_run.py`` has ``StoredRun``: a run's row, folder, file names, configuration, data set and
embeddings. Start reading there; nothing else looks for a run's files or data. ``run_record.py``
makes the JSON record of a run, ``run_text.py`` its text for a terminal. ``compare.py`` puts runs
side by side, with ``agreement.py`` and ``feature_spaces.py`` (pixels or words, untrained encoders,
runs). ``neighbours.py``, ``neighbour_sheets.py``, ``votes.py``: what lies close to what, without
labels. ``external_*.py``: embeddings from elsewhere. ``hidden_test.py``: keeping test scores out
of sight. ``map_files.py``: stored maps. ``invariances.py``: how far augmentations move h.

Needs numpy and pyarrow alone (scores of external embeddings import sklearn when called), so that
the app's server can use it. Knows store, data and the rooms of arrays.
"""
