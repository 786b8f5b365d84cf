"""From words to a ``RunConfig`` and back: parsing, validation, the equal command line.

Page, command line and notebook make the same ``RunConfig`` here, so that equal requests are equal.
``validation.validate(config, info)`` makes a request complete, or raises ``RequestError`` with
field and remedy: start reading there. ``build.py`` has ``--set``, ``--augment``, pilots and
``command_line``; ``from_flags.py`` the flags of a command; ``evaluation_options.py`` what an
evaluation needs of the data; ``catalogue.py`` what ``workbench list`` gives.

Needs no torch: the app's server calls it before anything is launched. May be imported by jobs,
engine, stored_runs, lessons and everything above them.
"""
