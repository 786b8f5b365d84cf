"""Reading runs that lie in a home, under one type.

``stored_run.py`` has ``StoredRun``: a run's row, folder, file names, configuration, data set and
embeddings. Start reading there; pages, commands, reports and lessons read a run through
it alone. ``run_record.py``
makes the JSON record of a run, ``run_text.py`` its text for a terminal. ``compare.py`` compares
runs, with ``agreement.py`` and ``feature_spaces.py`` (pixels or words, untrained encoders, runs).
``neighbours.py`` and ``neighbour_sheets.py`` find nearest neighbours, and ``votes.py`` counts what
people say of them. ``external_*.py``: embeddings from elsewhere. ``hidden_test.py``: hiding test
scores. ``reference_samples.py``: samples that new ones are compared with. ``map_files.py``,
``check_maps.py`` and ``spectra.py``: stored maps and spectra. ``invariances.py``: how far
augmentations move h.

It needs numpy and pyarrow alone, so that the app's server can use it; only ``external_scores.py``
imports sklearn. It knows the store, the data and the rooms of arrays.
"""
