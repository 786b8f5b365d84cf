"""What leaves the workbench: encoders, embeddings, reports, and the code that opens a run again.

``encoder.py`` loads a run's encoder and writes the folder of ``workbench export``: start reading
there. ``formats/`` holds the formats of encoders, one a file. ``new_embeddings.py`` puts new input
through an encoder; ``embeddings_table.py`` and ``groups_table.py`` write what a run has stored.
``report/`` is the comparison as one HTML file, ``snippets.py`` Python, shell and notebook code.

``api``, ``cli``, ``engine`` and ``app`` may import this room; it stands on ``stored_runs``. The
app's server must not import torch, so it uses all but ``encoder.py`` and ``new_embeddings.py``.
"""
