"""The page "Try and export": new samples through a run's encoder, and its files to take along.

``run_choice.py`` chooses the run and ``samples.py`` the samples to try. ``result.py`` draws the
result: start reading there. ``reference.py`` has what the samples are compared with,
``class_vote.py`` draws their class, ``sample_map.py`` their position on the map. ``export.py``
makes the files.

Only ``pages/try.py`` imports this folder.
"""
