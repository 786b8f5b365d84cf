"""Parquet files as they are stored: ``open_files`` keeps readers open, and ``bounds`` finds out how
much a column unpacks to.

Start reading in ``open_files``. Only ``sources/parquet.py`` imports this folder.
"""
