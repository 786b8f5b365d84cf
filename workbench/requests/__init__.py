"""From a user's words to a ``RunConfig`` and back: parsing, validation, the equal command line.

Page, command line and notebook make the same ``RunConfig`` here, so that equal requests are equal.
``validation.validate(config, info)`` makes a request complete, or raises ``RequestError`` with
field and remedy: start reading there. ``build.py`` has ``--set``, ``--augment``, ``--config`` and
pilots. ``data_flags.py`` is the table of flags for data. ``from_flags.py`` turns a command's flags
into a ``RunConfig``, and ``command_line.py`` writes them back: who adds a flag for runs goes to
these two and to ``cli/flags.py``. ``evaluation_options.py`` checks the evaluation against the data,
and ``catalogue.py`` has the lists of ``workbench list``.

It needs no torch: the app's server calls it before anything is launched. Jobs, engine, stored_runs,
lessons and the rooms above them may import it.
"""
