"""The Learn page: lessons, the glossary, and the page of a class.

``lesson.py`` draws one lesson: start reading there. Its answer is in ``lesson_answer.py``, with
``blocks.py`` and ``lesson_maps.py``; ``new_runs.py`` runs a lesson's configurations on this
machine. ``lesson_list.py`` draws all lessons, ``glossary.py`` the words, ``task_picture.py`` the
picture with which a lesson begins.

A class has three pages: ``classroom.py`` is the teacher's, with ``class_lead.py`` (the pace) and
``class_link.py`` (address and QR code); ``student.py`` and ``projector.py`` follow it. They share
``tally.py`` (predictions counted), ``seed.py`` (one seed a student) and ``pooled.py`` (all seeds).
``visitor.py`` identifies people without a name.

Only ``pages/learn.py`` imports this folder.
"""
