"""Nearest neighbours without labels, for pages that show runs.

``sheet.py`` draws samples with their neighbours by pixels or words, by the untrained encoder and by
each run. Start reading there. ``brightness.py`` writes how well features predict brightness, colour
or length. ``unusual.py`` draws the samples that are least like the others.
"""
