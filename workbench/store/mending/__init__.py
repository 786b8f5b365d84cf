"""Mending a damaged store: ``rebuild.py`` puts a new one in its place, with what ``salvage.py`` can
read of the damaged file. ``part.py`` has the methods of ``Store`` for single rows. Start reading in
``rebuild.py``. Whoever mends a store is its only user meanwhile.
"""
