"""The Learn page: lessons, the glossary, and the page of a class.

``lesson.py`` draws one lesson: start reading there. Its answer is in ``lesson_answer.py``, with
``blocks.py`` and ``lesson_maps.py``; ``new_runs.py`` runs a lesson's configurations on this
machine. ``lesson_list.py`` draws all lessons, ``glossary.py`` the words, ``classroom.py`` the page
of a class, with ``tally.py`` (predictions counted) and ``seed.py`` (one seed a student).
``visitor.py`` identifies people without a name.

Only ``pages/learn.py`` imports this folder.
"""
