"""The report: a comparison of runs as one HTML file that opens anywhere, without a network.

``writer.py`` reads everything from the runs' folders into a ``Material``; ``page.py`` makes HTML of
it, with ``tables.py``, ``maps.py`` and ``agreement.py`` for its sections. Start with ``page.py``.
"""
