"""The engine: one process a home that keeps torch and umap warm for what pages wait for.

Start reading in ``client.py``: one method a request. ``requests.py`` has what is asked,
``replies.py`` and ``data_replies.py`` what comes back, ``wire.py`` how both travel (JSON and raw
arrays over a loopback socket, never pickle). On the engine's side ``listener.py`` takes
connections, ``server.py`` answers, ``dispatch.py`` finds the handler (one file a request in
``handlers/``), ``preparation.py`` prepares data in the background, and ``map_fitting.py`` fits
queued UMAP maps. ``noise_control.py`` is the second UMAP of a run, by which a difference between
maps is judged.

The client's side needs nothing heavy, so that the app's server can use it; torch is imported in
``handlers/`` only. App, command line and notebook may import this room.
"""
