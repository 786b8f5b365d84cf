"""What keeps a hostile file from using up the machine, or from reading what is no data.

``limits``: the most that a source may take; each limit is a setting. ``expansion``: how large a
column of Arrow is when its values are written out. ``inflating``: the files of a zip, inflated up
to their declared sizes. ``regular_files``: pipes, sockets and devices are refused before they are
opened. ``sources`` and ``decoding`` import this folder; it imports nothing of theirs. What a format
needs beyond this is beside its reader: ``sources/archive.py``, ``sources/parquet_files/``. Start
reading in ``limits``.
"""
