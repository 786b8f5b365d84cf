"""Sources of samples, one kind a file; each makes a ``Listing`` of what it holds.

Start with ``resolve`` (from ``--data`` to a source) and ``base`` (what a source is). ``folder``,
``zipped`` and ``tree`` are images in folders; ``parquet``, ``rows``, ``saved`` and ``hub`` are
tables, which ``part`` and ``table`` turn into listings; ``row_files`` reads
CSV and JSON; ``arrays`` are arrays of a notebook. ``naming`` knows the names of
splits; ``confine`` keeps sources within a folder. Only ``data`` imports this folder.
"""
