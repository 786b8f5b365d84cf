"""The workbench in a notebook: few verbs, arrays in, arrays out.

``import workbench as wb`` binds the names of ``notebook.py`` on first use: start reading there
(``load``, ``pretrain``, ``compare``, ``Run``). ``comparison.py`` is several runs side by side,
``figures.py`` the maps of stored runs as figures and as linked maps in a frame.

Nothing imports this room. A notebook launches runs as the command line does, so that they show in
the app, and the other way round.
"""
