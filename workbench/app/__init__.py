"""The app: Streamlit pages for everything that runs show and take.

``server.py`` is ``workbench app``, the process that serves the pages; ``settings.py`` is what it
was started with. ``border.py`` and ``hosts.py`` check every request. ``plain.py`` escapes text that
people or files bring. ``entry.py`` lists the pages: start reading there. A page is a thin file in
the top-level folder ``pages``; what it draws lies here, in the folder of its name. ``shared/`` has
what several pages use, ``sidebar.py`` is beside every page, ``menu.py`` is in it.

Only this room and ``pages`` know Streamlit. They import nothing heavy (no torch, umap, sklearn or
datasets), read runs through ``stored_runs`` and leave the rest to the engine. Only ``cli`` imports
this room, to start the server.
"""
