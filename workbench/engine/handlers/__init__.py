"""One file a request: ``REQUEST`` names its class in ``engine/requests.py``, ``handle`` answers it.

``engine/dispatch.py`` finds the files here. To add a request: its class, its reply if it is a new
one (``engine/replies.py``), a file here, and a method of ``EngineClient``. Torch is imported inside
functions, so that the engine starts at once. ``parts/`` holds what several handlers use. Only
``dispatch.py`` imports handlers.
"""
