"""What keeps a hostile file from using up the machine, or from reading what is no data.

``limits``: the most that a source may take, each a setting. ``regular_files``: a pipe, a socket or
a device is refused before it is opened. Readers of ``sources`` and ``decoding`` import this folder;
it imports nothing of theirs. Start reading in ``limits``.
"""
