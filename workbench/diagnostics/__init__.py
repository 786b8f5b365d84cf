"""Collapse diagnostics: metrics of embeddings, and the verdict over the checks of a run.

Start with ``metrics`` (the table of all metrics) and ``verdict`` (``judge``: a run's checks to a
label with reason and advice; ``zones`` holds the thresholds, ``verdict_words`` the sentences).
``location``, ``spectrum`` and ``redundancy`` hold the metrics' formulas, ``views`` those of
augmented views. ``invariance`` measures how far an augmentation moves a representation. ``files``
and ``table`` are ``workbench diagnose``: the same check of embeddings in a file.

Arrays in, numbers out, with numpy, scipy and pyarrow. Anything may import this room. It imports
``evaluation`` (kNN), ``records`` and ``errors``, and knows no task, data set or store.
"""
