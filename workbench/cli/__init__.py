"""The ``workbench`` command. Progress goes to stderr, the answer to stdout.

``main.py`` binds the commands and turns errors into an exit status: start reading there. Commands
lie by subject: ``train`` (pretrain, pilot), ``runs`` (list, show, compare, stop, ...), ``files``
(diagnose, embed, export). ``flags.py`` holds groups of options, ``checks.py`` what is checked
before anything long begins, ``output.py`` how answers are printed, ``doctor.py`` the machine.

Nothing imports this room. What flags mean is decided in ``requests``, not here.
"""
