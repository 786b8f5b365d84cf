"""Where samples come from: one kind of source a file, each of which makes a ``Listing``."""

from __future__ import annotations
