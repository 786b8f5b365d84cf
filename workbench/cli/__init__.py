"""The ``workbench`` command. Progress goes to stderr, the answer to stdout.

``main.py`` has the command group and turns errors into an exit status: start reading there. The
commands are in ``train.py`` (pretrain, pilot), ``runs.py`` (runs, show, compare, stop, ...),
``files.py`` (diagnose, embed, export) and ``doctor.py``. ``flags.py`` has the options that several
commands share, ``output.py`` prints answers, and ``checks.py`` checks before anything long begins.

Nothing imports this room. The room ``requests`` turns flags into a ``RunConfig``.
"""
