"""The Data page: choose a source, change how it is read, and look at what was prepared.

``source.py`` draws the choice of a source, with ``library.py`` for data sets prepared before.
``reading.py`` shows how it is read and prepares it: start reading there. ``reading_form.py`` draws
its fields, ``source_content.py`` what the source holds. ``overview.py`` draws the prepared data,
one view at a time: ``samples.py``, ``classes.py``, ``sizes.py``, ``faults.py``, ``originals.py``.
Both show what was found and left out (``account.py``) and originals with what the encoder gets of
them (``frames.py``); ``copies.py`` counts copies across splits and leaves them out.

Only ``pages/data.py`` imports this folder.
"""
