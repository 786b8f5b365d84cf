"""The pretext tasks, one file each: idea, options, views, loss.

Start reading in ``simclr.py``, a task of images, or ``mlm.py``, one of texts; ``base.py`` says what
a task is, and ``docs/how-to/add-a-task.md`` builds one from nothing. ``api.py`` is the one import
of a task file, ``records.py`` holds batches, views and outputs, ``families.py`` the groups on the
screen, ``broken.py`` presets that break a task on purpose, ``parts/`` what several tasks share.

Tasks import data, augmentations and encoders. ``training`` and the rooms above it import tasks;
they get the classes from ``workbench.registry`` and know none by name.
"""
