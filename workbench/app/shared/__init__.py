"""What several pages use.

Start reading in ``session.py``: the home, its store and engine, the viewer, runs by id. Runs in
words are in ``run_words.py`` and ``run_result.py``, errors in ``messages.py``. ``current_data.py``
decides which data set a page means; ``data_choice.py`` writes it into the address and prepares it.
``maps.py`` draws linked maps, with ``linked_map.py`` (the component),
``map_colours.py``, ``map_selection.py`` and ``map_noise.py``. ``option_form.py`` makes a form of
declared options, ``section.py`` a folded part, ``figure.py`` draws a figure.

All pages may import this folder; it imports none of theirs.
"""
