"""The health of a home: what in it is damaged, and mending it.

``checkup.py`` has ``check(home)``, which reads and changes nothing: start reading there.
``findings.py`` has the record of one finding. ``run_files.py`` checks the files of one run.
``repair.py`` mends one finding, with ``remaking.py`` for files that are made again from others.
Nothing is lost: what cannot be made again is moved to ``HOME/damaged/DATE/``.

It needs numpy and pyarrow alone, apart from data sets that are prepared again.
"""
