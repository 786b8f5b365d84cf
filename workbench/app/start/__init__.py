"""The Start page.

``quiz.py`` asks which of three stored models is broken, ``first_steps.py`` has the three buttons
below. Only ``pages/start.py`` imports this folder.
"""
