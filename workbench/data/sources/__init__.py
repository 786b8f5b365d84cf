"""Sources of samples, one kind a file; each makes a ``Listing`` of what it holds.

Start with ``resolve`` (from ``--data`` to a source) and ``base`` (what a source is).

Images in folders: ``folder`` (whose files ``walk`` finds, through links) and ``zipped`` (from an
``archive``, with ``zip_names``) give names to ``tree``. It makes the listing: ``file_kinds`` tells
images from other files, ``masks`` finds those that mark others, ``levels`` reads splits and classes
from folders. ``zip_table`` is a table in a zip with its images.

Tables: ``parquet``, ``rows``, ``saved`` and ``hub`` give ``part``s, which ``table`` turns into
listings with the help of ``cells``; ``row_files`` reads CSV and JSON; ``parquet_files`` opens
Parquet files; ``table_files`` chooses the tables of a folder. ``arrays`` are arrays of a notebook.

``naming`` knows the names of splits; ``confine`` keeps sources within a folder; ``foreign_errors``
puts errors of readers into words. Only ``data`` imports this folder.
"""
