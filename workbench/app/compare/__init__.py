"""The Compare page: several runs side by side.

``pages/compare.py`` is the order of its sections: start reading there. ``run_choice.py`` and
``map_choice.py`` choose the runs and their maps. ``overview.py`` draws the first table,
``summary.py`` makes the comparison and draws its sentences, ``next_step.py`` draws the decision,
``tabs.py`` the details. ``verdict_chips.py``, ``scores.py``,
``run_tables.py`` and ``learning_curves.py`` draw the numbers. ``pair.py`` compares two runs sample
by sample (``movers.py``, ``disagreement.py``), ``neighbours.py`` compares neighbours
(``shared/neighbours``, ``blind_vote.py``). ``selection.py``, ``samples_table.py``, ``groups.py``
and ``cohesion.py`` are about samples selected on the maps.

Only ``pages/compare.py`` imports this folder.
"""
